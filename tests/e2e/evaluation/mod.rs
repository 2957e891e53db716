//! 9 Performance evaluation, over HTTP.

mod audit;
mod audit_checklist_sheet;
mod audit_guest;
mod feedback;
mod management_review;
mod measurement;
mod review_action;
mod small_company_review;
