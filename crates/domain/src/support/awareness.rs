//! Awareness (7.3): the duties of everybody who works here, and what they have acknowledged.

pub mod acknowledgement;
pub mod obligation;
