//! 4 Context of the organization, over HTTP.

mod action;
mod entry_log;
mod interested_party;
mod issue;
mod network_diagram;
mod review;
mod scope;
mod small_company_scope;
mod zone;
