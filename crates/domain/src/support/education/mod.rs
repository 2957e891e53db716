//! Education (7.2, 7.3; A.6.3): what is taught, to whom, and how it is found out that they understood it; what somebody owes;
//! and how effective all that was.

pub mod attempt;
pub mod audience;
pub mod campaign;
pub mod duty;
pub mod effectiveness;
pub mod enrolment;
pub mod learning;
pub mod material;
pub mod programme;
pub mod survey;
pub mod test;
pub mod theme;
