//! What other systems read and write.

pub mod event;
