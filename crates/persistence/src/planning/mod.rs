//! 6 Planning: assets, risk criteria, risks, treatment, the statement of applicability.

pub mod applicability;
pub mod asset;
pub mod owner;
mod rating;
mod reference;
pub mod risk;
pub mod risk_assessment;
pub mod risk_criteria;
pub mod treatment_item;
pub mod treatment_plan;
