//! 9 Performance evaluation: measurements, audit programme, internal and external audits, feedback of interested parties,
//! management reviews and their instructions.

pub mod audit;
pub mod audit_checklist_item;
pub mod audit_checklist_sheet;
pub mod audit_programme;
pub mod audit_starter;
pub mod criterion;
pub mod external_audit;
pub mod feedback;
pub mod finding;
pub mod management_review;
pub mod measurement;
pub mod review_action;
