//! Education, over HTTP.

mod attempt;
mod campaign;
mod course;
mod duty;
mod learning;
mod programme;
mod small_company;
mod test;
