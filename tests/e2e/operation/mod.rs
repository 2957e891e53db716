//! 8 Operation, over HTTP.

mod annual_plan;
mod checklist;
mod small_company;
mod supplier;
