//! How rounds of risk assessment are kept.

mod row;

use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Role, Verb},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        refusal::{Code, Refusal},
        sign_off::SignOff,
        text::normalized,
        version::{Version, VersionState},
    },
    organization::organization::Organization,
    planning::{
        risk_assessment::{AssessmentProposal, RiskAssessment, RiskAssessmentDraft},
        risk_criteria::RiskCriteria,
    },
};

use self::risk_assessment as ra;
pub use self::row::{RowFilter, drop_rows, keep_rows, risk_assessment_row, rows};
use super::{asset, readable, risk_criteria};
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{cut, one_more},
        tx::{Tx, Within, require_within},
        versions::{self, Readable},
    },
    leadership::appointment::Approvers,
    on,
    organization::organization as settings,
    sorted, versions,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    risk_assessment (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        version -> Integer,
        performed_on -> Date,
        criteria_id -> Key,
        criteria_version -> Integer,
        content -> Document,
        state -> Text,
        sign_off -> Document,
        in_force_at -> Nullable<Moment>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; `performed_on` is only there to be sorted by.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = ra, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<RiskAssessment>,
    revision: i32,
    version: i32,
    performed_on: chrono::NaiveDate,
    criteria_id: KeyColumn<RiskCriteria>,
    criteria_version: i32,
    content: DocumentColumn<RiskAssessmentDraft>,
    state: WordColumn<VersionState>,
    sign_off: DocumentColumn<SignOff>,
    in_force_at: Option<MomentColumn>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(round: &RiskAssessment, organization_id: KeyColumn<Organization>) -> Self {
        let RiskAssessment {
            id,
            revision,
            version,
            draft,
            criteria_id,
            criteria_version,
            next_due_on: _,
            overdue: _,
            allowed_actions: _,
            created_at,
            updated_at,
        } = round;
        let Version { number, state, sign_off, in_force_at } = version;
        let search = [draft.title.as_str(), draft.occasion.as_str(), draft.scope.as_str(), draft.conclusions.as_str()];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            version: *number,
            performed_on: draft.performed_on,
            criteria_id: KeyColumn(*criteria_id),
            criteria_version: *criteria_version,
            content: DocumentColumn(draft.clone()),
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            in_force_at: in_force_at.map(MomentColumn),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    /// The next one is due `months` later.
    fn into_round(self, months: u8, today: chrono::NaiveDate) -> RiskAssessment {
        let mut round = RiskAssessment {
            id: self.id.0,
            revision: self.revision,
            version: Version {
                number: self.version,
                state: self.state.0,
                sign_off: self.sign_off.0,
                in_force_at: self.in_force_at.map(|at| at.0),
            },
            draft: self.content.0,
            criteria_id: self.criteria_id.0,
            criteria_version: self.criteria_version,
            // What `derive` makes the rest of.
            next_due_on: self.performed_on,
            overdue: false,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        round.derive(months, today);
        round
    }
}

/// Who approves a round: the chair, or who stands in for it (SD-1).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-1", Role::SecurityCommitteeChair)
}

/// Which rounds are asked for.
pub type Filter = versions::Filter<RiskAssessment>;

/// A page of rounds that the caller may read; sorts by `version`, `performed_on` and `updated_at`. A round is the
/// organization's: who reads only the risks of a department or the own ones sees those that are or were in force.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<RiskAssessment>> {
    let readable = readable(tx, Resource::Risk)?;
    list_in(tx, filter, page, readable)
}

fn list_in(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, readable: Readable) -> Outcome<Page<RiskAssessment>> {
    let (grants, approvers) = (Grants::of::<RiskAssessment>(tx)?, approvers(tx)?);
    let months = settings::find(tx)?.draft.intervals.risk_assessment_months;
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || versions!(ra, search, organization, filter, readable);
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "performed_on" => sorted!(filtered(), page, ra::performed_on, ra::id, chrono::NaiveDate),
            "updated_at" => sorted!(filtered(), page, ra::updated_at, ra::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, ra::version, ra::id, i32),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let mut rounds: Vec<RiskAssessment> = rows.into_iter().map(|row| row.into_round(months, today)).collect();
    for round in &mut rounds {
        round.allowed_actions = approvers.open(&grants, tx.standing(), round, round.version.preparer());
    }
    Ok(cut(rounds, page, total, |round: &RiskAssessment| match page.sort_field() {
        "performed_on" => (serde_json::json!(round.draft.performed_on), round.id.uuid()),
        _ => versions::key(page, round.id, &round.version, round.updated_at),
    }))
}

