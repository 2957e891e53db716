//! The organization and its people, over HTTP.

mod department;
#[expect(clippy::module_inception, reason = "mirrors the crates")]
mod organization;
mod person;
mod position;
