//! Principals, sessions, tokens.

pub mod access_token;
pub mod principal;
pub mod secret;
pub mod session;
pub mod setup;
