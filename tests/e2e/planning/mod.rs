//! 6 Planning, over HTTP.

mod applicability;
mod asset;
mod asset_import;
mod objective;
mod planned_change;
mod risk;
mod risk_assessment;
mod risk_criteria;
mod small_company;
pub(crate) mod steps;
mod treatment_item;
mod treatment_plan;
