//! The organization (tenant), its departments, positions and persons.

#[expect(clippy::module_inception, reason = "the module holds the organization and what belongs to it")]
pub mod organization;
pub mod department;
pub mod person;
pub mod position;
