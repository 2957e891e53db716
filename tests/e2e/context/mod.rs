//! 4 Context of the organization, over HTTP.

mod entry_log;
mod interested_party;
mod network_diagram;
mod scope;
mod small_company_scope;
mod zone;
