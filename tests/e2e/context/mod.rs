//! 4 Context of the organization, over HTTP.

mod entry_log;
mod network_diagram;
mod scope;
mod small_company_scope;
mod zone;
