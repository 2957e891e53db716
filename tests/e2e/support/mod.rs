//! 7 Support, over HTTP.

mod awareness;
mod communication;
mod competence_check;
mod disposal;
mod document;
mod documented_information;
mod education;
mod file;
mod legal_requirement;
mod resource;
