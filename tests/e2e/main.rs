//! Behaviour of mamori over HTTP, on SQLite and PostgreSQL.
//!
//! Every test runs twice: [`on_both`] starts the real application on each database with the sample organizations in
//! it. Paths mirror the crates; `contract` holds what is true of every operation.

mod context;
mod contract;
mod evaluation;
mod harness;
mod identity;
mod improvement;
mod integration;
mod kernel;
mod leadership;
mod operation;
mod organization;
mod overview;
mod pdca;
mod planning;
mod support;
