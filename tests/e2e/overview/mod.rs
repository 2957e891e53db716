//! Views over all modules.

#[expect(clippy::module_inception, reason = "mirrors the crates")]
mod overview;
mod work_item;
