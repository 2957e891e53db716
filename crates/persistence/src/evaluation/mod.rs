//! Evaluation (clause 9).

pub mod audit;
pub mod audit_checklist_item;
pub mod finding;
mod names;
