//! Education: campaigns with their learners, comprehension tests and attempts at them, what learners see, and what people
//! owe.

pub mod attempt;
pub mod campaign;
pub mod duty;
pub mod effectiveness;
pub mod enrolment;
pub mod learning;
pub mod material;
pub mod programme;
pub mod test;
