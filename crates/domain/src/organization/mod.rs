//! The organization (tenant), its departments, positions and persons.

pub mod department;
#[expect(clippy::module_inception, reason = "the module holds the organization and what belongs to it")]
pub mod organization;
pub mod person;
pub mod position;
