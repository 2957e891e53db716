//! What a learner sees of their campaigns, and the links by which who has no login sees it.
//!
//! A link is not kept. It names organization and enrolment, and proves that the service made it for the epoch of that
//! enrolment: a new one makes those before it worthless. Whether it still opens anything is asked with every request.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Scope, Standing, Verb},
    integration::event::EventKind,
    kernel::{date::date_in, id::Id, page::PageRequest},
    organization::{department::Department, organization::Organization, person::Person},
    support::education::{
        campaign::{CampaignState, EducationCampaign},
        enrolment::{Enrolment, EnrolmentState},
        learning::Course,
        material::{EducationMaterial, MaterialState},
    },
};
use serde_json::json;
use uuid::Uuid;

use self::learning_link as l;
use super::{
    attempt,
    campaign::{self, education_campaign as c},
    enrolment::{self, enrolment as e},
    material, test,
};
use crate::{
    identity::session::{Caller, CredentialKind, zone},
    kernel::{
        columns::{KeyColumn, WordColumn},
        conn::Conn,
        failure::{OrNotFound, Outcome},
        loaded::Loaded,
        tx::Tx,
    },
    on,
    organization::{organization::organization as o, person::person as p},
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    learning_link (organization_id, enrolment_id) {
        organization_id -> Key,
        enrolment_id -> Key,
        epoch -> Integer,
    }
}

/// What a link lets its holder do, on their own records.
const SCOPES: [Scope; 4] = [
    Scope { resource: Resource::TrainingRecord, verb: Verb::Read },
    Scope { resource: Resource::TrainingRecord, verb: Verb::Execute },
    Scope { resource: Resource::TestAttempt, verb: Verb::Read },
    Scope { resource: Resource::TestAttempt, verb: Verb::Create },
];

/// Who presents a link to an enrolment; `None` where it is not genuine or opens nothing any more: the campaign is closed or
/// over, the learner does not work here, or takes no part. One query: it runs with every request.
pub fn authenticate(
    conn: &mut Conn,
    organization: Uuid,
    enrolment: Uuid,
    genuine: impl Fn(i32) -> bool,
    now: DateTime<Utc>,
) -> Outcome<Option<Caller>> {
    let columns = (
        (e::state, e::due_on, c::state, c::period_end),
        (p::id, p::name, p::department_id, p::joined_on, p::left_on),
        o::time_zone,
        l::epoch.nullable(),
    );
    type Link = (WordColumn<EnrolmentState>, NaiveDate, WordColumn<CampaignState>, NaiveDate);
    type Learner = (KeyColumn<Person>, String, Option<KeyColumn<Department>>, NaiveDate, Option<NaiveDate>);
    let found: Option<(Link, Learner, String, Option<i32>)> = on!(
        conn,
        e::table
            .inner_join(c::table.on(c::organization_id.eq(e::organization_id).and(c::id.eq(e::campaign_id))))
            .inner_join(p::table.on(p::organization_id.eq(e::organization_id).and(p::id.eq(e::person_id))))
            .inner_join(o::table.on(o::organization_id.eq(e::organization_id)))
            .left_join(l::table.on(l::organization_id.eq(e::organization_id).and(l::enrolment_id.eq(e::id))))
            .filter(e::organization_id.eq(KeyColumn::<Organization>::of(organization)))
            .filter(e::id.eq(KeyColumn::<Enrolment>::of(enrolment)))
            .select(columns)
            .first(conn)
    )
    .optional()?;
    let Some((link, (person, name, department, joined_on, left_on), time_zone, epoch)) = found else { return Ok(None) };
    let (state, due_on, campaign, period_end) = link;
    let time_zone = zone(&time_zone)?;
    let today = date_in(time_zone, now);
    let works_here = joined_on <= today && left_on.is_none_or(|left| today <= left);
    let opens = campaign.0 == CampaignState::Open
        && state.0 != EnrolmentState::Excluded
        && today <= Enrolment::last_day_of_link(period_end, due_on);
    if !genuine(epoch.unwrap_or_default()) || !works_here || !opens {
        return Ok(None);
    }
    Ok(Some(Caller {
        principal: None,
        credential: enrolment,
        organization: Id::from_uuid(organization),
        time_zone,
        name: name.into(),
        person: person.0,
        standing: Standing {
            person: Some(person.0),
            department: department.map(|id| id.0),
            scopes: Some(SCOPES.into_iter().collect()),
            ..Standing::default()
        }
        .into(),
        enrolment: Some(Id::from_uuid(enrolment)),
        kind: CredentialKind::LearningLink,
        last_used_on: None,
    }))
}

