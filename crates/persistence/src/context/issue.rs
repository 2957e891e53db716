//! How external and internal issues are kept.

use diesel::prelude::*;
use mamori_domain::{
    access::Resource,
    context::issue::{ContextIssue, ContextIssueDraft, IssueType},
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        retirement::{RegisterState, Retirement},
        text::normalized,
    },
    organization::organization::Organization,
};

use self::context_issue as i;
use super::reads_register;
use crate::{
    kernel::{
        columns::{DocumentColumn, KeyColumn, MomentColumn, WordColumn},
        failure::{OrNotFound, Outcome},
        grants::Grants,
        loaded::{Loaded, unless_stale},
        paging::{containing, cut, one_more},
        tx::Tx,
    },
    on, sorted,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    context_issue (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        issue_type -> Text,
        content -> Document,
        retirement -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it is searched or filtered stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = i, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<ContextIssue>,
    revision: i32,
    number: i32,
    issue_type: WordColumn<IssueType>,
    content: DocumentColumn<ContextIssueDraft>,
    retirement: Option<DocumentColumn<Retirement>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(issue: &ContextIssue, organization_id: KeyColumn<Organization>) -> Self {
        let ContextIssue {
            id,
            revision,
            number,
            draft,
            state: _,
            retirement,
            allowed_actions: _,
            created_at,
            updated_at,
        } = issue;
        let search = [draft.issue.as_str(), draft.risk.as_str(), draft.opportunity.as_str()];
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            issue_type: WordColumn(draft.issue_type),
            content: DocumentColumn(draft.clone()),
            retirement: retirement.clone().map(DocumentColumn),
            search: normalized(&search.join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_issue(self, grants: &Grants) -> ContextIssue {
        let retirement = self.retirement.map(|retirement| retirement.0);
        let mut issue = ContextIssue {
            id: self.id.0,
            revision: self.revision,
            number: self.number,
            draft: self.content.0,
            state: RegisterState::of(retirement.as_ref()),
            retirement,
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        };
        issue.allowed_actions = grants.open(&issue, |within| within.all);
        issue
    }
}

/// Which issues are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<ContextIssue>>,
    /// Whose issue, risk or opportunity contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// External or internal.
    pub issue_type: Option<IssueType>,
    /// Also those that left the register.
    pub include_retired: bool,
}

/// A page of issues; sorts by `number` and `updated_at`. Who reads them only as the owner of a risk sees the whole
/// register, or nothing while they own none.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<ContextIssue>> {
    match reads_register(tx, Resource::ContextIssue)? {
        true => list_all(tx, filter, page),
        false => Ok(Page { items: Vec::new(), next: None, total: page.include_total.then_some(0) }),
    }
}

fn list_all(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<ContextIssue>> {
    let grants = Grants::of::<ContextIssue>(tx)?;
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = i::table.filter(i::organization_id.eq(organization)).into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(i::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(i::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(i::updated_at.ge(MomentColumn(since)));
            }
            if let Some(issue_type) = filter.issue_type {
                query = query.filter(i::issue_type.eq(WordColumn(issue_type)));
            }
            if !filter.include_retired {
                query = query.filter(i::retirement.is_null());
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, i::updated_at, i::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, i::number, i::id, i32),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let issues = rows.into_iter().map(|row| row.into_issue(&grants)).collect();
    Ok(cut(issues, page, total, |issue: &ContextIssue| match page.sort_field() {
        "updated_at" => (serde_json::json!(issue.updated_at), issue.id.uuid()),
        _ => (serde_json::json!(issue.number), issue.id.uuid()),
    }))
}

/// One issue that the caller may read, also one that left the register.
pub fn find(tx: &mut Tx<'_>, id: Id<ContextIssue>) -> Outcome<Loaded<ContextIssue>> {
    list(tx, &only(id), &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// One issue, whoever asks.
fn look_up(tx: &mut Tx<'_>, id: Id<ContextIssue>) -> Outcome<ContextIssue> {
    list_all(tx, &only(id), &PageRequest::one())?.items.pop().or_not_found()
}

fn only(id: Id<ContextIssue>) -> Filter {
    Filter { id: Some(id), include_retired: true, ..Filter::default() }
}

/// The whole register, by number, whoever asks; without those that left it.
pub(super) fn in_use(tx: &mut Tx<'_>) -> Outcome<Vec<ContextIssue>> {
    Ok(list_all(tx, &Filter::default(), &PageRequest::whole())?.items)
}

/// Whether there is such an issue in the register.
pub(super) fn is_in_use(tx: &mut Tx<'_>, id: Id<ContextIssue>) -> Outcome<bool> {
    let known = i::table.find((tx.organization(), KeyColumn(id))).filter(i::retirement.is_null());
    Ok(on!(tx, diesel::select(diesel::dsl::exists(known)).get_result(tx))?)
}

/// Adds a new issue.
pub fn add(tx: &mut Tx<'_>, issue: &ContextIssue) -> Outcome<ContextIssue> {
    let row = Row::of(issue, tx.organization());
    on!(tx, diesel::insert_into(i::table).values(&row).execute(tx))?;
    tx.record(Resource::ContextIssue, issue.id.uuid(), None, issue)?;
    look_up(tx, issue.id)
}

/// Stores a changed issue over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut issue: Loaded<ContextIssue>) -> Outcome<ContextIssue> {
    issue.revision += 1;
    issue.updated_at = tx.now();
    let row = Row::of(&issue, tx.organization());
    let read = i::table.find((row.organization_id, row.id)).filter(i::revision.eq(issue.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    tx.record(Resource::ContextIssue, issue.id.uuid(), Some(&issue.original), &issue.value)?;
    look_up(tx, issue.id)
}
