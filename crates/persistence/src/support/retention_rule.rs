//! How the rules of retention are kept.

use std::collections::HashMap;

use diesel::prelude::*;
use mamori_domain::{
    access::Resource,
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        refusal::{Code, Refusal},
        retirement::{RegisterState, Retirement},
        text::normalized,
    },
    organization::organization::Organization,
    support::retention_rule::{RetentionRule, RetentionRuleDraft, RetentionSubject},
};

use self::retention_rule as r;
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

    retention_rule (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        number -> Integer,
        subject -> Text,
        content -> Document,
        retirement -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft; what of it is searched or filtered stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = r, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<RetentionRule>,
    revision: i32,
    number: i32,
    subject: WordColumn<RetentionSubject>,
    content: DocumentColumn<RetentionRuleDraft>,
    retirement: Option<DocumentColumn<Retirement>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(rule: &RetentionRule, organization_id: KeyColumn<Organization>) -> Self {
        let RetentionRule {
            id,
            revision,
            number,
            draft,
            state: _,
            retirement,
            allowed_actions: _,
            created_at,
            updated_at,
        } = rule;
        let title = draft.title.as_ref().map_or("", |title| title.as_str());
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            number: *number,
            subject: WordColumn(draft.subject),
            content: DocumentColumn(draft.clone()),
            retirement: retirement.clone().map(DocumentColumn),
            search: normalized(&[title, draft.basis.as_str()].join("\n")),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_rule(self, grants: &Grants) -> RetentionRule {
        let retirement = self.retirement.map(|retirement| retirement.0);
        let mut rule = RetentionRule {
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
        rule.allowed_actions = grants.open(&rule, |within| within.all);
        rule
    }
}

/// Which rules are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this one.
    pub id: Option<Id<RetentionRule>>,
    /// Whose text contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// About this.
    pub subject: Option<RetentionSubject>,
    /// Also those that were given up.
    pub include_retired: bool,
}

/// A page of rules; sorts by `number` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<RetentionRule>> {
    let grants = Grants::of::<RetentionRule>(tx)?;
    let organization = tx.organization();
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = r::table.filter(r::organization_id.eq(organization)).into_boxed::<Db>();
            if let Some(id) = filter.id {
                query = query.filter(r::id.eq(KeyColumn(id)));
            }
            if let Some(q) = &filter.q {
                query = query.filter(r::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(r::updated_at.ge(MomentColumn(since)));
            }
            if let Some(subject) = filter.subject {
                query = query.filter(r::subject.eq(WordColumn(subject)));
            }
            if !filter.include_retired {
                query = query.filter(r::retirement.is_null());
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, r::updated_at, r::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, r::number, r::id, i32),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let rules = rows.into_iter().map(|row| row.into_rule(&grants)).collect();
    Ok(cut(rules, page, total, |one: &RetentionRule| match page.sort_field() {
        "updated_at" => (serde_json::json!(one.updated_at), one.id.uuid()),
        _ => (serde_json::json!(one.number), one.id.uuid()),
    }))
}

/// One rule, also one that was given up.
pub fn find(tx: &mut Tx<'_>, id: Id<RetentionRule>) -> Outcome<Loaded<RetentionRule>> {
    let filter = Filter { id: Some(id), include_retired: true, ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// How many years records of each kind that the service itself keeps are kept, whoever asks; what no rule names is not
/// there.
pub(super) fn years(tx: &mut Tx<'_>) -> Outcome<HashMap<RetentionSubject, i32>> {
    let rules = list(tx, &Filter::default(), &PageRequest::whole())?.items.into_iter();
    Ok(rules.map(|rule| (rule.draft.subject, rule.draft.years)).collect())
}

/// Adds a new rule; there is one for each kind of record that the service itself keeps.
pub fn add(tx: &mut Tx<'_>, rule: &RetentionRule) -> Outcome<RetentionRule> {
    let subject = rule.draft.subject;
    if subject != RetentionSubject::Elsewhere {
        let filter = Filter { subject: Some(subject), ..Filter::default() };
        if let Some(other) = list(tx, &filter, &PageRequest::one())?.items.pop() {
            let refusal = Refusal::new(Code::AlreadyExists).with("field", "/subject").with("id", other.id.to_string());
            return Err(refusal.into());
        }
    }
    let row = Row::of(rule, tx.organization());
    on!(tx, diesel::insert_into(r::table).values(&row).execute(tx))?;
    tx.record(Resource::RetentionRule, rule.id.uuid(), None, rule)?;
    Ok(find(tx, rule.id)?.value)
}

/// Stores a changed rule over the revision it was read at.
pub fn store(tx: &mut Tx<'_>, mut rule: Loaded<RetentionRule>) -> Outcome<RetentionRule> {
    rule.revision += 1;
    rule.updated_at = tx.now();
    let row = Row::of(&rule, tx.organization());
    let read = r::table.find((row.organization_id, row.id)).filter(r::revision.eq(rule.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    let (id, original) = (rule.id, &rule.original);
    tx.record(Resource::RetentionRule, id.uuid(), Some(original), &rule.value)?;
    Ok(find(tx, id)?.value)
}
