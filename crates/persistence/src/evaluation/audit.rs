//! How internal audits are kept.

use std::collections::{BTreeSet, HashMap};

use diesel::{
    dsl::{count, count_star, exists},
    prelude::*,
};
use mamori_domain::{
    access::{Resource, Role, Verb},
    evaluation::audit::{
        Audit, AuditAction, AuditCourse, AuditDraft, AuditState, ChecklistProgress,
        report::{AuditReport, FindingCounts},
        row::{AuditRow, AuditTeamMember, AuditTeamRow, ExternalAuditor},
    },
    improvement::corrective_action::source::FindingRank,
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        sign_off::SignOff,
        text::{Text, normalized},
    },
    organization::{department::Department, organization::Organization, person::Person},
};

pub use self::independence::independence;
use self::{audit as a, audit_party as party, guest::OpenGuest};
use super::{audit_checklist_item::audit_checklist_item as item, finding::finding as f, names::Names};
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
    leadership::appointment::Approvers,
    on,
    planning::reference,
    sorted,
};

pub mod guest;
mod independence;
mod programme;

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    audit (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        name -> Text,
        content -> Document,
        last_row -> Integer,
        state -> Text,
        sign_off -> Document,
        course -> Document,
        report -> Nullable<Document>,
        programme_year -> Nullable<Integer>,
        programme_row -> Nullable<Integer>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    audit_party (organization_id, audit_id, place) {
        organization_id -> Key,
        audit_id -> Key,
        place -> Integer,
        auditor_id -> Nullable<Key>,
        department_id -> Nullable<Key>,
    }
}

/// `content` is the whole draft; what of it is searched or joined stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = a, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Audit>,
    revision: i32,
    number: i32,
    name: String,
    content: DocumentColumn<AuditDraft>,
    last_row: i32,
    state: WordColumn<AuditState>,
    sign_off: DocumentColumn<SignOff>,
    course: DocumentColumn<AuditCourse>,
    report: Option<DocumentColumn<AuditReport>>,
    programme_year: Option<i32>,
    programme_row: Option<i32>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

/// Who audits in a row, or what is audited in it.
#[derive(Insertable)]
#[diesel(table_name = party, treat_none_as_default_value = false)]
struct PartyRow {
    organization_id: KeyColumn<Organization>,
    audit_id: KeyColumn<Audit>,
    place: i32,
    auditor_id: Option<KeyColumn<Person>>,
    department_id: Option<KeyColumn<Department>>,
}

impl Row {
    fn of(audit: &Audit, organization_id: KeyColumn<Organization>) -> Self {
        let Audit {
            id,
            revision,
            number,
            draft,
            last_row,
            programme_year,
            team: _,
            state,
            sign_off,
            course,
            checklist: _,
            report,
            counts: _,
            sentence: _,
            allowed_actions: _,
            created_at,
            updated_at,
        } = audit;
        let themes: Vec<&str> = draft.themes.iter().map(Text::as_str).collect();
        let search = [draft.name.as_str(), draft.purpose.as_str(), draft.criteria.as_str(), &themes.join("\n")];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            name: draft.name.as_str().to_owned(),
            content: DocumentColumn(draft.clone()),
            last_row: *last_row,
            state: WordColumn(*state),
            sign_off: DocumentColumn(sign_off.clone()),
            course: DocumentColumn(course.clone()),
            report: report.clone().map(DocumentColumn),
            programme_year: *programme_year,
            programme_row: draft.programme.map(|fulfilled| fulfilled.row),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_audit(
        self,
        names: &Names,
        guests: &[OpenGuest],
        checklist: ChecklistProgress,
        counts: FindingCounts,
    ) -> Audit {
        let guests: Vec<&OpenGuest> = guests.iter().filter(|guest| guest.audit == self.id).collect();
        Audit {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            team: self.content.0.rows.iter().map(|row| team_row(row, names, &guests)).collect(),
            draft: self.content.0,
            last_row: self.last_row,
            programme_year: self.programme_year,
            state: self.state.0,
            sign_off: self.sign_off.0,
            course: self.course.0,
            checklist,
            report: self.report.map(|report| report.0),
            counts,
            sentence: counts.sentence(),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        }
    }
}

fn team_row(row: &AuditRow, names: &Names, guests: &[&OpenGuest]) -> AuditTeamRow {
    let invited = |external: &ExternalAuditor| guests.iter().find(|guest| guest.name == external.signing().as_str());
    let members = row.auditors.iter().map(|auditor| AuditTeamMember {
        person: auditor.person_id.map(|id| names.reference(id)),
        external: auditor.external.clone(),
        guest_id: auditor.external.as_ref().and_then(invited).map(|guest| guest.id.0),
    });
    AuditTeamRow {
        number: row.number.unwrap_or_default(),
        department: row.department_id.map(|id| names.reference(id)),
        function: row.function,
        auditors: members.collect(),
        respondent: names.reference(row.respondent_id),
    }
}

/// Who approves the plan: top management, or who stands in for it (SD-1).
pub fn approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-1", Role::TopManagement)
}

