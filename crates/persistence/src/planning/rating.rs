//! How ratings are kept.

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql},
    expression::AsExpression,
    pg::Pg,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::Integer,
    sqlite::Sqlite,
};
use mamori_domain::planning::rating::Rating;

/// A rating in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = Integer)]
pub(crate) struct RatingColumn(pub(crate) Rating);

impl RatingColumn {
    /// As a sort key.
    pub(crate) fn number(rating: Rating) -> i32 {
        i32::from(rating.get())
    }
}

impl ToSql<Integer, Pg> for RatingColumn {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Integer, Pg>::to_sql(&Self::number(self.0), &mut out.reborrow())
    }
}
impl ToSql<Integer, Sqlite> for RatingColumn {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(Self::number(self.0));
        Ok(IsNull::No)
    }
}
impl<DB: Backend> FromSql<Integer, DB> for RatingColumn
where
    i32: FromSql<Integer, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(i64::from(i32::from_sql(value)?).try_into()?))
    }
}
