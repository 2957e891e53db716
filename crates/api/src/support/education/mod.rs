//! Education: comprehension tests, and what people owe.

pub mod duty;
pub mod test;
