//! 4 Context of the organization.

pub mod interested_party;
