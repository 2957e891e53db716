//! Calendar dates as Japanese companies write them.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
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

/// The same day `months` later, or the month's last one; the end of the calendar where there is none.
pub fn months_after(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX)
}

/// The same day `months` earlier, or the month's last one; the beginning of the calendar where there is none.
pub fn months_before(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_sub_months(Months::new(months)).unwrap_or(NaiveDate::MIN)
}
