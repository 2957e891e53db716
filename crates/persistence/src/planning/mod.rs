//! 6 Planning: assets, risk criteria, risks, treatment, the statement of applicability.

pub mod applicability;
pub mod asset;
pub mod objective;
pub mod owner;
pub mod planned_change;
pub(crate) mod rating;
pub(crate) mod reference;
pub mod risk;
pub mod risk_assessment;
pub mod risk_criteria;
pub mod treatment_item;
pub mod treatment_plan;
