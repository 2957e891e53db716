//! What other systems read and write: events, imports.

pub mod event;