/// The epoch that a link to an enrolment is made for.
pub fn epoch(tx: &mut Tx<'_>, enrolment: Id<Enrolment>) -> Outcome<i32> {
    let kept = l::table.find((tx.organization(), KeyColumn(enrolment))).select(l::epoch);
    let kept: Option<i32> = on!(tx, kept.first(tx)).optional()?;
    Ok(kept.unwrap_or_default())
}

/// Begins a new epoch: the links before it open nothing any more.
pub fn renew(tx: &mut Tx<'_>, enrolment: Id<Enrolment>) -> Outcome<i32> {
    let (organization, next) = (tx.organization(), epoch(tx, enrolment)? + 1);
    let key = (l::organization_id.eq(organization), l::enrolment_id.eq(KeyColumn(enrolment)));
    match next {
        1 => on!(tx, diesel::insert_into(l::table).values((key, l::epoch.eq(next))).execute(tx))?,
        _ => {
            let kept = l::table.find((organization, KeyColumn(enrolment)));
            on!(tx, diesel::update(kept).set(l::epoch.eq(next)).execute(tx))?
        }
    };
    tx.log(EventKind::Created, "learning_link", Some(enrolment.uuid()), None, Some(json!({ "epoch": next })))?;
    Ok(next)
}

/// The open campaigns that the caller is enrolled in, the one that is due first at the front.
pub fn courses(tx: &mut Tx<'_>) -> Outcome<Vec<Course>> {
    let mut enrolments = of_caller(tx, Vec::new())?;
    let mut campaigns = campaign::open_ones(tx)?;
    enrolments.retain(|enrolment| campaigns.iter().any(|campaign| campaign.id == enrolment.terms.campaign_id));
    campaigns.retain(|campaign| enrolments.iter().any(|enrolment| enrolment.terms.campaign_id == campaign.id));
    let ids: Vec<_> = campaigns.iter().map(|campaign| campaign.id).collect();
    let materials = match ids.is_empty() {
        true => Vec::new(),
        false => {
            let state = Some(MaterialState::InUse);
            let filter = material::Filter { campaigns: ids, state, ..material::Filter::default() };
            let page = PageRequest { sort: "created_at".into(), ..PageRequest::whole() };
            material::list(tx, &filter, &page)?.items
        }
    };
    let ids = campaigns.iter().filter_map(|campaign| campaign.draft.test_id).collect();
    let filter = test::Filter { ids: Some(ids), ..test::Filter::default() };
    let tests = test::list(tx, &filter, &PageRequest::whole())?.items;
    let tests = test::shown(tx, tests)?;
    let attempts = attempt::of_enrolments(tx, enrolments.iter().map(|enrolment| enrolment.id).collect())?;
    let courses = enrolments.into_iter().filter_map(|enrolment| {
        let campaign = campaigns.iter().find(|campaign| campaign.id == enrolment.terms.campaign_id)?;
        let test = tests.iter().find(|test| campaign.draft.test_id == Some(test.id)).cloned();
        Some(Course::of(enrolment, campaign, &materials, test, &attempts))
    });
    Ok(courses.collect())
}

/// The caller's enrolments in these campaigns, or in any, that they take part in: the one that is due first at the front.
fn of_caller(tx: &mut Tx<'_>, campaigns: Vec<Id<EducationCampaign>>) -> Outcome<Vec<Enrolment>> {
    let Some(person) = tx.standing().person else { return Ok(Vec::new()) };
    let filter = enrolment::Filter { person: Some(person), campaigns, ..enrolment::Filter::default() };
    let page = PageRequest { sort: "due_on".into(), ..PageRequest::whole() };
    let mut enrolments = enrolment::list(tx, &filter, &page)?.items;
    enrolments.retain(|one| one.terms.state == CampaignState::Open && one.state != EnrolmentState::Excluded);
    Ok(enrolments)
}

/// A material that the caller is to read.
pub fn material(tx: &mut Tx<'_>, id: Id<EducationMaterial>) -> Outcome<EducationMaterial> {
    let material = material::find(tx, id)?.value;
    let enrolled = of_caller(tx, vec![material.campaign_id])?;
    let readable = material.state == MaterialState::InUse && !enrolled.is_empty();
    readable.then_some(material).or_not_found()
}

/// The caller reads a material: with it they begin (§5.5).
pub fn begin(tx: &mut Tx<'_>, material: &EducationMaterial) -> Outcome<()> {
    for enrolment in of_caller(tx, vec![material.campaign_id])? {
        if enrolment.state == EnrolmentState::Invited {
            let mut enrolment = Loaded::new(enrolment);
            enrolment.start(tx.today())?;
            enrolment::store(tx, enrolment)?;
        }
    }
    Ok(())
}
