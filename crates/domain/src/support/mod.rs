//! 7 Support.

pub mod resource;
