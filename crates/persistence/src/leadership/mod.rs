//! 5 Leadership.

pub mod appointment;
pub mod commitment;
pub mod organization_chart;
pub mod policy;
