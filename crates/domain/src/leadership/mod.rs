//! 5 Leadership: commitment, policy, roles and appointments.

pub mod appointment;
pub mod commitment;
pub mod organization_chart;
pub mod policy;
pub mod publication;
