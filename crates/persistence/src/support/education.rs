//! Education (7.2).

pub mod test;
