//! How domain types are kept in columns: three wrappers, so that the domain does not know diesel.

use std::{fmt, io::Write, str::FromStr};

use chrono::{DateTime, SecondsFormat, Utc};
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql},
    expression::AsExpression,
    pg::Pg,
    serialize::{self, IsNull, Output, ToSql},
    sqlite::Sqlite,
};
use mamori_domain::kernel::{id::Id, text::Bounded};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// SQL types that both databases have, under other names.
pub mod sql {
    use diesel::{query_builder::QueryId, sql_types::SqlType};

    /// `uuid` / 16-byte `BLOB`.
    #[derive(Clone, Copy, Debug, Default, QueryId, SqlType)]
    #[diesel(sqlite_type(name = "Binary"), postgres_type(oid = 2950, array_oid = 2951))]
    pub struct Key;

    /// `timestamptz` / `TEXT` of fixed width, so that it sorts.
    #[derive(Clone, Copy, Debug, Default, QueryId, SqlType)]
    #[diesel(sqlite_type(name = "Text"), postgres_type(oid = 1184, array_oid = 1185))]
    pub struct Moment;

    /// `jsonb` / `TEXT`.
    #[derive(Clone, Copy, Debug, Default, QueryId, SqlType)]
    #[diesel(sqlite_type(name = "Text"), postgres_type(oid = 3802, array_oid = 3807))]
    pub struct Document;

    impl diesel::sql_types::SqlOrd for Key {}
    impl diesel::sql_types::SqlOrd for Moment {}
}

/// An id in a column.
#[derive(AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = sql::Key)]
pub struct KeyColumn<T: 'static>(pub Id<T>);

impl<T> Clone for KeyColumn<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for KeyColumn<T> {}
impl<T> PartialEq for KeyColumn<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for KeyColumn<T> {}
impl<T> std::hash::Hash for KeyColumn<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Debug for KeyColumn<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<T> From<Id<T>> for KeyColumn<T> {
    fn from(id: Id<T>) -> Self {
        Self(id)
    }
}
impl<T> KeyColumn<T> {
    /// A key column out of a bare UUID.
    pub fn of(uuid: Uuid) -> Self {
        Self(Id::from_uuid(uuid))
    }
}

impl<T> ToSql<sql::Key, Pg> for KeyColumn<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.uuid().as_bytes())?;
        Ok(IsNull::No)
    }
}
impl<T> ToSql<sql::Key, Sqlite> for KeyColumn<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.uuid().as_bytes().to_vec());
        Ok(IsNull::No)
    }
}
impl<T> FromSql<sql::Key, Pg> for KeyColumn<T> {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::of(Uuid::from_slice(value.as_bytes())?))
    }
}
impl<T> FromSql<sql::Key, Sqlite> for KeyColumn<T> {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::of(Uuid::from_slice(value.read_blob())?))
    }
}

/// A moment in a column: microseconds, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = sql::Moment)]
pub struct MomentColumn(pub DateTime<Utc>);

impl ToSql<sql::Moment, Pg> for MomentColumn {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<diesel::sql_types::Timestamptz, Pg>::to_sql(&self.0, &mut out.reborrow())
    }
}
impl ToSql<sql::Moment, Sqlite> for MomentColumn {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_rfc3339_opts(SecondsFormat::Micros, true));
        Ok(IsNull::No)
    }
}
impl FromSql<sql::Moment, Pg> for MomentColumn {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        FromSql::<diesel::sql_types::Timestamptz, Pg>::from_sql(value).map(Self)
    }
}
impl FromSql<sql::Moment, Sqlite> for MomentColumn {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(DateTime::parse_from_rfc3339(value.read_text())?.to_utc()))
    }
}

/// Any enum or other word with `Display` and `FromStr`, as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct WordColumn<T: fmt::Debug + 'static>(pub T);

impl<T: fmt::Debug + fmt::Display> ToSql<diesel::sql_types::Text, Pg> for WordColumn<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        write!(out, "{}", self.0)?;
        Ok(IsNull::No)
    }
}
impl<T: fmt::Debug + fmt::Display> ToSql<diesel::sql_types::Text, Sqlite> for WordColumn<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_string());
        Ok(IsNull::No)
    }
}
impl<DB: Backend, T: fmt::Debug + FromStr> FromSql<diesel::sql_types::Text, DB> for WordColumn<T>
where
    String: FromSql<diesel::sql_types::Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(value)?;
        text.parse().map(Self).map_err(|_| format!("unknown word {text:?}").into())
    }
}

/// A value without columns of its own, as JSON.
#[derive(Clone, Debug, PartialEq, AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = sql::Document)]
pub struct DocumentColumn<T: fmt::Debug + 'static>(pub T);

impl<T: fmt::Debug + Serialize> ToSql<sql::Document, Pg> for DocumentColumn<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[1])?; // version of the jsonb wire format
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}
impl<T: fmt::Debug + Serialize> ToSql<sql::Document, Sqlite> for DocumentColumn<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}
impl<T: fmt::Debug + DeserializeOwned> FromSql<sql::Document, Pg> for DocumentColumn<T> {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = value.as_bytes().get(1..).ok_or("empty jsonb")?;
        Ok(Self(serde_json::from_slice(bytes)?))
    }
}
impl<T: fmt::Debug + DeserializeOwned> FromSql<sql::Document, Sqlite> for DocumentColumn<T> {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(value.read_text())?))
    }
}

/// A validated text in a column.
#[derive(Clone, Debug, PartialEq, Eq, AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct TextColumn<const MIN: usize, const MAX: usize>(pub Bounded<MIN, MAX>);

impl<const MIN: usize, const MAX: usize, DB: Backend> ToSql<diesel::sql_types::Text, DB> for TextColumn<MIN, MAX>
where
    str: ToSql<diesel::sql_types::Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_str().to_sql(out)
    }
}
impl<const MIN: usize, const MAX: usize, DB: Backend> FromSql<diesel::sql_types::Text, DB> for TextColumn<MIN, MAX>
where
    String: FromSql<diesel::sql_types::Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Bounded::new(String::from_sql(value)?)?))
    }
}
