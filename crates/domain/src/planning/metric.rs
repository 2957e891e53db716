//! What an objective is measured by (6.2; D22): a number, what it counts, and the target it is held against.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use strum::{Display, EnumIter, EnumString};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

use crate::kernel::{
    label::{Label, Labelled, label},
    text::{Note, Title, Word},
};

/// The measure of an objective and its target (R-17). What is measured is held against the target as it is, unrounded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveMetric {
    /// What is measured: the share of people who passed, the number of incidents.
    pub name: Title,
    /// In what it is counted: `%`, cases, people.
    pub unit: Word,
    /// On which side of the target a measured value meets it.
    pub comparison: MetricComparison,
    /// The target, in that unit.
    pub target_value: Decimal,
    /// Who or what is counted; of a rate, what it is a part of.
    #[serde(default)]
    pub population: Note,
    /// What of it the service knows and measures itself; left out where people measure it.
    #[serde(default)]
    #[schema(required = false)]
    pub known_measure: Option<KnownMeasure>,
}

/// What the service measures itself, out of its own records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum KnownMeasure {
    /// Items of risk treatment that are finished, of all that are not cancelled, in per cent (8.3).
    TreatmentProgress,
    /// Learners who completed the education of this fiscal year, of all who count, in per cent (R-17).
    EducationRate,
    /// How much work is overdue today, on all records.
    OverdueWork,
    /// Corrective actions that are open today (10.2).
    OpenCorrectiveActions,
}

impl KnownMeasure {
    /// Whether it is a part of a whole, in per cent; otherwise it is a number of things.
    pub fn is_share(self) -> bool {
        match self {
            Self::TreatmentProgress | Self::EducationRate => true,
            Self::OverdueWork | Self::OpenCorrectiveActions => false,
        }
    }
}

impl Labelled for KnownMeasure {
    const NAME: &'static str = "known_measure";

    fn label(&self) -> Label {
        match self {
            Self::TreatmentProgress => label("リスク対応の完了率", "progress of risk treatment"),
            Self::EducationRate => label("今年度の教育の修了率", "education rate of this fiscal year"),
            Self::OverdueWork => label("期限を過ぎた作業の件数", "overdue work"),
            Self::OpenCorrectiveActions => label("未完了の是正処置の件数", "open corrective actions"),
        }
    }
}

/// A part of a whole that is not empty: nothing is no part of nothing (EFF-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// The part.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub part: i64,
    /// The whole.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub whole: i64,
}

impl Share {
    /// The largest whole.
    pub const MAX_WHOLE: i64 = 1_000_000_000;
}

/// What came of a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MeasuredValue {
    /// In the unit of the metric; of a share the per cent, rounded down to one decimal.
    pub value: Decimal,
    /// The exact share, where it is one.
    #[schema(required)]
    pub share: Option<Share>,
}

impl MeasuredValue {
    /// A number as it is.
    pub fn number(value: Decimal) -> Self {
        Self { value, share: None }
    }

    /// A share in per cent; none of an empty whole.
    pub fn share(share: Share) -> Option<Self> {
        let tenths = share.part.checked_mul(1000)?.checked_div(share.whole)?;
        Some(Self { value: Decimal(tenths * 100), share: Some(share) })
    }
}

impl ObjectiveMetric {
    /// Whether a measured value meets the target; a share is compared unrounded (R-17).
    pub fn is_met(&self, measured: &MeasuredValue) -> bool {
        let (value, times) = match measured.share {
            Some(Share { part, whole }) => (i128::from(part) * 100_000, i128::from(whole)),
            None => (i128::from(measured.value.0), 1),
        };
        let target = i128::from(self.target_value.0) * times;
        match self.comparison {
            MetricComparison::AtLeast => value >= target,
            MetricComparison::AtMost => value <= target,
            MetricComparison::Equal => value == target,
        }
    }

    /// What is a share is counted in per cent.
    pub(super) fn fits_its_measure(&self) -> bool {
        self.known_measure.is_none_or(|known| known.is_share() == self.is_in_per_cent())
    }

    /// Whether it is a share, in per cent.
    pub fn is_in_per_cent(&self) -> bool {
        matches!(self.unit.as_str(), "%" | "％")
    }
}

/// How a measured value is held against the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, EnumIter, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MetricComparison {
    /// The target or more.
    AtLeast,
    /// The target or less.
    AtMost,
    /// The target itself.
    Equal,
}

impl Labelled for MetricComparison {
    const NAME: &'static str = "metric_comparison";

    fn label(&self) -> Label {
        match self {
            Self::AtLeast => label("以上", "at least"),
            Self::AtMost => label("以下", "at most"),
            Self::Equal => label("等しい", "equal"),
        }
    }
}

/// An exact number with up to twelve digits before the point and three after it, kept as whole thousandths and written
/// as a decimal string. A JSON number is a binary fraction to most clients, and 99.9 is none: a rate just at its target
/// would be judged by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(i64);

/// The text is not a decimal number, or has more digits than are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a decimal number with up to three decimals")]
pub struct NotADecimal;

impl Decimal {
    /// The number × 1000.
    pub fn thousandths(self) -> i64 {
        self.0
    }
}

impl From<i32> for Decimal {
    fn from(number: i32) -> Self {
        Self(i64::from(number) * 1000)
    }
}

impl std::str::FromStr for Decimal {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        let number = text.strip_prefix('-').unwrap_or(text);
        let (whole, decimals) = match number.split_once('.') {
            Some((_, "")) => return Err(NotADecimal),
            Some(parts) => parts,
            None => (number, ""),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let plain = whole == "0" || (1..=12).contains(&whole.len()) && !whole.starts_with('0');
        if !plain || decimals.len() > 3 || !digits(whole) || !digits(decimals) {
            return Err(NotADecimal);
        }
        let thousandths: i64 = format!("{whole}{decimals:0<3}").parse().map_err(|_| NotADecimal)?;
        Ok(Self(if number == text { thousandths } else { -thousandths }))
    }
}

/// The shortest way to write it: `100`, `99.5`, `-0.125`.
impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, number) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let written = format!("{sign}{}.{:03}", number / 1000, number % 1000);
        f.write_str(written.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialSchema for Decimal {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("An exact number with up to three decimals, as a string; read in its shortest form."))
            .pattern(Some(r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,3})?$"))
            .examples(["100", "99.5"])
            .into()
    }
}

impl ToSchema for Decimal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_exact_and_read_in_its_shortest_form() {
        for (text, thousandths, written) in [
            ("100", 100_000, "100"),
            ("99.9", 99_900, "99.9"),
            ("99.90", 99_900, "99.9"),
            ("0.125", 125, "0.125"),
            ("-0.5", -500, "-0.5"),
            ("-0", 0, "0"),
            ("10.000", 10_000, "10"),
            ("999999999999.999", 999_999_999_999_999, "999999999999.999"),
        ] {
            let number: Decimal = text.parse().unwrap();
            assert_eq!((number.thousandths(), number.to_string().as_str()), (thousandths, written), "{text}");
        }
        assert!("99.9".parse::<Decimal>().unwrap() < Decimal::from(100));
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        for text in
            ["", "-", ".", "1.", ".5", "01", "1.2345", "1e3", "1,000", "+1", "--1", "1 ", "１", "1000000000000", "NaN"]
        {
            assert!(text.parse::<Decimal>().is_err(), "{text:?}");
        }
    }
}
