//! Education, over HTTP.

mod attempt;
mod course;
mod duty;
mod learning;
mod test;
