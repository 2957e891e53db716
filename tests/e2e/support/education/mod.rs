//! Education (7.2).

mod test;
