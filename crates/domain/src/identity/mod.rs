//! Principals (who logs in here), their sessions and tokens.

pub mod access_token;
pub mod principal;
pub mod session;
