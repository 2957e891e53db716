//! 10 Improvement.

mod corrective_action;
mod small_company;
