//! Views over all modules.

mod work_item;
