//! 7 Support, over HTTP.

mod competence_check;
mod disposal;
mod document;
mod documented_information;
mod file;
mod resource;
