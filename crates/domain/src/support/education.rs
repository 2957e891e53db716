//! Education (7.2): what people learn, and how it is found out that they understood it.

pub mod test;
