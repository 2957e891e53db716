//! Education (7.2; A.6.3).

pub mod audience;
pub mod campaign;
pub mod course;
pub mod effectiveness;
pub mod enrolment;
pub mod material;
pub mod survey;
pub mod test;
