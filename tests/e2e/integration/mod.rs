//! Events, over HTTP.

mod event;
