//! How findings of audits are kept.

use diesel::{dsl::max, prelude::*};
use mamori_domain::{
    access::{Resource, Verb},
    evaluation::{
        audit::{Audit, AuditDraft, AuditState},
        audit_checklist_item::AuditChecklistItem,
        external_audit::{ExternalAudit, ExternalAuditDraft, ExternalAuditState},
        finding::{Finding, FindingDraft, FindingResponse, FindingSource, FindingSourceId, FindingState, OfAudit},
    },
    improvement::corrective_action::source::FindingRank,
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Refusal},
        sign_off::Signature,
        text::normalized,
    },
    organization::{department::Department, organization::Organization},
    support::document::Document,
};

use self::finding as f;
use super::{
    audit::{self, audit as a, audit_party as party},
    audit_checklist_item::{audit_checklist_item as item, require_document},
    external_audit::{self, external_audit as x},
    names::Names,
};
use crate::{
    improvement::corrective_action::{self as corrective_actions, LinkedAction},
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
    planning::reference,
    sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    finding (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        audit_id -> Nullable<Key>,
        external_audit_id -> Nullable<Key>,
        number -> Integer,
        rank -> Text,
        department_id -> Nullable<Key>,
        checklist_item_id -> Nullable<Key>,
        content -> Document,
        entered -> Document,
        response -> Nullable<Document>,
        follow_up -> Nullable<Document>,
        withdrawal -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it is searched, filtered or joined stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = f, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Finding>,
    revision: i32,
    audit_id: Option<KeyColumn<Audit>>,
    external_audit_id: Option<KeyColumn<ExternalAudit>>,
    number: i32,
    rank: WordColumn<FindingRank>,
    department_id: Option<KeyColumn<Department>>,
    checklist_item_id: Option<KeyColumn<AuditChecklistItem>>,
    content: DocumentColumn<FindingDraft>,
    entered: DocumentColumn<Signature>,
    response: Option<DocumentColumn<FindingResponse>>,
    follow_up: Option<DocumentColumn<Signature>>,
    withdrawal: Option<DocumentColumn<Signature>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

/// What is joined to a row: the plan of the internal audit, which says who audits, and where it stands; or that of the
/// external audit, which says who answers for it.
type Joined = (
    Option<DocumentColumn<AuditDraft>>,
    Option<WordColumn<AuditState>>,
    Option<DocumentColumn<ExternalAuditDraft>>,
    Option<WordColumn<ExternalAuditState>>,
);

impl Row {
    fn of(finding: &Finding, organization_id: KeyColumn<Organization>) -> Self {
        let Finding {
            id,
            revision,
            number,
            draft,
            audit,
            external_audit,
            criterion: _,
            department: _,
            entered,
            reported: _,
            response,
            corrective_action: _,
            overdue: _,
            follow_up,
            withdrawal,
            state: _,
            allowed_actions: _,
            created_at,
            updated_at,
        } = finding;
        let search = [draft.content.as_str(), draft.evidence.as_str(), draft.section.as_str()];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            audit_id: audit.as_ref().map(|audit| KeyColumn::of(audit.id)),
            external_audit_id: external_audit.as_ref().map(|audit| KeyColumn::of(audit.id)),
            number: *number,
            rank: WordColumn(draft.rank),
            department_id: draft.department_id.map(KeyColumn),
            checklist_item_id: draft.checklist_item_id.map(KeyColumn),
            content: DocumentColumn(draft.clone()),
            entered: DocumentColumn(entered.clone()),
            response: response.clone().map(DocumentColumn),
            follow_up: follow_up.clone().map(DocumentColumn),
            withdrawal: withdrawal.clone().map(DocumentColumn),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_finding(
        self,
        (plan, state, external, external_state): Joined,
        action: Option<&LinkedAction>,
        names: &Names,
        grants: &Grants,
        today: chrono::NaiveDate,
    ) -> Finding {
        let (draft, audit_id) = (self.content.0, self.audit_id.map(|id| id.0));
        let document = draft.document_id.map(|id| names.name(id)).unwrap_or_default();
        let mut finding = Finding {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            audit: self.audit_id.zip(plan.as_ref()).map(|(id, plan)| Reference::new(id.0, plan.0.name.as_str())),
            external_audit: self
                .external_audit_id
                .zip(external.as_ref())
                .map(|(id, draft)| Reference::new(id.0, draft.0.name())),
            criterion: draft.criterion().title(document),
            department: draft.department_id.map(|id| names.reference(id)),
            draft,
            entered: self.entered.0,
            reported: false,
            response: self.response.map(|response| response.0),
            corrective_action: action.map(|linked| linked.action.clone()),
            overdue: false,
            follow_up: self.follow_up.map(|follow_up| follow_up.0),
            withdrawal: self.withdrawal.map(|withdrawal| withdrawal.0),
            // What `derive` makes of the rest.
            state: FindingState::Open,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        let internal = audit_id.zip(plan.as_ref()).zip(state);
        let internal =
            internal.map(|((id, plan), state)| (OfAudit::Internal((id, &plan.0)), OfAudit::Internal(state.0)));
        let external = external.as_ref().zip(external_state);
        let external = external.map(|(draft, state)| (OfAudit::External(&draft.0), OfAudit::External(state.0)));
        // The database holds that it is of exactly one.
        if let Some((of, stands)) = internal.or(external) {
            finding.derive(stands.settles(), action.map(|linked| linked.state), today);
            let open = grants.open_by(&finding, |(_, verb), within| covers(within, verb, &finding.draft, of));
            finding.allowed_actions = finding.keep_open(open);
        }
        finding
    }
}

/// Whether a finding lies within, to do `verb` to it: by the department in which it was found, by who audits, by who
/// answers for an audit from outside. What came from outside is written by who writes such audits.
fn covers(
    within: &Within,
    verb: Verb,
    finding: &FindingDraft,
    of: OfAudit<(Id<Audit>, &AuditDraft), &ExternalAuditDraft>,
) -> bool {
    let of_department = within.covers(finding.department_id, None, None);
    match of {
        OfAudit::Internal((id, plan)) => {
            let audits = |person| within.covers(None, Some(person), None);
            of_department || within.audits.contains(&KeyColumn(id)) || plan.auditors().any(audits)
        }
        OfAudit::External(_) if verb == Verb::Update => writes_external(within),
        OfAudit::External(audit) => of_department || within.own.contains(&KeyColumn(audit.responsible_person_id)),
    }
}

/// Whether the caller writes what audits from outside found: the secretariat, as its own, and the audit manager.
pub(super) fn writes_external(within: &Within) -> bool {
    within.all || !within.own.is_empty()
}

/// Which findings are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<Finding>>,
    /// Of this internal audit.
    pub audit: Option<Id<Audit>>,
    /// Of this external audit.
    pub external_audit: Option<Id<ExternalAudit>>,
    /// Whose content, evidence or section contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Of this rank.
    pub rank: Option<FindingRank>,
    /// In this department.
    pub department: Option<Id<Department>>,
    /// Also those that were taken back.
    pub include_withdrawn: bool,
}

/// A page of findings that the caller may read; sorts by `number` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Finding>> {
    let within = tx.within(Resource::Finding, Verb::Read)?;
    list_within(tx, filter, page, &within)
}

fn list_within(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest, within: &Within) -> Outcome<Page<Finding>> {
    let grants = Grants::of::<Finding>(tx)?;
    let (organization, today) = (tx.organization(), tx.today());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = f::table
                .left_join(a::table.on(a::organization_id.eq(f::organization_id).and(f::audit_id.eq(a::id.nullable()))))
                .left_join(
                    x::table
                        .on(x::organization_id.eq(f::organization_id).and(f::external_audit_id.eq(x::id.nullable()))),
                )
                .filter(f::organization_id.eq(organization))
                .into_boxed::<Db>();
            if !within.all {
                let audited = party::table
                    .filter(party::organization_id.eq(f::organization_id))
                    .filter(f::audit_id.eq(party::audit_id.nullable()))
                    .filter(party::auditor_id.among(&within.persons));
                let of_department = f::department_id.among(&within.departments);
                let in_guests_audit = f::audit_id.among(&within.audits);
                let answered_for = x::responsible_person_id.among(&within.own);
                let audited = diesel::dsl::exists(audited).or(in_guests_audit);
                query = query.filter(of_department.or(audited).or(answered_for));
            }
            if let Some(id) = filter.id {
                query = query.filter(f::id.eq(KeyColumn(id)));
            }
            if let Some(audit) = filter.audit {
                query = query.filter(f::audit_id.eq(KeyColumn(audit)));
            }
            if let Some(audit) = filter.external_audit {
                query = query.filter(f::external_audit_id.eq(KeyColumn(audit)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(f::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(f::updated_at.ge(MomentColumn(since)));
            }
            if let Some(rank) = filter.rank {
                query = query.filter(f::rank.eq(WordColumn(rank)));
            }
            if let Some(department) = filter.department {
                query = query.filter(f::department_id.eq(KeyColumn(department)));
            }
            if !filter.include_withdrawn {
                query = query.filter(f::withdrawal.is_null());
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, f::updated_at, f::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, f::number, f::id, i32),
        };
        let rows: Vec<(Row, Joined)> = query
            .limit(one_more(page))
            .select((
                Row::as_select(),
                (a::content.nullable(), a::state.nullable(), x::content.nullable(), x::state.nullable()),
            ))
            .load(tx)?;
        (rows, total)
    });
    let departments: Vec<KeyColumn<Department>> = rows.iter().filter_map(|(row, _)| row.department_id).collect();
    let documents: Vec<KeyColumn<Document>> =
        rows.iter().filter_map(|(row, _)| row.content.0.document_id).map(KeyColumn).collect();
    let names = Names::of(tx, &[], &departments, &documents)?;
    let ids: Vec<_> = rows.iter().map(|(row, _)| row.id.0.uuid()).collect();
    let actions = corrective_actions::of_records(tx, Resource::Finding, &ids)?;
    let findings = rows
        .into_iter()
        .map(|(row, joined)| {
            let action = actions.iter().find(|linked| linked.record_id == row.id.0.uuid());
            row.into_finding(joined, action, &names, &grants, today)
        })
        .collect();
    Ok(cut(findings, page, total, |finding: &Finding| match page.sort_field() {
        "updated_at" => (serde_json::json!(finding.updated_at), finding.id.uuid()),
        _ => (serde_json::json!(finding.number), finding.id.uuid()),
    }))
}

/// One finding that the caller may read.
pub fn find(tx: &mut Tx<'_>, id: Id<Finding>) -> Outcome<Loaded<Finding>> {
    let within = tx.within(Resource::Finding, Verb::Read)?;
    find_within(tx, id, &within)
}

/// One finding that the caller may read, to do `verb` to it. `audit`: that to which it belongs.
pub fn find_for(tx: &mut Tx<'_>, id: Id<Finding>, verb: Verb, audit: FindingSource<'_>) -> Outcome<Loaded<Finding>> {
    let finding = find(tx, id)?;
    let within = tx.within(Resource::Finding, verb)?;
    let of = match audit {
        OfAudit::Internal(audit) => OfAudit::Internal((audit.id, &audit.draft)),
        OfAudit::External(audit) => OfAudit::External(&audit.draft),
    };
    require_within(covers(&within, verb, &finding.draft, of))?;
    Ok(finding)
}

/// Does something with the audit that a finding is of, whoever asks.
pub fn with_audit<T>(
    tx: &mut Tx<'_>,
    finding: &Finding,
    work: impl FnOnce(&mut Tx<'_>, FindingSource<'_>) -> Outcome<T>,
) -> Outcome<T> {
    if let Some(of) = &finding.external_audit {
        let audit = external_audit::look_up(tx, Id::from_uuid(of.id))?;
        return work(tx, OfAudit::External(&audit));
    }
    let of = finding.audit.as_ref().or_not_found()?;
    let audit = audit::look_up(tx, Id::from_uuid(of.id))?;
    work(tx, OfAudit::Internal(&audit))
}

/// All findings of an audit that were not taken back, by number; whoever asks.
pub fn of_audit(tx: &mut Tx<'_>, audit: Id<Audit>) -> Outcome<Vec<Finding>> {
    let filter = Filter { audit: Some(audit), ..Filter::default() };
    Ok(list_within(tx, &filter, &PageRequest::whole(), &Within::everything())?.items)
}

/// One finding, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<Finding>) -> Outcome<Finding> {
    Ok(find_within(tx, id, &Within::everything())?.value)
}

fn find_within(tx: &mut Tx<'_>, id: Id<Finding>, within: &Within) -> Outcome<Loaded<Finding>> {
    let filter = Filter { id: Some(id), include_withdrawn: true, ..Filter::default() };
    list_within(tx, &filter, &PageRequest::one(), within)?.items.pop().or_not_found().map(Loaded::new)
}

/// The findings of an external audit about which nothing was done yet, by number; whoever asks.
pub fn open_of(tx: &mut Tx<'_>, audit: Id<ExternalAudit>) -> Outcome<Vec<Finding>> {
    let filter = Filter { external_audit: Some(audit), ..Filter::default() };
    let found = list_within(tx, &filter, &PageRequest::whole(), &Within::everything())?.items;
    Ok(found.into_iter().filter(|finding| finding.state == FindingState::Open).collect())
}

/// The number of the next finding of an audit.
pub fn next_number(tx: &mut Tx<'_>, audit: impl Into<FindingSourceId>) -> Outcome<i32> {
    let numbers = f::table.filter(f::organization_id.eq(tx.organization())).select(max(f::number));
    let last: Option<i32> = match audit.into() {
        OfAudit::Internal(audit) => on!(tx, numbers.filter(f::audit_id.eq(KeyColumn(audit))).first(tx))?,
        OfAudit::External(audit) => on!(tx, numbers.filter(f::external_audit_id.eq(KeyColumn(audit))).first(tx))?,
    };
    Ok(last.unwrap_or_default() + 1)
}

/// The numbers of the nonconformities of an audit without a corrective action (AUD-7).
pub fn without_corrective_action(tx: &mut Tx<'_>, audit: Id<Audit>) -> Outcome<Vec<i32>> {
    let lacks = |finding: &Finding| finding.draft.rank.is_nonconformity() && finding.corrective_action.is_none();
    Ok(of_audit(tx, audit)?.iter().filter(|finding| lacks(finding)).map(|finding| finding.number).collect())
}

/// Adds a new finding.
pub fn add(tx: &mut Tx<'_>, finding: &Finding) -> Outcome<Finding> {
    require_references(tx, finding, None)?;
    let row = Row::of(finding, tx.organization());
    on!(tx, diesel::insert_into(f::table).values(&row).execute(tx))?;
    let added = look_up(tx, finding.id)?;
    tx.record(Resource::Finding, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed finding over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut finding: Loaded<Finding>) -> Outcome<Finding> {
    require_references(tx, &finding, Some(&finding.original.draft))?;
    finding.revision += 1;
    finding.updated_at = tx.now();
    let row = Row::of(&finding, tx.organization());
    let read = f::table.find((row.organization_id, row.id)).filter(f::revision.eq(finding.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, finding.id)?;
    tx.record(Resource::Finding, stored.id.uuid(), Some(&finding.original), &stored)?;
    Ok(stored)
}

/// Refuses departments, documents and checklist items that are unknown; what stood there before stays.
fn require_references(tx: &mut Tx<'_>, finding: &Finding, before: Option<&FindingDraft>) -> Outcome<()> {
    let draft = &finding.draft;
    if let Some(department) = draft.department_id
        && before.is_none_or(|before| before.department_id != draft.department_id)
    {
        reference::department(tx, department, "/department_id")?;
    }
    if before.is_none_or(|before| before.document_id != draft.document_id) {
        require_document(tx, draft.document_id)?;
    }
    if let Some(checked) = draft.checklist_item_id
        && before.is_none_or(|before| before.checklist_item_id != draft.checklist_item_id)
    {
        let audit = finding.audit.as_ref().map(|audit| KeyColumn(Id::<Audit>::from_uuid(audit.id)));
        let known =
            item::table.find((tx.organization(), KeyColumn(checked))).filter(item::audit_id.nullable().eq(audit));
        if !on!(tx, diesel::select(diesel::dsl::exists(known)).get_result::<bool>(tx))? {
            return Err(Refusal::field("/checklist_item_id", Code::UnknownReference).into());
        }
    }
    Ok(())
}
