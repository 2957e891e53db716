//! What is true of every operation: written once, run over the OpenAPI document.
//!
//! Each resource supplies one [`specimen`]; exceptions stand in lists beside their test, and these lists may only
//! shrink. Every answer that a contract test sees is held against the document ([`client`]).

mod access;
mod answers;
pub(crate) mod client;
mod document;
mod lists;
mod matrix;
mod records;
mod schema;
mod specimen;
