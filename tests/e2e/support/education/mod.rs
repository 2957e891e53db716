//! Education, over HTTP.

mod duty;
mod programme;
mod small_company;
