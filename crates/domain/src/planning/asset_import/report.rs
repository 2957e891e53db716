//! What an import found and did, row by row.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use strum::{Display, EnumIter, EnumString};
use utoipa::ToSchema;

use crate::{
    kernel::{
        id::Id,
        label::{Label, Labelled, label},
        refusal::{Code, Params},
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

/// What happens with a row of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ImportAction {
    /// A new asset.
    Create,
    /// A change to an asset.
    Update,
    /// The asset is already as the row says.
    Unchanged,
    /// The row has errors.
    Refuse,
}

impl Labelled for ImportAction {
    const NAME: &'static str = "import_action";

    fn label(&self) -> Label {
        match self {
            Self::Create => label("登録", "create"),
            Self::Update => label("更新", "update"),
            Self::Unchanged => label("変更なし", "unchanged"),
            Self::Refuse => label("取込不可", "refuse"),
        }
    }
}

/// What is wrong in one cell of a file.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RowFault {
    /// The row as the spreadsheet shows it; 1 where the file as a whole is meant.
    pub row: u32,
    /// The header of the column as it stands in the file; empty where no column is meant.
    pub column: String,
    /// What is wrong there.
    pub code: Code,
    /// Details for the message.
    #[schema(value_type = Object)]
    pub params: Params,
}

impl RowFault {
    /// A fault in `column` of `row`.
    pub fn new(row: u32, column: impl Into<String>, code: Code) -> Self {
        Self { row, column: column.into(), code, params: Params::new() }
    }

    /// With a detail for the message.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.into(), value.into());
        self
    }
}
