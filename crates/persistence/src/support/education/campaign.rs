//! How education campaigns are kept: the plan and the training record in one row (D26, D28).

use chrono::NaiveDate;
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role, Standing, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        refusal::{Code, Refusal},
        sign_off::{SignOff, Signature},
        text::normalized,
        transition::Stateful,
    },
    organization::organization::Organization,
    support::education::{
        campaign::{
            CampaignAction, CampaignExtension, CampaignState, EducationCampaign, EducationCampaignDraft, LearnerList,
            LearnerRow, TrainingRecord, TrainingRecordDraft,
        },
        effectiveness::{EducationFigures, Taught},
        test::{Test, TestState},
    },
};

use self::education_campaign as c;
use super::{
    audience::{self, Members},
    enrolment, test,
};
use crate::{
    kernel::{
        among::AmongExt,
        columns::{DocumentColumn, KeyColumn, MomentColumn, TextColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, Within},
    },
    leadership::appointment::Approvers,
    on, sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    education_campaign (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        name -> Text,
        fiscal_year -> Integer,
        period_start -> Date,
        period_end -> Date,
        test_id -> Nullable<Key>,
        content -> Document,
        state -> Text,
        sign_off -> Document,
        cancelled -> Nullable<Document>,
        opened -> Nullable<Document>,
        extensions -> Document,
        closed -> Nullable<Document>,
        record -> Nullable<Document>,
        record_figures -> Nullable<Document>,
        record_sign_off -> Nullable<Document>,
        learners -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it is filtered, sorted or joined stands beside it. The learners that the training
/// record keeps are read and written by themselves.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = c, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<EducationCampaign>,
    revision: i32,
    name: TextColumn<1, 200>,
    fiscal_year: i32,
    period_start: NaiveDate,
    period_end: NaiveDate,
    test_id: Option<KeyColumn<Test>>,
    content: DocumentColumn<EducationCampaignDraft>,
    state: WordColumn<CampaignState>,
    sign_off: DocumentColumn<SignOff>,
    cancelled: Option<DocumentColumn<Signature>>,
    opened: Option<DocumentColumn<Signature>>,
    extensions: DocumentColumn<Vec<CampaignExtension>>,
    closed: Option<DocumentColumn<Signature>>,
    record: Option<DocumentColumn<TrainingRecordDraft>>,
    record_figures: Option<DocumentColumn<EducationFigures>>,
    record_sign_off: Option<DocumentColumn<SignOff>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(campaign: &EducationCampaign, organization_id: KeyColumn<Organization>) -> Self {
        let EducationCampaign {
            id,
            revision,
            draft,
            audience_members: _,
            state,
            sign_off,
            cancelled,
            opened,
            extensions,
            closed,
            overdue: _,
            record,
            allowed_actions: _,
            created_at,
            updated_at,
        } = campaign;
        let record = record.clone().map(|TrainingRecord { draft, figures, sign_off }| (draft, figures, sign_off));
        let (record, record_figures, record_sign_off) = match record {
            None => (None, None, None),
            Some((draft, figures, sign_off)) => (Some(draft), figures, Some(sign_off)),
        };
        let search = [draft.name.as_str(), draft.purpose.as_str(), draft.textbook.as_str(), draft.remarks.as_str()];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            name: TextColumn(draft.name.clone()),
            fiscal_year: draft.fiscal_year,
            period_start: draft.period_start,
            period_end: draft.period_end,
            test_id: draft.test_id.map(KeyColumn),
            content: DocumentColumn(draft.clone()),
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            cancelled: cancelled.clone().map(DocumentColumn),
            opened: opened.clone().map(DocumentColumn),
            extensions: DocumentColumn(extensions.clone()),
            closed: closed.clone().map(DocumentColumn),
            record: record.map(DocumentColumn),
            record_figures: record_figures.map(DocumentColumn),
            record_sign_off: record_sign_off.map(DocumentColumn),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_campaign(self, today: NaiveDate) -> EducationCampaign {
        let figures = self.record_figures.map(|figures| figures.0);
        let record = self.record.zip(self.record_sign_off);
        let mut campaign = EducationCampaign {
            id: self.id.0,
            revision: self.revision,
            draft: self.content.0,
            audience_members: Vec::new(),
            state: self.state.0,
            sign_off: self.sign_off.0,
            cancelled: self.cancelled.map(|cancelled| cancelled.0),
            opened: self.opened.map(|opened| opened.0),
            extensions: self.extensions.0,
            closed: self.closed.map(|closed| closed.0),
            overdue: false,
            record: record.map(|(draft, sign_off)| TrainingRecord { draft: draft.0, figures, sign_off: sign_off.0 }),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        campaign.derive(today);
        campaign
    }
}

/// Who approves a campaign's sections (§4.2): the plan top management, the training record the chair, or who stands in.
pub struct Signers {
    /// Of the plan.
    pub plan: Approvers,
    /// Of the training record.
    pub record: Approvers,
}

impl Signers {
    /// Those of today.
    pub fn of(tx: &mut Tx<'_>) -> Outcome<Self> {
        Ok(Self {
            plan: Approvers::along(tx, "SD-1", Role::TopManagement)?,
            record: Approvers::along(tx, "SD-1", Role::SecurityCommitteeChair)?,
        })
    }

    /// The steps of a campaign that are open to the caller.
    fn open_to(&self, campaign: &EducationCampaign, grants: &Grants, caller: &Standing) -> Vec<CampaignAction> {
        let mut open = grants.open(campaign, |within| within.all);
        open.retain(|action| match action {
            CampaignAction::Approve => self.plan.may_approve(caller, campaign.preparer()),
            CampaignAction::ApproveRecord => {
                campaign.record_preparer().is_some_and(|preparer| self.record.may_approve(caller, preparer))
            }
            _ => true,
        } && campaign.record_allows(*action));
        open
    }
}

/// Which campaigns are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<EducationCampaign>>,
    /// With this in name, purpose, textbook or remarks.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of this fiscal year.
    pub fiscal_year: Option<i32>,
    /// In this state.
    pub state: Option<CampaignState>,
    /// With a period that ends in this time.
    pub ends_between: Option<(NaiveDate, NaiveDate)>,
}

/// A page of campaigns; sorts by `period_start`, `name` and `updated_at`. Everybody who works here reads the plans; the
/// training record only who reads training records.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<EducationCampaign>> {
    let reads_records = tx.standing().reach(Resource::TrainingRecord, Verb::Read).is_some();
    let mut campaigns = list_whole(tx, filter, page)?;
    if !reads_records {
        for campaign in &mut campaigns.items {
            campaign.record = None;
        }
    }
    Ok(campaigns)
}

fn list_whole(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<EducationCampaign>> {
    let (grants, signers) = (Grants::of::<EducationCampaign>(tx)?, Signers::of(tx)?);
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = c::table.filter(c::organization_id.eq(organization)).into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(c::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(c::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(c::updated_at.ge(MomentColumn(since)));
            }
            if let Some(year) = filter.fiscal_year {
                query = query.filter(c::fiscal_year.eq(year));
            }
            if let Some(state) = filter.state {
                query = query.filter(c::state.eq(WordColumn(state)));
            }
            if let Some((from, until)) = filter.ends_between {
                query = query.filter(c::period_end.ge(from)).filter(c::period_end.le(until));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "name" => sorted!(filtered(), page, c::name, c::id, String),
            "updated_at" => sorted!(filtered(), page, c::updated_at, c::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, c::period_start, c::id, NaiveDate),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let mut campaigns: Vec<EducationCampaign> = rows.into_iter().map(|row| row.into_campaign(today)).collect();
    let members = Members::of(tx, campaigns.iter().map(|campaign| &campaign.draft.audience))?;
    for campaign in &mut campaigns {
        campaign.audience_members = members.references(&campaign.draft.audience);
        campaign.allowed_actions = signers.open_to(campaign, &grants, tx.standing());
    }
    Ok(cut(campaigns, page, total, |campaign: &EducationCampaign| match page.sort_field() {
        "name" => (serde_json::json!(campaign.draft.name), campaign.id.uuid()),
        "updated_at" => (serde_json::json!(campaign.updated_at), campaign.id.uuid()),
        _ => (serde_json::json!(campaign.draft.period_start), campaign.id.uuid()),
    }))
}

/// One campaign, as the caller reads it.
pub fn find(tx: &mut Tx<'_>, id: Id<EducationCampaign>) -> Outcome<EducationCampaign> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found()
}

/// One campaign, to take a step: whole, whoever asks.
pub fn look_up(tx: &mut Tx<'_>, id: Id<EducationCampaign>) -> Outcome<Loaded<EducationCampaign>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_whole(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// Adds a new campaign.
pub fn add(tx: &mut Tx<'_>, campaign: &EducationCampaign) -> Outcome<EducationCampaign> {
    check(tx, &campaign.draft, None)?;
    let row = Row::of(campaign, tx.organization());
    on!(tx, diesel::insert_into(c::table).values(&row).execute(tx))?;
    let added = look_up(tx, campaign.id)?.value;
    tx.record(Resource::EducationPlan, added.id.uuid(), None, &added)?;
    find(tx, added.id)
}

/// Stores a changed campaign over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut campaign: Loaded<EducationCampaign>) -> Outcome<EducationCampaign> {
    check(tx, &campaign.draft, Some(&campaign.original.draft))?;
    campaign.revision += 1;
    campaign.updated_at = tx.now();
    let row = Row::of(&campaign, tx.organization());
    let read = c::table.find((row.organization_id, row.id)).filter(c::revision.eq(campaign.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, campaign.id)?.value;
    tx.record(Resource::EducationPlan, stored.id.uuid(), Some(&campaign.original), &stored)?;
    find(tx, stored.id)
}

/// Refuses an audience or a test that is not there; a retired test may stay where it was named before.
fn check(tx: &mut Tx<'_>, draft: &EducationCampaignDraft, before: Option<&EducationCampaignDraft>) -> Outcome<()> {
    if before.is_none_or(|before| before.audience != draft.audience) {
        audience::check(tx, &draft.audience, before.map(|before| &before.audience))?;
    }
    match draft.test_id {
        Some(id) if before.is_none_or(|before| before.test_id != Some(id)) => match look_up_test(tx, id)? {
            Some(test) if test.state != TestState::Retired => Ok(()),
            _ => Err(Refusal::field("/test_id", Code::UnknownReference).into()),
        },
        _ => Ok(()),
    }
}

fn look_up_test(tx: &mut Tx<'_>, id: Id<Test>) -> Outcome<Option<Test>> {
    let filter = test::Filter { ids: Some(vec![id]), ..test::Filter::default() };
    Ok(test::list(tx, &filter, &PageRequest::one())?.items.pop())
}

/// The test of a campaign, where it has one.
pub(super) fn test_of(tx: &mut Tx<'_>, campaign: &EducationCampaign) -> Outcome<Option<Test>> {
    campaign.draft.test_id.map_or(Ok(None), |id| look_up_test(tx, id))
}

/// The test of a campaign, where it has one; refused while it is not published (§5.5).
pub(super) fn published_test(tx: &mut Tx<'_>, campaign: &EducationCampaign) -> Outcome<Option<Test>> {
    let test = test_of(tx, campaign)?;
    match (campaign.draft.test_id, &test) {
        (Some(_), Some(Test { state: TestState::Published, .. })) | (None, _) => Ok(test),
        _ => Err(Refusal::not_ready(["/test_id"]).by("R-16").into()),
    }
}

/// Every campaign that is open, whoever asks.
pub(super) fn open_ones(tx: &mut Tx<'_>) -> Outcome<Vec<EducationCampaign>> {
    let filter = Filter { state: Some(CampaignState::Open), ..Filter::default() };
    Ok(list_whole(tx, &filter, &PageRequest::whole())?.items)
}

/// The learners of a campaign within the caller's reach: those that its training record keeps, or as they stand.
pub fn learners(tx: &mut Tx<'_>, campaign: &EducationCampaign) -> Outcome<LearnerList> {
    let within = tx.within(Resource::TrainingRecord, Verb::Read)?;
    match kept(tx, campaign)? {
        None => Ok(LearnerList { rows: enrolment::rows(tx, campaign.id, &within)?, kept: false }),
        Some(rows) => Ok(LearnerList { rows: within_reach(rows, &within), kept: true }),
    }
}

/// The learners that the training record of a campaign keeps from its submission on.
fn kept(tx: &mut Tx<'_>, campaign: &EducationCampaign) -> Outcome<Option<Vec<LearnerRow>>> {
    Ok(kept_by(tx, &[campaign.id])?.pop().map(|(_, rows)| rows))
}

/// A campaign and its learners, where its training record keeps them.
type Kept = (KeyColumn<EducationCampaign>, Option<DocumentColumn<Vec<LearnerRow>>>);

/// The learners that the training records of these campaigns keep, as far as they keep any.
pub(super) fn kept_by(
    tx: &mut Tx<'_>,
    campaigns: &[Id<EducationCampaign>],
) -> Outcome<Vec<(Id<EducationCampaign>, Vec<LearnerRow>)>> {
    let (organization, campaigns) = (tx.organization(), campaigns.iter().copied().map(KeyColumn).collect::<Vec<_>>());
    let kept: Vec<Kept> = on!(
        tx,
        c::table
            .filter(c::organization_id.eq(organization))
            .filter(c::id.among(&campaigns))
            .filter(c::learners.is_not_null())
            .select((c::id, c::learners))
            .load(tx)
    )?;
    Ok(kept.into_iter().filter_map(|(id, rows)| Some((id.0, rows?.0))).collect())
}

/// Of the learners that a training record keeps, those within a reach.
pub(super) fn within_reach(mut rows: Vec<LearnerRow>, within: &Within) -> Vec<LearnerRow> {
    rows.retain(|row| {
        let department = row.department.as_ref().map(|department| Id::from_uuid(department.id));
        within.covers(department, None, None) || within.own.iter().any(|own| own.0.uuid() == row.person.id)
    });
    rows
}

/// Hands the training record in: from now on it keeps the learners as they stand, and what came of the campaign.
pub fn submit_record(tx: &mut Tx<'_>, mut campaign: Loaded<EducationCampaign>) -> Outcome<EducationCampaign> {
    campaign.guard(CampaignAction::SubmitRecord)?;
    let rows = enrolment::rows(tx, campaign.id, &Within::everything())?;
    let taught = Taught::of(&campaign, rows);
    campaign.submit_record(taught.figures(tx.today()), tx.signature(None)?)?;
    keep(tx, campaign.id, Some(taught.rows))?;
    store(tx, campaign)
}

/// Gives the training record back: its learners are those that there are.
pub fn return_record(
    tx: &mut Tx<'_>,
    mut campaign: Loaded<EducationCampaign>,
    by: Signature,
) -> Outcome<EducationCampaign> {
    campaign.return_record(by)?;
    keep(tx, campaign.id, None)?;
    store(tx, campaign)
}

/// Keeps the learners with the training record. Stored with the campaign, whose revision has been checked.
fn keep(tx: &mut Tx<'_>, id: Id<EducationCampaign>, rows: Option<Vec<LearnerRow>>) -> Outcome<()> {
    let (organization, rows) = (tx.organization(), rows.map(DocumentColumn));
    let of_campaign = c::table.find((organization, KeyColumn(id)));
    on!(tx, diesel::update(of_campaign).set(c::learners.eq(&rows)).execute(tx))?;
    Ok(())
}
