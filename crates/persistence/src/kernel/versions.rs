//! What is issued in versions: the parts of its lists that are the same for every kind of record.

use chrono::{DateTime, Utc};
use mamori_domain::kernel::{
    id::Id,
    page::PageRequest,
    refusal::{Code, Refusal},
    version::{Version, VersionState},
};
use uuid::Uuid;

use super::columns::{KeyColumn, WordColumn};

/// Which versions are asked for.
#[derive(Clone, Debug)]
pub struct Filter<T> {
    /// Only this one.
    pub id: Option<Id<T>>,
    /// Whose searched text contains this.
    pub q: Option<String>,
    /// Changed since.
    pub updated_since: Option<DateTime<Utc>>,
    /// In this state.
    pub state: Option<VersionState>,
}

impl<T> Default for Filter<T> {
    fn default() -> Self {
        Self { id: None, q: None, updated_since: None, state: None }
    }
}

impl<T> Filter<T> {
    /// This version alone.
    pub fn only(id: Id<T>) -> Self {
        Self { id: Some(id), ..Self::default() }
    }

    /// The version that holds.
    pub fn in_force() -> Self {
        Self { state: Some(VersionState::InForce), ..Self::default() }
    }
}

/// The states in which the caller reads versions; `None` for all.
pub type Readable = Option<&'static [VersionState]>;

/// Those that are or were in force.
pub const ISSUED: Readable = Some(&[VersionState::InForce, VersionState::Superseded]);

/// None at all.
pub const NONE: Readable = Some(&[]);

/// The versions in a table, as far as they are readable and asked for: a boxed query, inside [`on!`](crate::on).
/// `$search` is the column in which `q` is looked for.
#[macro_export]
macro_rules! versions {
    ($table:ident, $search:ident, $organization:expr, $filter:expr, $readable:expr) => {{
        use diesel::{ExpressionMethods, QueryDsl, TextExpressionMethods};
        use mamori_domain::kernel::version::VersionState;
        use $crate::kernel::{
            columns::{KeyColumn, MomentColumn, WordColumn},
            paging::containing,
            versions::{Filter, Readable},
        };
        let (filter, readable): (&Filter<_>, Readable) = ($filter, $readable);
        let mut query = $table::table.filter($table::organization_id.eq($organization)).into_boxed::<Db>();
        if let Some(states) = readable {
            let states: Vec<WordColumn<VersionState>> = states.iter().copied().map(WordColumn).collect();
            query = query.filter($table::state.eq_any(states));
        }
        if let Some(id) = filter.id {
            query = query.filter($table::id.eq(KeyColumn(id)));
        }
        if let Some(q) = &filter.q {
            query = query.filter($table::$search.like(containing(q)).escape('\\'));
        }
        if let Some(since) = filter.updated_since {
            query = query.filter($table::updated_at.ge(MomentColumn(since)));
        }
        if let Some(state) = filter.state {
            query = query.filter($table::state.eq(WordColumn(state)));
        }
        query
    }};
}

/// The number of the next version of what there is one of for each year, given the year's versions in their order. The next
/// version revises the one in force (`revises`), and one is on its way at most; drafts that were voided do not count.
pub fn next_of_year<T>(
    versions: &[(KeyColumn<T>, i32, WordColumn<VersionState>)],
    revises: Option<Id<T>>,
) -> Result<i32, Refusal> {
    let on_its_way =
        versions.iter().find(|(_, _, state)| matches!(state.0, VersionState::Draft | VersionState::Submitted));
    let in_force = versions.iter().find(|(_, _, state)| state.0 == VersionState::InForce);
    let revised = revises.map(KeyColumn);
    if revised.is_some() && in_force.map(|(id, ..)| *id) != revised {
        return Err(Refusal::field("/revises_id", Code::UnknownReference));
    }
    match on_its_way.or(in_force.filter(|_| revised.is_none())) {
        None => Ok(versions.last().map_or(0, |(_, number, _)| *number) + 1),
        Some((other, ..)) => {
            let refusal = Refusal::new(Code::AlreadyExists).with("field", "/fiscal_year");
            Err(refusal.with("id", other.0.to_string()))
        }
    }
}

/// What the cursor keeps of a version, in the orders that all lists of versions have.
pub fn key<T>(
    page: &PageRequest,
    id: Id<T>,
    version: &Version,
    updated_at: DateTime<Utc>,
) -> (serde_json::Value, Uuid) {
    let key = match page.sort_field() {
        "updated_at" => serde_json::json!(updated_at),
        _ => serde_json::json!(version.number),
    };
    (key, id.uuid())
}
