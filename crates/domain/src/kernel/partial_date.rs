//! A date as precise as it was written: a month (`2024-03`) or a day (`2024-03-31`).

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use super::date::in_bounds;

/// A month or a day in the years that the service keeps. Which of the two was written stays; for comparing, a month
/// stands for its last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartialDate {
    last_day: NaiveDate,
    is_month: bool,
}

/// The text is neither a month nor a day, or lies outside of the years kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a month (2024-03) or a day (2024-03-31)")]
pub struct NotAPartialDate;

impl PartialDate {
    /// This very day.
    pub fn day(date: NaiveDate) -> Result<Self, NotAPartialDate> {
        if in_bounds(date) { Ok(Self { last_day: date, is_month: false }) } else { Err(NotAPartialDate) }
    }

    /// The month that `first`, its first day, begins.
    pub fn month(first: NaiveDate) -> Result<Self, NotAPartialDate> {
        let last_day = first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt());
        last_day.filter(|_| in_bounds(first)).map(|last_day| Self { last_day, is_month: true }).ok_or(NotAPartialDate)
    }

    /// The day itself, or the last one of the month.
    pub fn last_day(self) -> NaiveDate {
        self.last_day
    }
}

impl std::fmt::Display for PartialDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.last_day.format(if self.is_month { "%Y-%m" } else { "%Y-%m-%d" }).fmt(f)
    }
}

impl std::str::FromStr for PartialDate {
    type Err = NotAPartialDate;

    fn from_str(text: &str) -> Result<Self, NotAPartialDate> {
        let day = |text: &str| text.parse::<NaiveDate>().map_err(|_| NotAPartialDate);
        let read = match text.len() {
            7 => Self::month(day(&format!("{text}-01"))?)?,
            _ => Self::day(day(text)?)?,
        };
        // chrono also reads what is not written in full.
        if read.to_string() == text { Ok(read) } else { Err(NotAPartialDate) }
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for PartialDate {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("A month (`2024-03`) or a day (`2024-03-31`), as it was written."))
            .pattern(Some("^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?$"))
            .examples(["2024-03", "2024-03-31"])
            .into()
    }
}

impl ToSchema for PartialDate {}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<PartialDate> {
        text.parse().ok()
    }

    #[test]
    fn the_precision_stays_as_written_and_a_month_ends_with_its_last_day() {
        for (text, last_day) in [
            ("2024-02", "2024-02-29"),
            ("2023-02", "2023-02-28"),
            ("2024-12", "2024-12-31"),
            ("2999-12", "2999-12-31"),
            ("2024-03-15", "2024-03-15"),
            ("1900-01-01", "1900-01-01"),
        ] {
            let date = read(text).unwrap();
            assert_eq!((date.to_string().as_str(), date.last_day().to_string().as_str()), (text, last_day));
            assert_eq!(serde_json::to_string(&date).unwrap(), format!("\"{text}\""));
        }
        assert_ne!(read("2024-03"), read("2024-03-31"), "the same last day, written otherwise");
    }

    #[test]
    fn what_is_no_date_or_lies_outside_the_years_is_refused() {
        for text in [
            "",
            "2024",
            "2024-",
            "2024-00",
            "2024-13",
            "2024-3",
            "24-03",
            "2024-02-30",
            "2024-03-1",
            "2024-03-31T00",
            "1899-12",
            "1899-12-31",
            "3000-01",
            "3000-01-01",
            "+2024-03",
            "12024-03",
            "20240331",
            "2024/03",
            "令和6",
            " 2024-03",
            "2024- 3",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
