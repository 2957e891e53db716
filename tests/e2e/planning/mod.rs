//! 6 Planning, over HTTP.

mod asset;
mod asset_import;
mod risk;
mod risk_criteria;
mod small_company;
pub(crate) mod steps;
mod treatment_item;
