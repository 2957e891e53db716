//! Education (7.2; A.6.3): campaigns with their learners and training records, tests, and how effective all that was.

pub mod audience;
pub mod campaign;
pub mod effectiveness;
pub mod enrolment;
pub mod material;
pub mod survey;
pub mod test;
pub mod theme;