/// One round that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<RiskAssessment>) -> Outcome<Loaded<RiskAssessment>> {
    list(tx, &Filter::only(id), &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One round that the caller may read, to do `verb` to it: for the whole organization, or not at all.
pub fn find_for(tx: &mut Tx<'_>, id: Id<RiskAssessment>, verb: Verb) -> Outcome<Loaded<RiskAssessment>> {
    let round = find(tx, id)?;
    require_within(tx.within(Resource::Risk, verb)?.all)?;
    Ok(round)
}

/// One round, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<RiskAssessment>) -> Outcome<RiskAssessment> {
    list_in(tx, &Filter::only(id), &PageRequest::one(), None)?.items.pop().or_not_found()
}

/// Whether a body names a round that the caller may read.
pub(super) fn check_reference(tx: &mut Tx<'_>, id: Id<RiskAssessment>, pointer: &str) -> Outcome<()> {
    match list(tx, &Filter::only(id), &PageRequest::one())?.items.is_empty() {
        true => Err(Refusal::field(pointer, Code::UnknownReference).into()),
        false => Ok(()),
    }
}

/// What the round should look at: the important assets in use, by its criteria, that no open risk names and the caller
/// may read (R-03c); sorts as assets do.
pub fn proposals(
    tx: &mut Tx<'_>,
    round: &RiskAssessment,
    q: Option<String>,
    page: &PageRequest,
) -> Outcome<Page<AssessmentProposal>> {
    let important_from = risk_criteria::look_up(tx, round.criteria_id)?.draft.important_asset_from;
    let filter =
        asset::Filter { q, rated_from: Some(important_from), without_open_risk: true, ..asset::Filter::default() };
    Ok(asset::list(tx, &filter, page)?.map(AssessmentProposal::from))
}

/// The number of the next round.
pub fn next_version(tx: &mut Tx<'_>) -> Outcome<i32> {
    let all = ra::table.filter(ra::organization_id.eq(tx.organization()));
    let last: Option<i32> = on!(tx, all.select(diesel::dsl::max(ra::version)).get_result(tx))?;
    Ok(last.unwrap_or_default() + 1)
}

/// Adds a new round.
pub fn add(tx: &mut Tx<'_>, round: &RiskAssessment) -> Outcome<RiskAssessment> {
    let Within { all, .. } = tx.within(Resource::Risk, Verb::Create)?;
    require_within(all)?;
    let row = Row::of(round, tx.organization());
    on!(tx, diesel::insert_into(ra::table).values(&row).execute(tx))?;
    let round = look_up(tx, round.id)?;
    tx.record(Resource::Risk, round.id.uuid(), None, &round)?;
    Ok(round)
}

/// Stores a changed round over the revision it was read at; one that comes into force goes through [`put_in_force`].
pub fn store(tx: &mut Tx<'_>, mut round: Loaded<RiskAssessment>) -> Outcome<RiskAssessment> {
    round.revision += 1;
    round.updated_at = tx.now();
    let row = Row::of(&round, tx.organization());
    let read = ra::table.find((row.organization_id, row.id)).filter(ra::revision.eq(round.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, round.id)?;
    tx.record(Resource::Risk, stored.id.uuid(), Some(&round.original), &stored)?;
    Ok(stored)
}

/// Stores an approved round that comes into force, in the place of the one in force before it, where there is one.
pub fn put_in_force(tx: &mut Tx<'_>, round: Loaded<RiskAssessment>) -> Outcome<RiskAssessment> {
    if let Some(before) = list_in(tx, &Filter::in_force(), &PageRequest::one(), None)?.items.pop() {
        let mut before = Loaded::new(before);
        before.version.supersede();
        store(tx, before)?;
    }
    store(tx, round)
}
