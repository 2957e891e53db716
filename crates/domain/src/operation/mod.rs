//! 8 Operation: the annual plan, operation checklists, suppliers.

pub mod annual_plan;
pub mod annual_plan_row;
pub mod annual_plan_template;
pub mod checklist;
pub mod checklist_run;
pub mod occurrence;
pub mod supplier;
pub mod week;
