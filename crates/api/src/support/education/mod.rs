//! Education.

pub mod duty;
