//! What every module shares: ids, texts, dates, pages, refusals, sign-off.

pub mod clock;
pub mod date;
pub mod id;
pub mod label;
pub mod list;
pub mod numbered;
pub mod page;
pub mod partial_date;
pub mod reference;
pub mod refusal;
pub mod retirement;
pub mod review;
pub mod revision;
pub mod sheet;
pub mod sign_off;
pub mod text;
pub mod time_of_day;
pub mod transition;
pub mod version;
