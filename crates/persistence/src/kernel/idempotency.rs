//! `Idempotency-Key`: the first answer again, instead of doing it twice. The key is stored in the transaction of the
//! mutation itself, so that both happen or neither.

use chrono::TimeDelta;
use diesel::{
    prelude::*,
    result::{DatabaseErrorKind, Error},
};
use mamori_domain::{
    identity::principal::Principal,
    kernel::refusal::{Code, Refusal},
    organization::organization::Organization,
};

use self::idempotency_key as k;
use super::{
    columns::{DocumentColumn, KeyColumn, MomentColumn},
    failure::{Failure, Outcome},
    tx::Tx,
};
use crate::on;

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    idempotency_key (organization_id, principal_id, key) {
        organization_id -> Key,
        principal_id -> Key,
        key -> Text,
        fingerprint -> Binary,
        status -> Integer,
        headers -> Document,
        body -> Binary,
        created_at -> Moment,
    }
}

/// How long a key is remembered.
pub const LIFETIME: TimeDelta = TimeDelta::hours(48);

/// An answer as it is kept: never with a secret in it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The HTTP status.
    pub status: i32,
    /// Headers that belong to the answer.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

#[derive(Insertable)]
#[diesel(table_name = k, treat_none_as_default_value = false)]
struct Row {
    organization_id: KeyColumn<Organization>,
    principal_id: KeyColumn<Principal>,
    key: String,
    fingerprint: Vec<u8>,
    status: i32,
    headers: DocumentColumn<Vec<(String, String)>>,
    body: Vec<u8>,
    created_at: MomentColumn,
}

/// The answer given to `key` before. Refused where the request was another one.
pub fn find(tx: &mut Tx<'_>, principal: KeyColumn<Principal>, key: &str, fingerprint: &[u8]) -> Outcome<Option<Kept>> {
    let (organization, oldest) = (tx.organization(), MomentColumn(tx.now() - LIFETIME));
    type Found = (Vec<u8>, i32, DocumentColumn<Vec<(String, String)>>, Vec<u8>);
    let row: Option<Found> = on!(
        tx,
        k::table
            .find((organization, principal, key))
            .filter(k::created_at.gt(oldest))
            .select((k::fingerprint, k::status, k::headers, k::body))
            .first(tx)
    )
    .optional()?;
    match row {
        None => Ok(None),
        Some((before, ..)) if before != fingerprint => Err(Refusal::new(Code::IdempotencyKeyReused).into()),
        Some((_, status, headers, body)) => Ok(Some(Kept { status, headers: headers.0, body })),
    }
}

/// Remembers an answer. An expired one under the same key gives way.
pub fn keep(
    tx: &mut Tx<'_>,
    principal: KeyColumn<Principal>,
    key: &str,
    fingerprint: &[u8],
    kept: Kept,
) -> Outcome<()> {
    let (organization, oldest) = (tx.organization(), MomentColumn(tx.now() - LIFETIME));
    let row = Row {
        organization_id: organization,
        principal_id: principal,
        key: key.to_owned(),
        fingerprint: fingerprint.to_vec(),
        status: kept.status,
        headers: DocumentColumn(kept.headers),
        body: kept.body,
        created_at: MomentColumn(tx.now()),
    };
    let expired = k::table.find((organization, principal, key)).filter(k::created_at.le(oldest));
    on!(tx, diesel::delete(expired).execute(tx))?;
    match on!(tx, diesel::insert_into(k::table).values(&row).execute(tx)) {
        // The same request came twice at the same time: the other one was first, and its answer is there now.
        Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Err(Failure::Collided),
        kept => Ok(kept.map(|_| ())?),
    }
}

/// Forgets the keys of this organization that have expired.
pub fn forget_expired(tx: &mut Tx<'_>) -> Outcome<()> {
    let (organization, oldest) = (tx.organization(), MomentColumn(tx.now() - LIFETIME));
    let expired = k::table.filter(k::organization_id.eq(organization)).filter(k::created_at.le(oldest));
    on!(tx, diesel::delete(expired).execute(tx))?;
    Ok(())
}
