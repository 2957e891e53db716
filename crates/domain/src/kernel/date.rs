//! Calendar dates as Japanese companies write them.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;

/// The years that a date of this service may lie in.
pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=2999;

/// Whether the date lies in the years that the service keeps.
pub fn in_bounds(date: NaiveDate) -> bool {
    YEARS.contains(&date.year())
}

/// The calendar date of `now` in the organization's zone.
pub fn date_in(zone: Tz, now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&zone).date_naive()
}
