//! Education.

pub mod attempt;
pub mod audience;
pub mod campaign;
pub mod course;
pub mod duty;
pub mod effectiveness;
pub mod enrolment;
pub mod learning;
pub mod material;
pub mod programme;
pub mod survey;
pub mod test;
