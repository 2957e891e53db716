//! How comprehension tests are kept.

use std::collections::HashSet;

use diesel::prelude::*;
use mamori_domain::{
    access::Resource,
    kernel::{
        id::Id,
        page::{Page, PageRequest},
        refusal::{Code, Refusal},
        retirement::Retirement,
        sign_off::Signature,
        text::normalized,
    },
    organization::{organization::Organization, person::Person},
    support::education::{
        campaign::CampaignState,
        test::{Test, TestAction, TestDraft, TestState},
    },
};

use self::comprehension_test as t;
use super::{attempt, campaign::education_campaign as c};
use crate::{
    kernel::{
        among::AmongExt,
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

    comprehension_test (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        revision -> Integer,
        title -> Text,
        fiscal_year -> Integer,
        content -> Document,
        state -> Text,
        authors -> Document,
        published -> Nullable<Document>,
        retirement -> Nullable<Document>,
        search -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

/// `content` is the whole draft with the key; what of it is filtered or sorted stands beside it.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = t, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    organization_id: KeyColumn<Organization>,
    id: KeyColumn<Test>,
    revision: i32,
    title: String,
    fiscal_year: i32,
    content: DocumentColumn<TestDraft>,
    state: WordColumn<TestState>,
    authors: DocumentColumn<Vec<Signature>>,
    published: Option<DocumentColumn<Signature>>,
    retirement: Option<DocumentColumn<Retirement>>,
    search: String,
    created_at: MomentColumn,
    updated_at: MomentColumn,
}

impl Row {
    fn of(test: &Test, organization_id: KeyColumn<Organization>) -> Self {
        let Test {
            id,
            revision,
            draft,
            total_points: _,
            key_shown: _,
            state,
            authors,
            published,
            retirement,
            allowed_actions: _,
            created_at,
            updated_at,
            key: _,
        } = test;
        Self {
            organization_id,
            id: KeyColumn(*id),
            revision: *revision,
            title: draft.title.as_str().to_owned(),
            fiscal_year: draft.fiscal_year,
            content: DocumentColumn(test.whole_draft()),
            state: WordColumn(*state),
            authors: DocumentColumn(authors.clone()),
            published: published.clone().map(DocumentColumn),
            retirement: retirement.clone().map(DocumentColumn),
            // Not in the questions: what is found must not tell what stands in the key.
            search: normalized(draft.title.as_str()),
            created_at: MomentColumn(*created_at),
            updated_at: MomentColumn(*updated_at),
        }
    }

    fn into_test(self) -> Test {
        let mut draft = self.content.0;
        let key = draft.take_key();
        Test {
            id: self.id.0,
            revision: self.revision,
            total_points: draft.total_points(),
            draft,
            key_shown: false,
            state: self.state.0,
            authors: self.authors.0,
            published: self.published.map(|published| published.0),
            retirement: self.retirement.map(|retirement| retirement.0),
            allowed_actions: Vec::new(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            key,
        }
    }
}

/// Which tests are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these; all where it is `None`.
    pub ids: Option<Vec<Id<Test>>>,
    /// Whose title contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<chrono::DateTime<chrono::Utc>>,
    /// Made for this fiscal year.
    pub fiscal_year: Option<i32>,
    /// In this state.
    pub state: Option<TestState>,
}

/// A page of tests, without their keys; sorts by `title` and `updated_at`.
pub fn list(tx: &mut Tx<'_>, filter: &Filter, page: &PageRequest) -> Outcome<Page<Test>> {
    let grants = Grants::of::<Test>(tx)?;
    let organization = tx.organization();
    let ids: Option<Vec<_>> = filter.ids.as_ref().map(|ids| ids.iter().copied().map(KeyColumn).collect());
    let (rows, total) = on!(tx, {
        let filtered = || {
            let mut query = t::table.filter(t::organization_id.eq(organization)).into_boxed::<Db>();
            if let Some(ids) = &ids {
                query = query.filter(t::id.among(ids));
            }
            if let Some(q) = &filter.q {
                query = query.filter(t::search.like(containing(q)).escape('\\'));
            }
            if let Some(since) = filter.updated_since {
                query = query.filter(t::updated_at.ge(MomentColumn(since)));
            }
            if let Some(year) = filter.fiscal_year {
                query = query.filter(t::fiscal_year.eq(year));
            }
            if let Some(state) = filter.state {
                query = query.filter(t::state.eq(WordColumn(state)));
            }
            query
        };
        let total: Option<i64> = match page.include_total {
            true => Some(filtered().count().get_result(tx)?),
            false => None,
        };
        let query = match page.sort_field() {
            "updated_at" => sorted!(filtered(), page, t::updated_at, t::id, chrono::DateTime<chrono::Utc>),
            _ => sorted!(filtered(), page, t::title, t::id, String),
        };
        let rows: Vec<Row> = query.limit(one_more(page)).select(Row::as_select()).load(tx)?;
        (rows, total)
    });
    let tests = rows
        .into_iter()
        .map(|row| {
            let mut test = row.into_test();
            test.allowed_actions = grants.open(&test, |within| within.all);
            test
        })
        .collect();
    Ok(cut(tests, page, total, |test: &Test| match page.sort_field() {
        "updated_at" => (serde_json::json!(test.updated_at), test.id.uuid()),
        _ => (serde_json::json!(test.draft.title), test.id.uuid()),
    }))
}

/// Which keys the caller may know (SD-9).
pub(super) struct Knowing {
    caller: Option<Id<Person>>,
    passed: HashSet<Id<Test>>,
    pending: HashSet<Id<Test>>,
}

impl Knowing {
    /// Those of today.
    pub(super) fn of_caller(tx: &mut Tx<'_>) -> Outcome<Self> {
        let (passed, pending) = attempt::passed_and_pending(tx)?;
        Ok(Self { caller: tx.standing().person, passed, pending })
    }

    /// Whether the caller is this person.
    pub(super) fn is(&self, person: Id<Person>) -> bool {
        self.caller == Some(person)
    }

    /// Whether the caller may know the key of a test from which these are exempt: as one of them, or because they passed it
    /// and have not to pass it again.
    pub(super) fn knows(&self, test: Id<Test>, mut exempt: impl Iterator<Item = Id<Person>>) -> bool {
        exempt.any(|person| self.is(person)) || (self.passed.contains(&test) && !self.pending.contains(&test))
    }
}

/// The tests as the caller reads them: with the key where they may know it (SD-9), and without the copies that they may
/// not make otherwise.
pub fn shown(tx: &mut Tx<'_>, tests: Vec<Test>) -> Outcome<Vec<Test>> {
    let knowing = Knowing::of_caller(tx)?;
    let shown = tests.into_iter().map(|mut test| {
        if knowing.knows(test.id, test.exempt()) {
            return test.with_key();
        }
        test.allowed_actions.retain(|action| *action != TestAction::Copy);
        test
    });
    Ok(shown.collect())
}

/// One test as the caller reads it.
pub fn shown_one(tx: &mut Tx<'_>, test: Test) -> Outcome<Test> {
    shown(tx, vec![test])?.pop().or_not_found()
}

/// One test, without its key.
pub fn find(tx: &mut Tx<'_>, id: Id<Test>) -> Outcome<Loaded<Test>> {
    let filter = Filter { ids: Some(vec![id]), ..Filter::default() };
    list(tx, &filter, &PageRequest::one())?.items.pop().or_not_found().map(Loaded::new)
}

/// Refuses to give up a test that a campaign needs which is not over.
pub fn require_unused(tx: &mut Tx<'_>, id: Id<Test>) -> Outcome<()> {
    let over = [CampaignState::Closed, CampaignState::Recorded, CampaignState::Cancelled].map(WordColumn);
    let using = c::table.filter(c::organization_id.eq(tx.organization())).filter(c::test_id.eq(KeyColumn(id)));
    let using: i64 = on!(tx, using.filter(c::state.ne_all(over)).count().get_result(tx))?;
    if using == 0 { Ok(()) } else { Err(Refusal::new(Code::InUse).with("campaigns", using).into()) }
}

/// Adds a new test.
pub fn add(tx: &mut Tx<'_>, test: &Test) -> Outcome<Test> {
    let row = Row::of(test, tx.organization());
    on!(tx, diesel::insert_into(t::table).values(&row).execute(tx))?;
    tx.record(Resource::Test, test.id.uuid(), None, test)?;
    Ok(find(tx, test.id)?.value)
}

/// Stores a changed test over the revision it was read at. Events tell nothing of the key: more people read them.
pub fn store(tx: &mut Tx<'_>, mut test: Loaded<Test>) -> Outcome<Test> {
    test.revision += 1;
    test.updated_at = tx.now();
    let row = Row::of(&test, tx.organization());
    let read = t::table.find((row.organization_id, row.id)).filter(t::revision.eq(test.original.revision));
    unless_stale(on!(tx, diesel::update(read).set(&row).execute(tx))?)?;
    tx.record(Resource::Test, test.id.uuid(), Some(&test.original), &test.value)?;
    Ok(find(tx, test.id)?.value)
}
