//! Education, over HTTP.

mod duty;
mod test;
