//! 7 Support, over HTTP.

mod awareness;
mod communication;
mod competence_check;
mod document;
mod documented_information;
mod file;
mod resource;
