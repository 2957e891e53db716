//! What waits for whom, and how the cycle turns: views over all clauses. Documents are a means; these show whether the
//! programme is alive.

pub mod work_item;
