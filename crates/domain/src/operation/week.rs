//! Weeks, named by their Monday, and fiscal years.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use serde::Serialize;
use utoipa::ToSchema;

/// A fiscal year: twelve months from the first of the month in which the organization's year begins. It is called
/// after the calendar year of its first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiscalYear {
    /// The year in which it begins.
    pub year: i32,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its last day.
    pub ends_on: NaiveDate,
}

impl FiscalYear {
    /// The fiscal year that begins in `year`, in this month (1 to 12); `None` outside of the calendar.
    pub fn new(year: i32, start_month: u8) -> Option<Self> {
        let starts_on = NaiveDate::from_ymd_opt(year, u32::from(start_month), 1)?;
        let ends_on = starts_on.checked_add_months(Months::new(12))?.pred_opt()?;
        Some(Self { year, starts_on, ends_on })
    }

    /// The same within the years that a plan may be for.
    pub fn of_plan(year: i32, start_month: u8) -> Option<Self> {
        Self::new(year, start_month).filter(|_| (1900..=2998).contains(&year))
    }

    /// The fiscal year in which `day` lies.
    pub fn containing(day: NaiveDate, start_month: u8) -> Option<Self> {
        let before = day.month() < u32::from(start_month);
        Self::new(day.year() - i32::from(before), start_month)
    }

    /// Whether a week belongs to it: a week belongs to the year of its Monday.
    pub fn has(&self, monday: NaiveDate) -> bool {
        (self.starts_on..=self.ends_on).contains(&monday)
    }

    /// The n-th Monday (from 1) of its n-th month (from 1).
    pub fn monday(&self, month: u32, place: u8) -> Option<NaiveDate> {
        let first = self.starts_on.checked_add_months(Months::new(month.checked_sub(1)?))?;
        NaiveDate::from_weekday_of_month_opt(first.year(), first.month(), Weekday::Mon, place)
    }

    /// Its n-th quarter (0 to 3) of a day in it.
    pub fn quarter_of(&self, day: NaiveDate) -> u32 {
        self.month_of(day) / 3
    }

    /// Its n-th month (0 to 11) of a day in it.
    pub fn month_of(&self, day: NaiveDate) -> u32 {
        (day.month() + 12 - self.starts_on.month()) % 12
    }
}

/// A week as a column of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WeekColumn {
    /// Its Monday, by which it is named.
    pub starts_on: NaiveDate,
    /// Its Sunday.
    pub ends_on: NaiveDate,
    /// The year of its Monday, to which it belongs.
    pub year: i32,
    /// The month of its Monday, 1 to 12.
    #[schema(minimum = 1, maximum = 12)]
    pub month: u32,
}

/// The columns of a plan over a time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WeekColumns {
    /// The weeks whose Monday lies in the time, in order.
    pub weeks: Vec<WeekColumn>,
}

impl WeekColumns {
    /// The weeks whose Monday lies between `from` and `until`, both included.
    pub fn between(from: NaiveDate, until: NaiveDate) -> Self {
        let first = match from.weekday().num_days_from_monday() {
            0 => Some(from),
            passed => from.checked_add_days(Days::new(u64::from(7 - passed))),
        };
        let mondays = first.into_iter().flat_map(|monday| monday.iter_weeks()).take_while(|monday| *monday <= until);
        let weeks = mondays.map(|monday| WeekColumn {
            starts_on: monday,
            ends_on: last_day(monday),
            year: monday.year(),
            month: monday.month(),
        });
        Self { weeks: weeks.collect() }
    }
}

/// The Sunday that ends the week of a Monday.
pub fn last_day(monday: NaiveDate) -> NaiveDate {
    monday.checked_add_days(Days::new(6)).unwrap_or(monday)
}

/// The Monday of the week in which `day` lies.
pub fn monday_of(day: NaiveDate) -> NaiveDate {
    let passed = u64::from(day.weekday().num_days_from_monday());
    day.checked_sub_days(Days::new(passed)).unwrap_or(day)
}

/// Whether the day names a week.
pub fn is_monday(day: NaiveDate) -> bool {
    day.weekday() == Weekday::Mon
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn apl_1_and_2_a_week_is_named_by_its_monday() {
        assert!(is_monday(day("2023-05-08")), "APL-1");
        assert!(!is_monday(day("2023-05-09")), "APL-2");
        assert_eq!(monday_of(day("2023-05-14")), day("2023-05-08"));
        assert_eq!(last_day(day("2023-05-08")), day("2023-05-14"));
    }

    #[test]
    fn apl_3_the_columns_of_may_and_june() {
        let expected = [
            "2023-05-08",
            "2023-05-15",
            "2023-05-22",
            "2023-05-29",
            "2023-06-05",
            "2023-06-12",
            "2023-06-19",
            "2023-06-26",
        ];
        let mondays = |from, until| -> Vec<NaiveDate> {
            WeekColumns::between(day(from), day(until)).weeks.iter().map(|week| week.starts_on).collect()
        };
        assert_eq!(mondays("2023-05-08", "2023-06-26"), expected.map(day), "APL-3");
        assert_eq!(mondays("2023-05-02", "2023-07-02"), expected.map(day), "the edges need not be Mondays");
        assert_eq!(mondays("2023-05-09", "2023-05-14"), Vec::<NaiveDate>::new());
    }

    #[test]
    fn r_22_a_week_belongs_to_the_year_of_its_monday() {
        let year = FiscalYear::new(2023, 4).unwrap();
        assert_eq!((year.starts_on, year.ends_on), (day("2023-04-01"), day("2024-03-31")));
        assert!(year.has(day("2024-03-25")), "its Sunday is the last day of the year");
        assert!(!year.has(day("2023-03-27")), "its Saturday is the first day of the year");
        assert_eq!(FiscalYear::containing(day("2024-03-31"), 4), Some(year));
        assert_eq!(FiscalYear::containing(day("2024-04-01"), 4).unwrap().year, 2024);
        assert_eq!(FiscalYear::containing(day("2024-01-01"), 1).unwrap().year, 2024);
        assert_eq!(year.monday(2, 2), Some(day("2023-05-08")));
        assert_eq!(year.monday(12, 1), Some(day("2024-03-04")));
        assert_eq!((year.month_of(day("2023-04-30")), year.quarter_of(day("2024-03-01"))), (0, 3));
    }
}
