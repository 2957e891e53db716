//! 9 Performance evaluation, over HTTP.

mod audit;
mod external_audit;
mod feedback;
mod management_review;
mod measurement;
mod review_action;
mod small_company_review;
