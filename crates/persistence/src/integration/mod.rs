//! What other systems read and write.

pub mod event;
pub mod notice;
