//! The token with which the first organization of an empty service is set up.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use mamori_domain::kernel::id::Id;
use uuid::Uuid;

use self::setup as s;
use super::secret::{Parsed, Secret, SecretKind};
use crate::{
    kernel::{
        columns::{KeyColumn, MomentColumn},
        conn::Conn,
        failure::Outcome,
    },
    on,
    organization::organization::tenant,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    setup (id) {
        id -> Key,
        token_hash -> Binary,
        created_at -> Moment,
        used_at -> Nullable<Moment>,
    }
}

/// Whether this database has no organization yet.
pub fn is_empty(conn: &mut Conn) -> Outcome<bool> {
    let any: bool = on!(conn, diesel::select(diesel::dsl::exists(tenant::table.select(tenant::id))).get_result(conn))?;
    Ok(!any)
}

/// A setup token for an empty service, in place of one that was printed before and not used; `None` where there is an
/// organization.
pub fn make_setup_token(conn: &mut Conn, now: DateTime<Utc>) -> Outcome<Option<Secret>> {
    if !is_empty(conn)? {
        return Ok(None);
    }
    on!(conn, diesel::delete(s::table.filter(s::used_at.is_null())).execute(conn))?;
    let id = Id::<()>::generate(now);
    let secret = Secret::generate(SecretKind::Setup, Uuid::nil(), id.uuid())?;
    let row = (s::id.eq(KeyColumn(id)), s::token_hash.eq(secret.hash()), s::created_at.eq(MomentColumn(now)));
    on!(conn, diesel::insert_into(s::table).values(row).execute(conn))?;
    Ok(Some(secret))
}

/// Takes a setup token, once; `false` where it is not the one that was made last or has been used.
pub fn take_setup_token(conn: &mut Conn, presented: &Parsed, now: DateTime<Utc>) -> Outcome<bool> {
    if presented.kind != SecretKind::Setup {
        return Ok(false);
    }
    let id = KeyColumn::<()>::of(presented.id);
    let stored: Option<Vec<u8>> =
        on!(conn, s::table.find(id).filter(s::used_at.is_null()).select(s::token_hash).first(conn)).optional()?;
    if !stored.is_some_and(|stored| presented.hash.matches(&stored)) {
        return Ok(false);
    }
    let unused = s::table.find(id).filter(s::used_at.is_null());
    Ok(on!(conn, diesel::update(unused).set(s::used_at.eq(MomentColumn(now))).execute(conn))? == 1)
}
