//! Pages: one row more than asked for tells whether there is a next one.

use mamori_domain::kernel::page::{Page, PageRequest, Position};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::{failure::Outcome, tx::Tx};

/// The limit to load with.
pub fn one_more(page: &PageRequest) -> i64 {
    page.limit + 1
}

/// Orders a boxed query by a column and the id, and begins after the cursor. The column is NOT NULL; `$key` is what a
/// cursor keeps of it (see [`SortKey`]).
#[macro_export]
macro_rules! sorted {
    ($query:expr, $page:expr, $column:expr, $id:expr, $key:ty) => {{
        use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl};
        use $crate::kernel::{columns::KeyColumn, paging::SortKey};
        let after = $page.after::<$key>()?.map(|(key, id)| (SortKey::into_column(key), KeyColumn::<()>::of(id)));
        match (after, $page.is_descending()) {
            (None, false) => $query.order(($column.asc(), $id.asc())),
            (None, true) => $query.order(($column.desc(), $id.desc())),
            (Some((key, id)), false) => $query
                .order(($column.asc(), $id.asc()))
                .filter($column.ge(key.clone()).and($column.gt(key).or($id.gt(id)))),
            (Some((key, id)), true) => $query
                .order(($column.desc(), $id.desc()))
                .filter($column.le(key.clone()).and($column.lt(key).or($id.lt(id)))),
        }
    }};
}

/// What a cursor keeps of a sort column.
pub trait SortKey {
    /// What the column is compared with.
    type Column: Clone;

    /// The key as the column has it.
    fn into_column(self) -> Self::Column;
}

impl SortKey for i32 {
    type Column = i32;
    fn into_column(self) -> i32 {
        self
    }
}
impl SortKey for i64 {
    type Column = i64;
    fn into_column(self) -> i64 {
        self
    }
}
impl SortKey for String {
    type Column = String;
    fn into_column(self) -> String {
        self
    }
}
impl SortKey for chrono::DateTime<chrono::Utc> {
    type Column = super::columns::MomentColumn;
    fn into_column(self) -> Self::Column {
        super::columns::MomentColumn(self)
    }
}
impl SortKey for chrono::NaiveDate {
    type Column = chrono::NaiveDate;
    fn into_column(self) -> Self {
        self
    }
}

/// Everything that a list gives, page by page: for files, which have no pages.
pub fn all<T>(
    tx: &mut Tx<'_>,
    page: &PageRequest,
    mut list: impl FnMut(&mut Tx<'_>, &PageRequest) -> Outcome<Page<T>>,
) -> Outcome<Vec<T>> {
    let mut page = PageRequest { limit: PageRequest::MAX_LIMIT, after: None, ..page.clone() };
    let mut items = Vec::new();
    loop {
        let found = list(tx, &page)?;
        items.extend(found.items);
        match found.next.as_deref().map(Position::decode) {
            Some(Ok(after)) => page.after = Some(after),
            _ => return Ok(items),
        }
    }
}

/// Cuts the extra row off and makes the cursor of the next page out of the last one that stays.
pub fn cut<T, K: Serialize>(
    mut rows: Vec<T>,
    page: &PageRequest,
    total: Option<i64>,
    key: impl Fn(&T) -> (K, Uuid),
) -> Page<T> {
    let limit = usize::try_from(page.limit).unwrap_or_default();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| {
        let (key, id) = key(last);
        let key = serde_json::to_value(key).unwrap_or_default();
        Position { sort: page.order(), key, id }.encode()
    });
    Page { items: rows, next, total }
}

/// A page of rows that are all at hand: what the service ships, with what was recorded about it. `key` orders them.
pub fn page_of<T, K: Ord + Serialize + DeserializeOwned>(
    mut rows: Vec<T>,
    page: &PageRequest,
    key: impl Fn(&T) -> (K, Uuid),
) -> Outcome<Page<T>> {
    let total = page.include_total.then(|| i64::try_from(rows.len()).unwrap_or(i64::MAX));
    rows.sort_by_key(&key);
    if page.is_descending() {
        rows.reverse();
    }
    if let Some(after) = page.after::<K>()? {
        rows.retain(|row| if page.is_descending() { key(row) < after } else { key(row) > after });
    }
    Ok(cut(rows, page, total, key))
}

/// A normalised search text as a pattern for `LIKE … ESCAPE '\'`.
pub fn containing(q: &str) -> String {
    pattern(&mamori_domain::kernel::text::normalized(q))
}

/// The same for a column that holds a text as it was written: compare it with [`lower`].
pub fn as_written(q: &str) -> String {
    pattern(&q.trim().to_ascii_lowercase())
}

fn pattern(text: &str) -> String {
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

diesel::define_sql_function! {
    /// Both databases lower ASCII letters only (the column is `COLLATE "C"`).
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
}