/// Who approves the report: the audit manager, or who stands in for that seat (SD-1).
pub fn report_approvers(tx: &mut Tx<'_>) -> Outcome<Approvers> {
    Approvers::along(tx, "SD-1", Role::InternalAuditManager)
}

/// Whether an audit lies within: by who audits, or by what is audited; that of a guest.
pub(super) fn covers(within: &Within, id: Id<Audit>, draft: &AuditDraft) -> bool {
    let departments = draft.rows.iter().filter_map(|row| row.department_id);
    within.all
        || within.audits.contains(&KeyColumn(id))
        || draft.auditors().any(|person| within.covers(None, Some(person), None))
        || departments.into_iter().any(|department| within.covers(Some(department), None, None))
}

/// Which audits are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Audit>>,
    /// Whose name, purpose, themes or criteria contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// In this state.
    pub state: Option<AuditState>,
    /// Audited by this person.
    pub auditor: Option<Id<Person>>,
    /// Of this department.
    pub department: Option<Id<Department>>,
}

/// A page of audits that the caller may read; sorts by `number` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Audit>> {
    let within = tx.within(Resource::Audit, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<Audit>> {
    let grants = Grants::of::<Audit>(tx)?;
    let (approvers, report_approvers) = (approvers(tx)?, report_approvers(tx)?);
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let parties =
                || party::table.filter(party::organization_id.eq(a::organization_id)).filter(party::audit_id.eq(a::id));
            let mut query = a::table.filter(a::organization_id.eq(organization)).into_boxed::<Db>();
            if !within.all {
                let audited = exists(parties().filter(party::department_id.among(&within.departments)));
                let auditing = exists(parties().filter(party::auditor_id.among(&within.persons)));
                query = query.filter(audited.or(auditing).or(a::id.among(&within.audits)));
            }
            if let Some(id) = filter.id {
                query = query.filter(a::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(a::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(a::updated_at.ge(MomentColumn(since)));
            }
            if let Some(state) = filter.state {
                query = query.filter(a::state.eq(WordColumn(state)));
            }
            if let Some(auditor) = filter.auditor {
                query = query.filter(exists(parties().filter(party::auditor_id.eq(KeyColumn(auditor)))));
            }
            if let Some(department) = filter.department {
                query = query.filter(exists(parties().filter(party::department_id.eq(KeyColumn(department)))));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, a::updated_at, a::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, a::number, a::id, i32),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let ids: Vec<KeyColumn<Audit>> = rows.iter().map(|row| row.id).collect();
    let (names, mut progress, mut counts) = (names(tx, &rows)?, progress_of(tx, &ids)?, counts_of(tx, &ids)?);
    let guests = guest::open(tx, &ids)?;
    let audits = rows
        .into_iter()
        .map(|row| {
            let (progress, counts) = (progress.remove(&row.id), counts.remove(&row.id));
            let mut audit = row.into_audit(&names, &guests, progress.unwrap_or_default(), counts.unwrap_or_default());
            let mut open = grants.open(&audit, |within| covers(within, audit.id, &audit.draft));
            let caller = tx.standing();
            open.retain(|action| match action {
                AuditAction::Approve => approvers.may_approve(caller, audit.preparer()),
                AuditAction::ApproveReport => {
                    audit.reporter().is_some_and(|reporter| report_approvers.may_approve(caller, reporter))
                }
                _ => true,
            });
            audit.allowed_actions = open;
            audit
        })
        .collect();
    Ok(cut(audits, page, total, |audit: &Audit| match page.sort_field() {
        "updated_at" => (serde_json::json!(audit.updated_at), audit.id.uuid()),
        _ => (serde_json::json!(audit.number), audit.id.uuid()),
    }))
}

/// The names of everybody and everything in these rows.
fn names(tx: &mut Tx<'_>, rows: &[Row]) -> Outcome<Names> {
    let planned = || rows.iter().flat_map(|row| &row.content.0.rows);
    let auditors = rows.iter().flat_map(|row| row.content.0.auditors());
    let people: BTreeSet<_> = auditors.chain(planned().map(|row| row.respondent_id)).collect();
    let departments: BTreeSet<_> = planned().filter_map(|row| row.department_id).collect();
    let people: Vec<_> = people.into_iter().map(KeyColumn).collect();
    let departments: Vec<_> = departments.into_iter().map(KeyColumn).collect();
    Names::of(tx, &people, &departments, &[])
}

/// How far the checklists of these audits are.
fn progress_of(tx: &mut Tx<'_>, audits: &[KeyColumn<Audit>]) -> Outcome<HashMap<KeyColumn<Audit>, ChecklistProgress>> {
    let items = item::table
        .filter(item::organization_id.eq(tx.organization()))
        .filter(item::audit_id.among(audits))
        .filter(item::withdrawal.is_null())
        .group_by(item::audit_id)
        .select((item::audit_id, count_star(), count(item::judgement)));
    let counted: Vec<(KeyColumn<Audit>, i64, i64)> = on!(tx, items.load(tx))?;
    Ok(counted.into_iter().map(|(audit, items, answered)| (audit, ChecklistProgress { items, answered })).collect())
}

/// How many findings of each rank these audits have, without those that were taken back.
fn counts_of(tx: &mut Tx<'_>, audits: &[KeyColumn<Audit>]) -> Outcome<HashMap<KeyColumn<Audit>, FindingCounts>> {
    let found = f::table
        .filter(f::organization_id.eq(tx.organization()))
        .filter(f::audit_id.among(audits))
        .filter(f::withdrawal.is_null())
        .group_by((f::audit_id, f::rank))
        .select((f::audit_id, f::rank, count_star()));
    let counted: Vec<(Option<KeyColumn<Audit>>, WordColumn<FindingRank>, i64)> = on!(tx, found.load(tx))?;
    let mut counts: HashMap<_, FindingCounts> = HashMap::new();
    for (audit, rank, number) in counted {
        let Some(audit) = audit else { continue };
        let of_audit = counts.entry(audit).or_default();
        match rank.0 {
            FindingRank::MajorNonconformity => of_audit.major = number,
            FindingRank::MinorNonconformity => of_audit.minor = number,
            FindingRank::Observation | FindingRank::Opportunity => of_audit.observation += number,
        }
    }
    Ok(counts)
}

/// One audit that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<Audit>) -> Outcome<Loaded<Audit>> {
    let within = tx.within(Resource::Audit, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One audit that the caller may read, to do what takes `verb` on `resource`: refused where it lies outside what the
/// caller may do that to.
pub fn find_for(tx: &mut Tx<'_>, id: Id<Audit>, resource: Resource, verb: Verb) -> Outcome<Loaded<Audit>> {
    let audit = find(tx, id)?;
    let within = tx.within(resource, verb)?;
    require_within(covers(&within, audit.id, &audit.draft))?;
    Ok(audit)
}

/// One audit, whoever asks.
pub fn look_up(tx: &mut Tx<'_>, id: Id<Audit>) -> Outcome<Audit> {
    Ok(find_within(tx, id, &Within::everything())?.value)
}

fn find_within(tx: &mut Tx<'_>, id: Id<Audit>, within: &Within) -> Outcome<Loaded<Audit>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// Adds a new audit.
pub fn add(tx: &mut Tx<'_>, audit: &Audit) -> Outcome<Audit> {
    require_references(tx, &audit.draft, &[])?;
    let programme_year = programme::year_of(tx, &audit.draft)?;
    let row = Row { programme_year, ..Row::of(audit, tx.organization()) };
    on!(tx, diesel::insert_into(a::table).values(&row).execute(tx))?;
    put_parties(tx, audit)?;
    let added = look_up(tx, audit.id)?;
    tx.record(Resource::Audit, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed audit over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut audit: Loaded<Audit>) -> Outcome<Audit> {
    if audit.draft.rows != audit.original.draft.rows {
        require_references(tx, &audit.draft, &audit.original.draft.rows)?;
        put_parties(tx, &audit)?;
    }
    if audit.draft.programme != audit.original.draft.programme {
        audit.programme_year = programme::year_of(tx, &audit.draft)?;
    }
    audit.revision += 1;
    audit.updated_at = tx.now();
    let row = Row::of(&audit, tx.organization());
    let read = a::table.find((row.organization_id, row.id)).filter(a::revision.eq(audit.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, audit.id)?;
    tx.record(Resource::Audit, stored.id.uuid(), Some(&audit.original), &stored)?;
    if stored.state.is_over() && !audit.original.state.is_over() {
        guest::end_all(tx, stored.id)?;
    }
    Ok(stored)
}

/// Refuses departments and respondents that are unknown or gone; rows that stood there before keep theirs.
fn require_references(tx: &mut Tx<'_>, draft: &AuditDraft, before: &[AuditRow]) -> Outcome<()> {
    for (at, row) in draft.rows.iter().enumerate() {
        let same = before.iter().find(|earlier| earlier.number == row.number);
        if let Some(department) = row.department_id
            && same.is_none_or(|same| same.department_id != row.department_id)
        {
            reference::department(tx, department, &format!("/rows/{at}/department_id"))?;
        }
        if same.is_none_or(|same| same.respondent_id != row.respondent_id) {
            reference::person(tx, row.respondent_id, &format!("/rows/{at}/respondent_id"))?;
        }
    }
    Ok(())
}

/// Keeps who audits and what is audited, for reach.
fn put_parties(tx: &mut Tx<'_>, audit: &Audit) -> Outcome<()> {
    let (organization_id, audit_id) = (tx.organization(), KeyColumn(audit.id));
    let auditors: BTreeSet<_> = audit.draft.auditors().collect();
    let departments: BTreeSet<_> = audit.draft.rows.iter().filter_map(|row| row.department_id).collect();
    let parties = auditors
        .into_iter()
        .map(|auditor| (Some(KeyColumn(auditor)), None))
        .chain(departments.into_iter().map(|department| (None, Some(KeyColumn(department)))));
    let rows: Vec<PartyRow> = (1..)
        .zip(parties)
        .map(|(place, (auditor_id, department_id))| PartyRow {
            organization_id,
            audit_id,
            place,
            auditor_id,
            department_id,
        })
        .collect();
    let before = party::table.filter(party::organization_id.eq(organization_id)).filter(party::audit_id.eq(audit_id));
    on!(tx, diesel::delete(before).execute(tx))?;
    on!(tx, diesel::insert_into(party::table).values(&rows).execute(tx))?;
    Ok(())
}
