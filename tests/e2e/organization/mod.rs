//! The organization and its people, over HTTP.

mod department;
mod organization;
mod person;
mod position;
