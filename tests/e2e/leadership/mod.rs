//! 5 Leadership, over HTTP.

mod appointment;
mod commitment;
mod organization_chart;
mod policy;
mod small_company;
pub(crate) mod steps;
