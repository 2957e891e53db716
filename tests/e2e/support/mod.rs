//! 7 Support, over HTTP.

mod competence_check;
mod document;
mod documented_information;
mod education;
mod file;
mod resource;
