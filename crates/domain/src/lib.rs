//! Types and rules of a security programme after ISO/IEC 27001:2022, for small and medium companies.
//!
//! Everything here is a value or a pure function: no HTTP, no database, no clock. The types are also
//! the wire types of the API: `XDraft` is what a client writes, `X` what it reads. Modules follow the
//! clauses of the standard; the same path holds the queries in `mamori-persistence`, the handlers in
//! `mamori-api` and the tests in `tests/e2e`.

pub mod access;
pub mod catalog;
pub mod context;
pub mod evaluation;
pub mod identity;
pub mod improvement;
pub mod integration;
pub mod kernel;
pub mod leadership;
pub mod operation;
pub mod organization;
pub mod overview;
pub mod planning;
pub mod support;
