//! How external audits are kept.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use mamori_domain::{
    access::{Resource, Verb},
    evaluation::{
        external_audit::{
            ExternalAudit, ExternalAuditDraft, ExternalAuditKind, ExternalAuditResult, ExternalAuditState,
            ExternalFindingCounts,
        },
        finding::{Finding, FindingState},
    },
    improvement::corrective_action::source::FindingRank,
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        sign_off::Signature,
        text::{Title, normalized},
    },
    organization::{organization::Organization, person::Person},
    support::file::StoredFile,
};

use self::external_audit as x;
use super::finding::{self, finding as f};
use crate::{
    improvement::corrective_action as corrective_actions,
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
    organization::person::person as p,
    planning::reference,
    sorted,
    support::file as files,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    external_audit (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        kind -> Text,
        starts_on -> Date,
        responsible_person_id -> Key,
        content -> Document,
        state -> Text,
        result -> Nullable<Document>,
        report_id -> Nullable<Key>,
        closed -> Nullable<Document>,
        cancelled -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it is searched, filtered, sorted or joined stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = x, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<ExternalAudit>,
    revision: i32,
    number: i32,
    kind: WordColumn<ExternalAuditKind>,
    starts_on: NaiveDate,
    responsible_person_id: KeyColumn<Person>,
    content: DocumentColumn<ExternalAuditDraft>,
    state: WordColumn<ExternalAuditState>,
    result: Option<DocumentColumn<ExternalAuditResult>>,
    report_id: Option<KeyColumn<StoredFile>>,
    closed: Option<DocumentColumn<Signature>>,
    cancelled: Option<DocumentColumn<Signature>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(audit: &ExternalAudit, organization_id: KeyColumn<Organization>) -> Self {
        let ExternalAudit {
            id,
            revision,
            number,
            draft,
            responsible_person: _,
            state,
            result,
            report,
            counts: _,
            overdue: _,
            closed,
            cancelled,
            allowed_actions: _,
            created_at,
            updated_at,
        } = audit;
        let number_text = number.to_string();
        let certificate = audit.certificate().map_or("", |certificate| certificate.number.as_str());
        let opinion = result.as_ref().map_or("", |result| result.draft.opinion.as_str());
        let texts = [&*number_text, draft.body.as_str(), draft.scope.as_str(), draft.criteria.as_str()];
        let texts = texts.into_iter().chain(draft.auditors.iter().map(Title::as_str)).chain([certificate, opinion]);
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            kind: WordColumn(draft.kind),
            starts_on: draft.starts_on,
            responsible_person_id: KeyColumn(draft.responsible_person_id),
            content: DocumentColumn(draft.clone()),
            state: WordColumn(*state),
            result: result.clone().map(DocumentColumn),
            report_id: report.as_ref().map(|report| KeyColumn(report.id)),
            closed: closed.clone().map(DocumentColumn),
            cancelled: cancelled.clone().map(DocumentColumn),
            search: normalized(&texts.collect::<Vec<_>>().join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_audit(
        self,
        responsible: String,
        report: Option<StoredFile>,
        counts: ExternalFindingCounts,
        today: NaiveDate,
    ) -> ExternalAudit {
        let mut audit = ExternalAudit {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            draft: self.content.0,
            responsible_person: Reference::new(self.responsible_person_id.0, responsible),
            state: self.state.0,
            result: self.result.map(|result| result.0),
            report,
            counts,
            overdue: false,
            closed: self.closed.map(|closed| closed.0),
            cancelled: self.cancelled.map(|cancelled| cancelled.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        audit.derive(today);
        audit
    }
}

/// Whether an audit lies within: by who answers for it.
fn covers(within: &Within, draft: &ExternalAuditDraft) -> bool {
    within.covers(None, Some(draft.responsible_person_id), None)
}

/// Which external audits are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<ExternalAudit>>,
    /// Whose number, body, auditors, scope, criteria, opinion or certificate contain this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<DateTime<Utc>>,
    /// Of this kind.
    pub kind: Option<ExternalAuditKind>,
    /// In this state.
    pub state: Option<ExternalAuditState>,
    /// For which this person answers.
    pub responsible_person: Option<Id<Person>>,
}

/// A page of external audits that the caller may read; sorts by `number`, `starts_on` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<ExternalAudit>> {
    let within = tx.within(Resource::ExternalAudit, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<ExternalAudit>> {
    let grants = Grants::of::<ExternalAudit>(tx)?;
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = x::table
                .inner_join(
                    p::table.on(p::organization_id.eq(x::organization_id).and(p::id.eq(x::responsible_person_id))),
                )
                .filter(x::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                query = query.filter(x::responsible_person_id.among(&within.persons));
            }
            if let Some(id) = filter.id {
                query = query.filter(x::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(x::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(x::updated_at.ge(MomentColumn(since)));
            }
            if let Some(kind) = filter.kind {
                query = query.filter(x::kind.eq(WordColumn(kind)));
            }
            if let Some(state) = filter.state {
                query = query.filter(x::state.eq(WordColumn(state)));
            }
            match filter.responsible_person {
                Some(person) => query.filter(x::responsible_person_id.eq(KeyColumn(person))),
                None => query,
            }
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "starts_on" => sorted!(filtered(), page, x::starts_on, x::id, NaiveDate),
            "updated_at" => sorted!(filtered(), page, x::updated_at, x::id, DateTime<Utc>),
            _ => sorted!(filtered(), page, x::number, x::id, i32),
        };
        let rows: Vec<(Row, String)> = query.limit(one_more(page)).select((Row::as_select(), p::name)).load(tx)?;
        (rows, total)
    });
    let ids: Vec<KeyColumn<ExternalAudit>> = rows.iter().map(|(row, _)| row.id).collect();
    let mut counts = counts_of(tx, &ids)?;
    let reports = files::among(tx, rows.iter().filter_map(|(row, _)| Some(row.report_id?.0)))?;
    let audits = rows
        .into_iter()
        .map(|(row, responsible)| {
            let report = row.report_id.and_then(|id| reports.get(&id.0).cloned());
            let counts = counts.remove(&row.id).unwrap_or_default();
            let mut audit = row.into_audit(responsible, report, counts, today);
            audit.allowed_actions = grants.open_by(&audit, |(resource, _), within| match resource {
                Resource::Finding => finding::writes_external(within),
                _ => covers(within, &audit.draft),
            });
            audit
        })
        .collect();
    Ok(cut(audits, page, total, |audit: &ExternalAudit| match page.sort_field() {
        "starts_on" => (serde_json::json!(audit.draft.starts_on), audit.id.uuid()),
        "updated_at" => (serde_json::json!(audit.updated_at), audit.id.uuid()),
        _ => (serde_json::json!(audit.number), audit.id.uuid()),
    }))
}

/// How many findings of each rank these audits have, without those that were taken back, and about how many nothing was
/// done yet.
fn counts_of(
    tx: &mut Tx<'_>,
    audits: &[KeyColumn<ExternalAudit>],
) -> Outcome<HashMap<KeyColumn<ExternalAudit>, ExternalFindingCounts>> {
    let found = f::table
        .filter(f::organization_id.eq(tx.organization()))
        .filter(f::external_audit_id.among(audits))
        .filter(f::withdrawal.is_null())
        .select((f::external_audit_id, f::id, f::rank, f::response.is_not_null()));
    type Counted = (Option<KeyColumn<ExternalAudit>>, KeyColumn<Finding>, WordColumn<FindingRank>, bool);
    let counted: Vec<Counted> = on!(tx, found.load(tx))?;
    let ids: Vec<_> = counted.iter().map(|(_, id, ..)| id.0.uuid()).collect();
    let actions = corrective_actions::of_records(tx, Resource::Finding, &ids)?;
    let mut counts: HashMap<_, ExternalFindingCounts> = HashMap::new();
    for (audit, id, rank, answered) in counted {
        let Some(audit) = audit else { continue };
        let of_audit = counts.entry(audit).or_default();
        let of_rank = match rank.0 {
            FindingRank::MajorNonconformity => &mut of_audit.major,
            FindingRank::MinorNonconformity => &mut of_audit.minor,
            FindingRank::Observation => &mut of_audit.observation,
            FindingRank::Opportunity => &mut of_audit.opportunity,
        };
        *of_rank += 1;
        let action = actions.iter().find(|linked| linked.record_id == id.0.uuid()).map(|linked| linked.state);
        of_audit.open += i64::from(FindingState::after(rank.0, answered, action) == FindingState::Open);
    }
    Ok(counts)
}

/// One external audit that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<ExternalAudit>) -> Outcome<Loaded<ExternalAudit>> {
    let within = tx.within(Resource::ExternalAudit, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One external audit that the caller may read, to change it: refused where it lies outside what the caller may change.
pub fn find_for_update(tx: &mut Tx<'_>, id: Id<ExternalAudit>) -> Outcome<Loaded<ExternalAudit>> {
    let audit = find(tx, id)?;
    let within = tx.within(Resource::ExternalAudit, Verb::Update)?;
    require_within(covers(&within, &audit.draft))?;
    Ok(audit)
}

/// One external audit that the caller may read, to enter a finding of it.
pub fn find_for_finding(tx: &mut Tx<'_>, id: Id<ExternalAudit>) -> Outcome<ExternalAudit> {
    let audit = find(tx, id)?;
    require_within(finding::writes_external(&tx.within(Resource::Finding, Verb::Create)?))?;
    Ok(audit.value)
}

/// One external audit, whoever asks.
pub fn look_up(tx: &mut Tx<'_>, id: Id<ExternalAudit>) -> Outcome<ExternalAudit> {
    Ok(find_within(tx, id, &Within::everything())?.value)
}

fn find_within(tx: &mut Tx<'_>, id: Id<ExternalAudit>, within: &Within) -> Outcome<Loaded<ExternalAudit>> {
    let filter = Filter { id: Some(id), ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// Adds a new external audit.
pub fn add(tx: &mut Tx<'_>, audit: &ExternalAudit) -> Outcome<ExternalAudit> {
    reference::person(tx, audit.draft.responsible_person_id, "/responsible_person_id")?;
    let row = Row::of(audit, tx.organization());
    on!(tx, diesel::insert_into(x::table).values(&row).execute(tx))?;
    let added = look_up(tx, audit.id)?;
    tx.record(Resource::ExternalAudit, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed external audit over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut audit: Loaded<ExternalAudit>) -> Outcome<ExternalAudit> {
    if audit.draft.responsible_person_id != audit.original.draft.responsible_person_id {
        reference::person(tx, audit.draft.responsible_person_id, "/responsible_person_id")?;
    }
    audit.revision += 1;
    audit.updated_at = tx.now();
    let row = Row::of(&audit, tx.organization());
    let read = x::table.find((row.organization_id, row.id)).filter(x::revision.eq(audit.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, audit.id)?;
    tx.record(Resource::ExternalAudit, stored.id.uuid(), Some(&audit.original), &stored)?;
    Ok(stored)
}
