//! Names beside ids, so that a table on a screen needs one request.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A record that another one points to, with the name to show for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reference {
    /// Its id.
    pub id: Uuid,
    /// Its name at the time of reading.
    pub name: String,
}

impl Reference {
    /// `name` beside `id`.
    pub fn new<T>(id: super::id::Id<T>, name: impl Into<String>) -> Self {
        Self { id: id.uuid(), name: name.into() }
    }
}
