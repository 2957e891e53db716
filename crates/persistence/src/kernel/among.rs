//! `column IN (…)` with one bound value, however many ids there are: the statement is prepared once and kept. diesel's
//! `eq_any` binds each id on SQLite, so that the statement is prepared again at every execution.

use diesel::{
    Expression, QueryResult,
    expression::{AppearsOnTable, SelectableExpression, ValidGrouping, is_aggregate},
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{Array, Bool, Text, Uuid as PgUuid},
    sqlite::Sqlite,
};
use uuid::Uuid;

use super::columns::KeyColumn;

/// See [`AmongExt::among`].
#[derive(Clone, Debug, QueryId)]
pub struct Among<E> {
    column: E,
    ids: Ids,
}

/// The ids as either database takes them.
#[derive(Clone, Debug, QueryId)]
struct Ids {
    array: Vec<Uuid>,
    json: String,
}

/// `among` on columns.
pub trait AmongExt: Expression + Sized {
    /// Whether the column is one of `ids`; a column that is NULL is none of them.
    fn among<T>(self, ids: &[KeyColumn<T>]) -> Among<Self> {
        let array: Vec<Uuid> = ids.iter().map(|id| id.0.uuid()).collect();
        let quoted: Vec<String> = array.iter().map(|id| format!("\"{}\"", id.simple())).collect();
        Among { column: self, ids: Ids { json: format!("[{}]", quoted.join(",")), array } }
    }
}

impl<E: diesel::Column> AmongExt for E {}

impl<E: Expression> Expression for Among<E> {
    type SqlType = Bool;
}
impl<E: AppearsOnTable<QS>, QS> AppearsOnTable<QS> for Among<E> {}
impl<E: SelectableExpression<QS>, QS> SelectableExpression<QS> for Among<E> {}
impl<E> ValidGrouping<()> for Among<E> {
    type IsAggregate = is_aggregate::No;
}

impl<E: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Among<E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (SELECT unhex(value) FROM json_each(");
        out.push_bind_param::<Text, _>(&self.ids.json)?;
        out.push_sql("))");
        Ok(())
    }
}

impl<E: QueryFragment<Pg>> QueryFragment<Pg> for Among<E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" = ANY(");
        out.push_bind_param::<Array<PgUuid>, _>(&self.ids.array)?;
        out.push_sql(")");
        Ok(())
    }
}
