//! 9 Performance evaluation, over HTTP.

mod audit;
mod audit_checklist_sheet;
mod audit_guest;
mod audit_programme;
mod external_audit;
mod feedback;
pub(crate) mod management_review;
mod measurement;
mod review_action;
mod small_company_review;
