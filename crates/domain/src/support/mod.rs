//! 7 Support.

pub mod competence_check;
pub mod competence_requirement;
pub mod disposal;
pub mod document;
pub mod documented_information;
pub mod file;
pub mod resource;
pub mod retention_rule;
