//! How the checklists of audits are kept.

use diesel::{
    dsl::{exists, max, not},
    prelude::*,
};
use mamori_domain::{
    access::{Resource, Verb},
    evaluation::{
        audit::{Audit, AuditState},
        audit_checklist_item::{
            AuditChecklistItem, AuditChecklistItemDraft, AuditChecklistItemState, AuditChecklistResult, AuditJudgement,
        },
    },
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        reference::Reference,
        refusal::{Code, Refusal},
        sign_off::Signature,
        text::normalized,
    },
    organization::organization::Organization,
    support::document::Document,
};

use self::audit_checklist_item as item;
use super::{
    audit::{self as audits, audit as a},
    finding::finding as f,
    names::Names,
};
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::{Tx, require_within},
    },
    on, sorted,
    support::document::document as doc,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    audit_checklist_item (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        audit_id -> Key,
        number -> Integer,
        clause -> Nullable<Text>,
        control -> Nullable<Text>,
        content -> Document,
        judgement -> Nullable<Text>,
        result -> Nullable<Document>,
        withdrawal -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it, and of the result, is asked for stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = item, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<AuditChecklistItem>,
    revision: i32,
    audit_id: KeyColumn<Audit>,
    number: i32,
    clause: Option<String>,
    control: Option<String>,
    content: DocumentColumn<AuditChecklistItemDraft>,
    judgement: Option<WordColumn<AuditJudgement>>,
    result: Option<DocumentColumn<AuditChecklistResult>>,
    withdrawal: Option<DocumentColumn<Signature>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

/// What is joined to a row: the audit's plan, which says who audits, and where it stands.
type Joined = (DocumentColumn<mamori_domain::evaluation::audit::AuditDraft>, WordColumn<AuditState>);

impl Row {
    fn of(checked: &AuditChecklistItem, organization_id: KeyColumn<Organization>) -> Self {
        let AuditChecklistItem {
            id,
            revision,
            audit,
            number,
            draft,
            criterion: _,
            result,
            state: _,
            withdrawal,
            allowed_actions: _,
            created_at,
            updated_at,
        } = checked;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            audit_id: KeyColumn(Id::from_uuid(audit.id)),
            number: *number,
            clause: draft.clause.as_ref().map(|clause| clause.as_str().to_owned()),
            control: draft.control.map(|control| control.as_str().to_owned()),
            content: DocumentColumn(draft.clone()),
            judgement: result.as_ref().map(|result| WordColumn(result.draft.judgement)),
            result: result.clone().map(DocumentColumn),
            withdrawal: withdrawal.clone().map(DocumentColumn),
            search: normalized(&[draft.check_text.as_str(), draft.section.as_str()].join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_item(self, (plan, audit): Joined, names: &Names, grants: &Grants) -> AuditChecklistItem {
        let document = self.content.0.document_id.map(|id| names.name(id)).unwrap_or_default();
        let of_audit = self.audit_id.0;
        let mut checked = AuditChecklistItem {
            id: self.id.0,
            revision: self.revision,
            audit: Reference::new(self.audit_id.0, plan.0.name.as_str()),
            number: self.number,
            criterion: self.content.0.criterion().title(document),
            draft: self.content.0,
            result: self.result.map(|result| result.0),
            state: AuditChecklistItemState::of(audit.0, self.withdrawal.is_some()),
            withdrawal: self.withdrawal.map(|withdrawal| withdrawal.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        checked.allowed_actions = grants.open(&checked, |within| audits::covers(within, of_audit, &plan.0));
        checked
    }
}

/// Which items of an audit are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<AuditChecklistItem>>,
    /// Of this audit.
    pub audit: Option<Id<Audit>>,
    /// Whose text contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Judged like this.
    pub judgement: Option<AuditJudgement>,
    /// About this clause.
    pub clause: Option<String>,
    /// Also those that were taken out.
    pub include_withdrawn: bool,
}

/// A page of items of audits that the caller may read; sorts by `number` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<AuditChecklistItem>> {
    let grants = Grants::of::<AuditChecklistItem>(tx)?;
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = item::table
                .inner_join(a::table.on(a::organization_id.eq(item::organization_id).and(a::id.eq(item::audit_id))))
                .filter(item::organization_id.eq(organization))
                .into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(item::id.eq(KeyColumn(id)));
            }
            if let Some(audit) = filter.audit {
                query = query.filter(item::audit_id.eq(KeyColumn(audit)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(item::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(item::updated_at.ge(MomentColumn(since)));
            }
            if let Some(judgement) = filter.judgement {
                query = query.filter(item::judgement.eq(WordColumn(judgement)));
            }
            if let Some(clause) = &filter.clause {
                query = query.filter(item::clause.eq(clause.clone()));
            }
            if !filter.include_withdrawn {
                query = query.filter(item::withdrawal.is_null());
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, item::updated_at, item::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, item::number, item::id, i32),
        };
        let rows: Vec<(Row, Joined)> =
            query.limit(one_more(page)).select((Row::as_select(), (a::content, a::state))).load(tx)?;
        (rows, total)
    });
    let documents: Vec<KeyColumn<Document>> =
        rows.iter().filter_map(|(row, _)| row.content.0.document_id).map(KeyColumn).collect();
    let names = Names::of(tx, &[], &[], &documents)?;
    let items = rows.into_iter().map(|(row, joined)| row.into_item(joined, &names, &grants)).collect();
    Ok(cut(items, page, total, |checked: &AuditChecklistItem| match page.sort_field() {
        "updated_at" => (serde_json::json!(checked.updated_at), checked.id.uuid()),
        _ => (serde_json::json!(checked.number), checked.id.uuid()),
    }))
}

/// The audit whose checklist the caller may read: who audits it, and who manages audits.
pub fn find_audit(tx: &mut Tx<'_>, id: Id<Audit>, verb: Verb) -> Outcome<Loaded<Audit>> {
    let audit = audits::find(tx, id)?;
    let read = tx.within(Resource::AuditChecklist, Verb::Read)?;
    let within = tx.within(Resource::AuditChecklist, verb)?;
    // What may not even be read is not there.
    Some(()).filter(|()| audits::covers(&read, id, &audit.draft)).or_not_found()?;
    require_within(audits::covers(&within, id, &audit.draft))?;
    Ok(audit)
}

/// One item that the caller may read, to do `verb` to it, with its audit.
pub fn find(tx: &mut Tx<'_>, id: Id<AuditChecklistItem>, verb: Verb) -> Outcome<(Loaded<AuditChecklistItem>, Audit)> {
    let found = look_up(tx, id)?;
    let audit = find_audit(tx, Id::from_uuid(found.audit.id), verb)?;
    Ok((Loaded::new(found), audit.value))
}

/// One item, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<AuditChecklistItem>) -> Outcome<AuditChecklistItem> {
    let filter = Filter { id: Some(id), include_withdrawn: true, ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found()
}

/// The number of the next item of an audit.
pub fn next_number(tx: &mut Tx<'_>, audit: Id<Audit>) -> Outcome<i32> {
    let of_audit =
        item::table.filter(item::organization_id.eq(tx.organization())).filter(item::audit_id.eq(KeyColumn(audit)));
    let last: Option<i32> = on!(tx, of_audit.select(max(item::number)).first(tx))?;
    Ok(last.unwrap_or_default() + 1)
}

/// The clauses that the checklist of an audit asks about.
pub fn clauses(tx: &mut Tx<'_>, audit: Id<Audit>) -> Outcome<Vec<String>> {
    let asked = item::table
        .filter(item::organization_id.eq(tx.organization()))
        .filter(item::audit_id.eq(KeyColumn(audit)))
        .filter(item::withdrawal.is_null())
        .filter(item::clause.is_not_null());
    Ok(on!(tx, asked.select(item::clause.assume_not_null()).load(tx))?)
}

/// The numbers of the items of an audit that lack a result.
pub fn open(tx: &mut Tx<'_>, audit: Id<Audit>) -> Outcome<Vec<i32>> {
    let open = item::table
        .filter(item::organization_id.eq(tx.organization()))
        .filter(item::audit_id.eq(KeyColumn(audit)))
        .filter(item::withdrawal.is_null())
        .filter(item::judgement.is_null())
        .order(item::number.asc());
    Ok(on!(tx, open.select(item::number).load(tx))?)
}

/// The numbers of the items of an audit that were judged as a finding, and from which none comes.
pub fn unreported(tx: &mut Tx<'_>, audit: Id<Audit>) -> Outcome<Vec<i32>> {
    let judged = AuditJudgement::AS_FINDINGS.map(WordColumn);
    let findings = f::table
        .filter(f::organization_id.eq(item::organization_id))
        .filter(f::checklist_item_id.eq(item::id.nullable()))
        .filter(f::withdrawal.is_null());
    let unreported = item::table
        .filter(item::organization_id.eq(tx.organization()))
        .filter(item::audit_id.eq(KeyColumn(audit)))
        .filter(item::withdrawal.is_null())
        .filter(item::judgement.eq_any(judged))
        .filter(not(exists(findings)))
        .order(item::number.asc());
    Ok(on!(tx, unreported.select(item::number).load(tx))?)
}

/// Adds a new item.
pub fn add(tx: &mut Tx<'_>, checked: &AuditChecklistItem) -> Outcome<AuditChecklistItem> {
    require_document(tx, checked.draft.document_id)?;
    let row = Row::of(checked, tx.organization());
    on!(tx, diesel::insert_into(item::table).values(&row).execute(tx))?;
    let added = look_up(tx, checked.id)?;
    tx.record(Resource::AuditChecklist, added.id.uuid(), None, &added)?;
    Ok(added)
}

/// Stores a changed item over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut checked: Loaded<AuditChecklistItem>) -> Outcome<AuditChecklistItem> {
    if checked.draft.document_id != checked.original.draft.document_id {
        require_document(tx, checked.draft.document_id)?;
    }
    checked.revision += 1;
    checked.updated_at = tx.now();
    let row = Row::of(&checked, tx.organization());
    let read = item::table.find((row.organization_id, row.id)).filter(item::revision.eq(checked.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let stored = look_up(tx, checked.id)?;
    tx.record(Resource::AuditChecklist, stored.id.uuid(), Some(&checked.original), &stored)?;
    Ok(stored)
}

/// Refuses a document that is unknown.
pub(super) fn require_document(tx: &mut Tx<'_>, id: Option<Id<Document>>) -> Outcome<()> {
    let Some(id) = id else { return Ok(()) };
    let known = doc::table.find((tx.organization(), KeyColumn(id)));
    if on!(tx, diesel::select(exists(known)).get_result::<bool>(tx))? {
        Ok(())
    } else {
        Err(Refusal::field("/document_id", Code::UnknownReference).into())
    }
}
