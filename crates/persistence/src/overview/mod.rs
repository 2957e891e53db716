//! Views over all modules.

pub mod work_item;
