//! Events, over HTTP.

pub mod event;
