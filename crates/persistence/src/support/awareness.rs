//! Awareness (7.3).

pub mod acknowledgement;
pub mod obligation;
