//! How enrolments are kept.

use chrono::NaiveDate;
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
    },
    organization::{department::Department, organization::Organization, person::Person},
    support::education::{
        campaign::{CampaignState, EducationCampaign, EducationCampaignDraft, LearnerRow},
        enrolment::{
            CampaignTerms, Completion, CompletionBasis, Enrolment, EnrolmentAction, EnrolmentDraft, EnrolmentState,
            Exclusion,
        },
    },
};

use self::enrolment as e;
use super::{
    campaign::{self, education_campaign as c},
    duty,
};
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within, require_within},
    },
    on,
    organization::{department::department as d, person::person as p},
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    enrolment (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        campaign_id -> Key,
        person_id -> Key,
        state -> Text,
        due_on -> Date,
        joined_within -> Bool,
        invited_at -> Nullable<Moment>,
        reminded_at -> Nullable<Moment>,
        started_on -> Nullable<Date>,
        completion -> Nullable<Document>,
        exclusion -> Nullable<Document>,
        survey_answered -> Bool,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = e, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Enrolment>,
    revision: i32,
    campaign_id: KeyColumn<EducationCampaign>,
    person_id: KeyColumn<Person>,
    state: WordColumn<EnrolmentState>,
    due_on: NaiveDate,
    joined_within: bool,
    invited_at: Option<MomentColumn>,
    reminded_at: Option<MomentColumn>,
    started_on: Option<NaiveDate>,
    completion: Option<DocumentColumn<Completion>>,
    exclusion: Option<DocumentColumn<Exclusion>>,
    survey_answered: bool,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

/// Name, first and last day, and department of the learner.
type LearnerColumns = (String, NaiveDate, Option<NaiveDate>, Option<KeyColumn<Department>>, Option<String>);
/// State and draft of the campaign.
type CampaignColumns = (WordColumn<CampaignState>, DocumentColumn<EducationCampaignDraft>);

impl Row {
    fn of(enrolment: &Enrolment, organization_id: KeyColumn<Organization>) -> Self {
        let Enrolment {
            id,
            revision,
            draft,
            person: _,
            department: _,
            campaign: _,
            terms,
            at_work: _,
            state,
            due_on,
            joined_within,
            overdue: _,
            invited_at,
            reminded_at,
            started_on,
            completion,
            exclusion,
            survey_answered,
            allowed_actions: _,
            created_at,
            updated_at,
        } = enrolment;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            campaign_id: KeyColumn(terms.campaign_id),
            person_id: KeyColumn(draft.person_id),
            state: WordColumn(*state),
            due_on: *due_on,
            joined_within: *joined_within,
            invited_at: invited_at.map(MomentColumn),
            reminded_at: reminded_at.map(MomentColumn),
            started_on: *started_on,
            completion: completion.clone().map(DocumentColumn),
            exclusion: exclusion.clone().map(DocumentColumn),
            survey_answered: *survey_answered,
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_enrolment(self, learner: LearnerColumns, campaign: CampaignColumns, today: NaiveDate) -> Enrolment {
        let (name, joined_on, left_on, department, department_name) = learner;
        let (state, plan) = campaign;
        let mut enrolment = Enrolment {
            id: self.id.0,
            revision: self.revision,
            draft: EnrolmentDraft { person_id: self.person_id.0 },
            person: Reference::new(self.person_id.0, name),
            department: department.zip(department_name).map(|(id, name)| Reference::new(id.0, name)),
            campaign: Reference::new(self.campaign_id.0, plan.0.name.as_str()),
            at_work: true,
            terms: CampaignTerms::of(self.campaign_id.0, state.0, &plan.0),
            state: self.state.0,
            due_on: self.due_on,
            joined_within: self.joined_within,
            overdue: false,
            invited_at: self.invited_at.map(|at| at.0),
            reminded_at: self.reminded_at.map(|at| at.0),
            started_on: self.started_on,
            completion: self.completion.map(|completion| completion.0),
            exclusion: self.exclusion.map(|exclusion| exclusion.0),
            survey_answered: self.survey_answered,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        enrolment.derive(joined_on, left_on, today);
        enrolment
    }
}

/// Which enrolments are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Enrolment>>,
    /// Of people whose name contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// In one of these campaigns; in any where there are none.
    pub campaigns: Vec<Id<EducationCampaign>>,
    /// Of this person.
    pub person: Option<Id<Person>>,
    /// In this state.
    pub state: Option<EnrolmentState>,
    /// Whether it is still to be completed.
    pub waiting: Option<bool>,
}

/// A page of enrolments within the caller's reach, by a link its one alone; sorts by `due_on` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Enrolment>> {
    let within = tx.within(Resource::TrainingRecord, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<Enrolment>> {
    let grants = Grants::of::<Enrolment>(tx)?;
    let (organization, today, linked) = (tx.organization(), tx.today(), tx.context().enrolment);
    let campaigns: Vec<_> = filter.campaigns.iter().copied().map(KeyColumn).collect();
    let open = WordColumn(CampaignState::Open);
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = e::table
                .inner_join(p::table.on(p::organization_id.eq(e::organization_id).and(p::id.eq(e::person_id))))
                .inner_join(c::table.on(c::organization_id.eq(e::organization_id).and(c::id.eq(e::campaign_id))))
                .left_join(
                    d::table.on(d::organization_id.eq(p::organization_id).and(d::id.nullable().eq(p::department_id))),
                )
                .filter(e::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                let own = e::person_id.among(&within.own);
                query = query.filter(own.or(p::department_id.among(&within.departments)));
            }
            for id in [filter.id, linked].into_iter().flatten() {
                query = query.filter(e::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(p::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(e::updated_at.ge(MomentColumn(since)));
            }
            if !campaigns.is_empty() {
                query = query.filter(e::campaign_id.among(&campaigns));
            }
            if let Some(person) = filter.person {
                query = query.filter(e::person_id.eq(KeyColumn(person)));
            }
            // While the campaign is open, who left is excluded, whatever was before.
            let stays = || c::state.ne(open).or(p::left_on.is_null()).or(p::left_on.ge(today));
            let gone = || c::state.eq(open).and(p::left_on.lt(today));
            query = match filter.state {
                None => query,
                Some(EnrolmentState::Excluded) => {
                    query.filter(e::state.eq(WordColumn(EnrolmentState::Excluded)).or(gone()))
                }
                Some(state) => query.filter(e::state.eq(WordColumn(state))).filter(stays()),
            };
            let begun = [EnrolmentState::Invited, EnrolmentState::Studying].map(WordColumn);
            let waits = || e::state.eq(begun[0]).or(e::state.eq(begun[1]));
            match filter.waiting {
                None => query,
                Some(true) => query.filter(waits()).filter(stays()),
                Some(false) => query.filter(diesel::dsl::not(waits()).or(gone())),
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, e::updated_at, e::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, e::due_on, e::id, NaiveDate),
        };
        let learner = (p::name, p::joined_on, p::left_on, p::department_id, d::name.nullable());
        let columns = (Row::as_select(), learner, (c::state, c::content));
        let rows: Vec<(Row, LearnerColumns, CampaignColumns)> = query.limit(one_more(page)).select(columns).load(tx)?;
        (rows, total)
    });
    let mut enrolments: Vec<Enrolment> =
        rows.into_iter().map(|(row, learner, campaign)| row.into_enrolment(learner, campaign, today)).collect();
    for enrolment in &mut enrolments {
        enrolment.allowed_actions = open_to(tx, enrolment, &grants);
    }
    Ok(cut(enrolments, page, total, |enrolment: &Enrolment| match page.sort_field() {
        "updated_at" => (serde_json::json!(enrolment.updated_at), enrolment.id.uuid()),
        _ => (serde_json::json!(enrolment.due_on), enrolment.id.uuid()),
    }))
}

/// The steps of an enrolment that are open to the caller: the learner's own to the learner alone, the others to who runs
/// the campaign.
fn open_to(tx: &Tx<'_>, enrolment: &Enrolment, grants: &Grants) -> Vec<EnrolmentAction> {
    let mine = tx.standing().person == Some(enrolment.draft.person_id);
    let mut open = grants.open(enrolment, |within| within.all);
    open.retain(|action| !action.is_the_learners());
    if mine {
        let own = KeyColumn(enrolment.draft.person_id);
        let own = grants.open(enrolment, |within| within.all || within.own.contains(&own));
        open.extend(own.into_iter().filter(|action| action.is_the_learners()));
    }
    open.retain(|action| enrolment.campaign_allows(*action));
    open
}

/// One enrolment within the caller's reach.
pub fn find(tx: &mut Tx<'_>, id: Id<Enrolment>) -> Outcome<Loaded<Enrolment>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One enrolment within the caller's reach, to take a step: the learner's own is the learner's alone, the others take
/// everybody's records.
pub fn find_for(tx: &mut Tx<'_>, id: Id<Enrolment>, action: EnrolmentAction) -> Outcome<Loaded<Enrolment>> {
    let enrolment = find(tx, id)?;
    let mine = tx.standing().person == Some(enrolment.draft.person_id);
    let all = tx.within(Resource::TrainingRecord, Verb::Execute)?.all;
    require_within(if action.is_the_learners() { mine } else { all })?;
    Ok(enrolment)
}

/// One enrolment of the caller; `None` where it is nobody's or somebody else's.
pub(super) fn own(tx: &mut Tx<'_>, id: Id<Enrolment>) -> Outcome<Option<Loaded<Enrolment>>> {
    let caller = tx.standing().person;
    let own = Within { own: caller.into_iter().map(KeyColumn).collect(), ..Within::default() };
    let filter = Filter { id: Some(id), ..Filter::default() };
    Ok(list_within(tx, &filter, &PageRequest::one(), &own)?.items.pop().map(Loaded::new))
}

/// One enrolment, whoever asks.
pub fn look_up(tx: &mut Tx<'_>, id: Id<Enrolment>) -> Outcome<Loaded<Enrolment>> {
    let (filter, within) = (Filter { id: Some(id), ..Filter::default() }, Within::everything());
    list_within(tx, &filter, &PageRequest::one(), &within)?.items.pop().or_not_found().map(Loaded::new)
}

/// All enrolments in a campaign, whoever asks.
pub(super) fn of_campaign(tx: &mut Tx<'_>, campaign: Id<EducationCampaign>) -> Outcome<Vec<Enrolment>> {
    of_campaigns(tx, vec![campaign], &Within::everything())
}

/// All enrolments in these campaigns that lie within a reach, by department and name.
pub(super) fn of_campaigns(
    tx: &mut Tx<'_>,
    campaigns: Vec<Id<EducationCampaign>>,
    within: &Within,
) -> Outcome<Vec<Enrolment>> {
    if campaigns.is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter { campaigns, ..Filter::default() };
    let mut enrolments = list_within(tx, &filter, &PageRequest::whole(), within)?.items;
    let name = |reference: &Reference| (reference.name.clone(), reference.id);
    enrolments.sort_by_key(|one| {
        let department = one.department.as_ref();
        (department.is_none(), department.map(name), name(&one.person))
    });
    Ok(enrolments)
}

/// The learners of a campaign as they stand.
pub(super) fn rows(tx: &mut Tx<'_>, campaign: Id<EducationCampaign>, within: &Within) -> Outcome<Vec<LearnerRow>> {
    let enrolments = of_campaigns(tx, vec![campaign], within)?;
    Ok((1..).zip(enrolments).map(|(number, enrolment)| enrolment.into_row(number)).collect())
}

/// Enrols somebody.
pub fn add(tx: &mut Tx<'_>, enrolment: &Enrolment) -> Outcome<Enrolment> {
    let row = Row::of(enrolment, tx.organization());
    on!(tx, diesel::insert_into(e::table).values(&row).execute(tx))?;
    let added = look_up(tx, enrolment.id)?.value;
    tx.record(Resource::TrainingRecord, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed enrolment over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut enrolment: Loaded<Enrolment>) -> Outcome<Enrolment> {
    enrolment.revision += 1;
    enrolment.updated_at = tx.now();
    let row = Row::of(&enrolment, tx.organization());
    let read = e::table.find((row.organization_id, row.id)).filter(e::revision.eq(enrolment.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, enrolment.id)?.value;
    tx.record(Resource::TrainingRecord, stored.id.uuid(), Some(&enrolment.original), &stored)?;
    Ok(stored)
}

/// A learner passed the test of the campaign.
pub fn complete(tx: &mut Tx<'_>, id: Id<Enrolment>, on: NaiveDate) -> Outcome<Enrolment> {
    let mut enrolment = look_up(tx, id)?;
    enrolment.pass(CompletionBasis::Passed, on)?;
    store_completed(tx, enrolment)
}

/// Stores an enrolment that was completed.
pub fn store_completed(tx: &mut Tx<'_>, enrolment: Loaded<Enrolment>) -> Outcome<Enrolment> {
    let stored = store(tx, enrolment)?;
    settle(tx, &stored)?;
    Ok(stored)
}

/// What the learner owed of the themes of a campaign is done when they completed it.
pub(super) fn settle(tx: &mut Tx<'_>, enrolment: &Enrolment) -> Outcome<()> {
    let Some(done) = &enrolment.completion else { return Ok(()) };
    let id = enrolment.terms.campaign_id;
    let themes = campaign::look_up(tx, id)?.value.draft.themes;
    duty::fulfil(tx, &themes, &[enrolment.draft.person_id], done.completed_on, id.uuid())
}
