//! Education.

pub mod campaign;
pub mod duty;
pub mod effectiveness;
pub mod enrolment;
pub mod material;
