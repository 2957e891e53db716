//! Lists: a page of items and the cursor of the next one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows, in the order asked for.
    pub items: Vec<T>,
    /// Give this as `cursor` for the next page; `null` on the last one.
    #[schema(required)]
    pub next: Option<String>,
    /// How many rows the whole list has; only with `include_total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, extensions(("x-may-lack" = json!(true))))]
    pub total: Option<i64>,
}

impl<T> Page<T> {
    /// The same page with every item turned into something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next, total: self.total }
    }
}

/// Where a page begins: after the row with this sort key and id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The list and the `sort` that the cursor was made for: [`PageRequest::order`].
    #[serde(rename = "s")]
    pub sort: String,
    /// The sort key of the last row.
    #[serde(rename = "k")]
    pub key: serde_json::Value,
    /// The id of the last row.
    #[serde(rename = "i")]
    pub id: uuid::Uuid,
}

/// Which page of a list is asked for.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// How many rows, 1 to 200.
    pub limit: i64,
    /// Where the page begins; `None` for the first one.
    pub after: Option<Position>,
    /// Whether to count the whole list.
    pub include_total: bool,
    /// The `sort` in use, as the client wrote it: `name`, `-updated_at`.
    pub sort: String,
    /// The list: the operation that answers it; empty inside the service.
    pub list: String,
}

impl PageRequest {
    /// Rows of a page when the client does not say.
    pub const DEFAULT_LIMIT: i64 = 50;
    /// Most rows of a page.
    pub const MAX_LIMIT: i64 = 200;

    /// Whether the order falls.
    pub fn is_descending(&self) -> bool {
        self.sort.starts_with('-')
    }

    /// What a cursor belongs to: a list in one order.
    pub fn order(&self) -> String {
        format!("{} {}", self.list, self.sort)
    }

    /// The field that the list is ordered by.
    pub fn sort_field(&self) -> &str {
        self.sort.trim_start_matches('-')
    }

    /// The sort key and id that the page begins after, where it is not the first one.
    pub fn after<K: serde::de::DeserializeOwned>(&self) -> Result<Option<(K, uuid::Uuid)>, super::refusal::Refusal> {
        let refused = || super::refusal::Refusal::new(super::refusal::Code::MalformedCursor);
        let Some(position) = &self.after else { return Ok(None) };
        if position.sort != self.order() {
            return Err(refused());
        }
        let key = serde_json::from_value(position.key.clone()).map_err(|_| refused())?;
        Ok(Some((key, position.id)))
    }
}

/// The text is not a cursor of this service.
#[derive(Debug, thiserror::Error)]
#[error("not a cursor")]
pub struct NotACursor;

impl Position {
    /// As the opaque text of a cursor.
    pub fn encode(&self) -> String {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads a cursor.
    pub fn decode(text: &str) -> Result<Self, NotACursor> {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotACursor)?;
        serde_json::from_slice(&bytes).map_err(|_| NotACursor)
    }
}

impl PageRequest {
    /// The page that holds one record, found by its id.
    pub fn one() -> Self {
        Self { limit: 1, after: None, include_total: false, sort: String::new(), list: String::new() }
    }

    /// A whole list, for what is made out of all its records inside the service.
    pub fn whole() -> Self {
        Self { limit: i64::from(i32::MAX), ..Self::one() }
    }
}
