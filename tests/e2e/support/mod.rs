//! 7 Support, over HTTP.

mod resource;
