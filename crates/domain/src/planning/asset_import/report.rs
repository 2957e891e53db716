//! What an import found and did, row by row.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    kernel::{
        id::Id,
        sheet::{ImportAction, RowFault},
    },
    planning::asset::Asset,
};

/// What an import did, or would do.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ImportReport {
    /// Nothing was stored: this is only what would happen.
    pub validate_only: bool,
    /// Rows with content, without the header.
    pub rows_read: i64,
    /// Assets that are new.
    pub created: i64,
    /// Assets that changed.
    pub updated: i64,
    /// Assets that were already as the file says.
    pub unchanged: i64,
    /// Rows that were refused.
    pub refused: i64,
    /// Every row.
    pub rows: Vec<ImportRow>,
}

/// What an import did, or would do, with one row.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ImportRow {
    /// Its number as the spreadsheet shows it (the header is 1).
    pub row: u32,
    /// What happens with it.
    pub action: ImportAction,
    /// The asset it is about; `null` where there is none yet.
    #[schema(required)]
    pub asset_id: Option<Id<Asset>>,
    /// The name of the asset, as the row states it.
    pub name: String,
    /// The fields that change.
    pub changes: Vec<String>,
    /// Why it was refused.
    pub errors: Vec<RowFault>,
    /// What looks wrong but is taken.
    pub warnings: Vec<RowFault>,
}
