//! 7 Support, over HTTP.

mod competence_check;
mod document;
mod file;
mod resource;
