//! Education, over HTTP.

mod campaign;
mod duty;
mod small_company;
mod test;
