//! Who logs in here, and with what, over HTTP.

mod access_token;
mod principal;
pub(crate) mod session;
