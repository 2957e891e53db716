//! Connections, transactions, columns, pages, events: what every module shares.

pub mod among;
pub mod columns;
pub mod conn;
pub mod db;
pub mod failure;
pub mod grants;
pub mod idempotency;
pub mod loaded;
pub mod migrations;
pub mod paging;
mod postgres;
mod sqlite;
pub mod tx;
pub mod versions;
