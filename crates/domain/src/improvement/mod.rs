//! 10 Improvement.

pub mod corrective_action;
