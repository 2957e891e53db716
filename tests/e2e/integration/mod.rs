//! Events and notices, over HTTP.

mod event;
mod mail_server;
mod notice;
