//! Rows and queries of mamori on SQLite and PostgreSQL, each query written once. Knows no HTTP.
//!
//! Every function takes a [`kernel::tx::Tx`]: the connection together with organization, actor, clock and reach.
//! Modules mirror `mamori-domain`; each file holds its `table!` beside its queries.

#![expect(missing_docs, reason = "diesel::table! writes public modules without documentation")]

pub mod identity;
pub mod integration;
pub mod kernel;
pub mod leadership;
pub mod operation;
pub mod organization;
pub mod planning;

use identity::{
    principal::principal,
    session::{credential, refresh_token},
};
use leadership::appointment::appointment;
use operation::{
    annual_plan::annual_plan,
    annual_plan_row::annual_plan_row,
    checklist::operation_checklist,
    supplier::{supplier, supplier_asset},
};
use organization::{
    department::department,
    organization::organization as organization_settings,
    person::person,
    position::{position, position_holder},
};
use planning::{
    asset::asset,
    risk::{risk, risk_asset},
    treatment_item::treatment_item,
};

// Tables that stand together in a query.
diesel::allow_tables_to_appear_in_same_query!(
    department,
    organization_settings,
    person,
    position,
    position_holder,
    asset,
    risk,
    risk_asset,
    treatment_item,
    appointment,
    principal,
    credential,
    refresh_token,
    annual_plan,
    annual_plan_row,
    operation_checklist,
    supplier,
    supplier_asset,
);
