//! 7 Support.

pub mod competence_check;
pub mod competence_requirement;
pub mod document;
pub mod documented_information;
pub mod education;
pub mod file;
pub mod resource;
