//! 6 Planning: assets, risk criteria, risks, treatment.

pub mod asset;
pub mod owner;
mod rating;
pub(crate) mod reference;
pub mod risk;
pub mod risk_criteria;
pub mod treatment_item;
