//! 4 Context of the organization, over HTTP.

mod interested_party;
