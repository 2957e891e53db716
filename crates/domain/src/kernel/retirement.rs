//! How an entry leaves a register.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    refusal::{Code, Refusal},
    text::Text,
};

/// When and why an entry leaves its register; it stays readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retirement {
    /// The day it left; not in the future.
    pub retired_on: NaiveDate,
    /// Why.
    pub reason: Text,
}

impl Retirement {
    /// Refuses a day that lies ahead.
    pub fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        if self.retired_on > today { Err(Refusal::field("/retired_on", Code::FutureDate)) } else { Ok(()) }
    }
}
