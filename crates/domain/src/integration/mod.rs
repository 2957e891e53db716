//! What other systems read and write: events, notices, imports.

pub mod event;
pub mod notice;
