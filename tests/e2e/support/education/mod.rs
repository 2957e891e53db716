//! Education, over HTTP.

mod duty;
