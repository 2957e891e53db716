//! Education (7.2, 7.3; A.6.3): what is taught in a year, and what somebody owes.

pub mod duty;
pub mod programme;
pub mod theme;
