//! 7 Support.

pub mod awareness;
pub mod communication;
pub mod competence_check;
pub mod competence_requirement;
pub mod disposal;
pub mod document;
pub mod documented_information;
pub mod education;
pub mod file;
pub mod legal_requirement;
pub mod resource;
pub mod retention_rule;
