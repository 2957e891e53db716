//! The organization and its people.

pub mod department;
#[expect(clippy::module_inception, reason = "mirrors the domain")]
pub mod organization;
pub mod person;
pub mod position;
