//! What ships with the service and never changes at run time: the clauses of the standard and the controls of its Annex A.
//!
//! Titles only: the text of ISO/IEC 27001:2022 (JIS Q 27001:2023) is not reproduced.

pub mod clause;
pub mod control;
