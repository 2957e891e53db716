//! 7 Support, over HTTP.

mod competence_check;
mod resource;
