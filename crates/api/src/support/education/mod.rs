//! Education.

pub mod duty;
pub mod programme;
