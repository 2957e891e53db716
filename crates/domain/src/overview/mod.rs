//! What waits for whom, and how the cycle turns: views over all clauses. Documents are a means; these show whether the
//! programme is alive.

pub mod cycle;
#[expect(clippy::module_inception, reason = "the overview among the views")]
pub mod overview;
pub mod work_item;
