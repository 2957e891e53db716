//! Evaluation (clause 9).

pub mod audit;
pub mod audit_checklist_item;
pub mod audit_starter;
pub mod criterion;
pub mod finding;
