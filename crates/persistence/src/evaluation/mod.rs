//! 9 Performance evaluation: measurements, internal audits, feedback of interested parties, management reviews and their
//! instructions.

mod names;
pub mod audit;
pub mod audit_checklist_item;
pub mod feedback;
pub mod finding;
pub mod management_review;
pub mod measure;
pub mod measurement;
pub mod review_action;
