//! Education: comprehension tests and attempts at them, what learners see, and what people owe.

pub mod attempt;
pub mod duty;
pub mod learning;
pub mod test;
