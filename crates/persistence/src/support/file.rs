//! How files are kept: what is known of them beside their bytes. Each is written once, with the record that refers to it,
//! and read with that record.

use diesel::prelude::*;
use mamori_domain::{
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
        }
    }
}

/// The files with these ids.
pub(super) fn all(tx: &mut Tx<'_>, ids: &[KeyColumn<StoredFile>]) -> Outcome<Vec<StoredFile>> {
    let these = f::table.filter(f::organization_id.eq(tx.organization())).filter(f::id.among(ids));
    let rows: Vec<Row> = on!(tx, these.select(Row::as_select()).load(tx))?;
    Ok(rows.into_iter().map(Row::into_file).collect())
}

/// Adds a file whose bytes have been stored.
pub fn add(tx: &mut Tx<'_>, file: &StoredFile) -> Outcome<()> {
    let StoredFile { id, name, media_type, size, sha256, stored_at } = file.clone();
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
        },
    };
    on!(tx, diesel::insert_into(f::table).values(&row).execute(tx))?;
    Ok(())
}
