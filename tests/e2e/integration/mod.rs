//! Events and notices, over HTTP.

pub mod event;
mod mail_server;
mod notice;
