//! 4 Context of the organization, and the actions on its risks and opportunities (6.1.1).

pub mod action;
pub mod entry_log;
pub mod interested_party;
pub mod issue;
pub mod network_diagram;
pub mod review;
pub mod scope;
pub mod zone;
