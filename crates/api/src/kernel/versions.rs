//! Lists of what is issued in versions.

use chrono::{DateTime, Utc};
use mamori_domain::kernel::version::VersionState;
use mamori_persistence::kernel::versions::Filter;
use serde::Deserialize;
use utoipa::IntoParams;

/// What such a list is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VersionQuery {
    /// Text in the title.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Changed at or after this moment.
    updated_since: Option<DateTime<Utc>>,
    /// In this state; `in_force` finds the one that holds.
    #[param(inline)]
    state: Option<VersionState>,
    /// The order.
    #[param(pattern = "^-?(version|updated_at)$", default = "version")]
    pub sort: Option<String>,
}

impl VersionQuery {
    /// Which versions these are.
    pub fn filter<T>(self) -> Filter<T> {
        let Self { q, updated_since, state, sort: _ } = self;
        Filter { id: None, q, updated_since, state }
    }
}
