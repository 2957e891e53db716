//! 5 Leadership.

pub mod appointment;
