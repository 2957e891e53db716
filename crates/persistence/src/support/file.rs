//! How files are kept: what is known of them beside their bytes. Each is written once, with the record that refers to it,
//! and read with that record.

use std::collections::HashMap;

use diesel::prelude::*;
use mamori_domain::{
    kernel::id::Id,
    organization::organization::Organization,
    support::file::{MediaType, StoredFile},
};

use self::stored_file as f;
use crate::{
    kernel::{
        among::AmongExt,
        columns::{KeyColumn, MomentColumn, WordColumn},
        failure::Outcome,
        tx::Tx,
    },
    on,
};

diesel::table! {
    use diesel::sql_types::*;
    use crate::kernel::columns::sql::*;

    stored_file (organization_id, id) {
        organization_id -> Key,
        id -> Key,
        name -> Text,
        media_type -> Text,
        size -> BigInt,
        sha256 -> Text,
        created_at -> Moment,
        created_by -> Text,
        erased_at -> Nullable<Moment>,
        removed_at -> Nullable<Moment>,
    }
}

/// `created_by` is only written: for whoever looks into the database.
#[derive(Insertable)]
#[diesel(table_name = f, treat_none_as_default_value = false)]
struct NewRow {
    organization_id: KeyColumn<Organization>,
    created_by: String,
    #[diesel(embed)]
    file: Row,
}

/// A file as it is read, beside the record that refers to it.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = f, treat_none_as_default_value = false)]
pub(super) struct Row {
    id: KeyColumn<StoredFile>,
    name: String,
    media_type: WordColumn<MediaType>,
    size: i64,
    sha256: String,
    created_at: MomentColumn,
    erased_at: Option<MomentColumn>,
}

impl Row {
    pub(super) fn into_file(self) -> StoredFile {
        StoredFile {
            id: self.id.0,
            name: self.name,
            media_type: self.media_type.0,
            size: self.size,
            sha256: self.sha256,
            stored_at: self.created_at.0,
            erased_at: self.erased_at.map(|at| at.0),
        }
    }
}

/// Files by id, read once for a whole page of records that refer to them.
pub(crate) fn among(
    tx: &mut Tx<'_>,
    ids: impl IntoIterator<Item = Id<StoredFile>>,
) -> Outcome<HashMap<Id<StoredFile>, StoredFile>> {
    let ids: Vec<_> = ids.into_iter().map(KeyColumn).collect();
    let named = f::table.filter(f::organization_id.eq(tx.organization())).filter(f::id.among(&ids));
    let rows: Vec<Row> = on!(tx, named.select(Row::as_select()).load(tx))?;
    Ok(rows.into_iter().map(|row| (row.id.0, row.into_file())).collect())
}

/// Adds a file whose bytes have been stored.
pub fn add(tx: &mut Tx<'_>, file: &StoredFile) -> Outcome<()> {
    let StoredFile { id, name, media_type, size, sha256, stored_at, erased_at } = file.clone();
    let row = NewRow {
        organization_id: tx.organization(),
        created_by: tx.context().actor.to_string(),
        file: Row {
            id: KeyColumn(id),
            name,
            media_type: WordColumn(media_type),
            size,
            sha256,
            created_at: MomentColumn(stored_at),
            erased_at: erased_at.map(MomentColumn),
        },
    };
    on!(tx, diesel::insert_into(f::table).values(&row).execute(tx))?;
    Ok(())
}

/// Erases a file: nobody gets its bytes from now on, and [`to_remove`] names them.
pub(super) fn erase(tx: &mut Tx<'_>, id: Id<StoredFile>) -> Outcome<()> {
    let (this, now) = (f::table.find((tx.organization(), KeyColumn(id))), MomentColumn(tx.now()));
    on!(tx, diesel::update(this).set(f::erased_at.eq(now)).execute(tx))?;
    Ok(())
}

/// The SHA-256 of bytes that lie in the store, and that only erased files have.
pub fn to_remove(tx: &mut Tx<'_>) -> Outcome<Vec<String>> {
    let organization = tx.organization();
    let of_organization = || f::table.filter(f::organization_id.eq(organization));
    let erased: Vec<String> = on!(
        tx,
        of_organization()
            .filter(f::erased_at.is_not_null())
            .filter(f::removed_at.is_null())
            .select(f::sha256)
            .distinct()
            .load(tx)
    )?;
    let kept: Vec<String> = on!(
        tx,
        of_organization()
            .filter(f::erased_at.is_null())
            .filter(f::sha256.eq_any(erased.clone()))
            .select(f::sha256)
            .distinct()
            .load(tx)
    )?;
    Ok(erased.into_iter().filter(|sha256| !kept.contains(sha256)).collect())
}

/// Bytes were removed from the store.
pub fn removed(tx: &mut Tx<'_>, sha256: &str) -> Outcome<()> {
    let (organization, now) = (tx.organization(), MomentColumn(tx.now()));
    let erased = f::table
        .filter(f::organization_id.eq(organization))
        .filter(f::sha256.eq(sha256))
        .filter(f::erased_at.is_not_null());
    on!(tx, diesel::update(erased).set(f::removed_at.eq(now)).execute(tx))?;
    Ok(())
}
