//! Views over all modules.

mod cycle;
mod kind;
#[expect(clippy::module_inception, reason = "mirrors the domain")]
pub mod overview;
pub mod work_item;
