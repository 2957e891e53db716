//! 7 Support.

pub mod awareness;
pub mod communication;
pub mod competence_check;
pub mod competence_requirement;
pub mod document;
pub mod documented_information;
pub mod file;
pub mod resource;
