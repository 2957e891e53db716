//! Rows and queries of mamori on SQLite and PostgreSQL, each query written once. Knows no HTTP.
//!
//! Every function takes a [`kernel::tx::Tx`]: the connection together with organization, actor, clock and reach.
//! Modules mirror `mamori-domain`; each file holds its `table!` beside its queries.

pub mod identity;
pub mod integration;
pub mod kernel;
pub mod leadership;
pub mod organization;
pub mod planning;

use organization::{
    department::department,
    organization::organization as organization_settings,
    person::person,
    position::{position, position_holder},
};

// Tables that stand together in a query.
diesel::allow_tables_to_appear_in_same_query!(department, organization_settings, person, position, position_holder);
