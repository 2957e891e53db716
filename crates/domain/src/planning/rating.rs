//! The scale 1–3 and what is computed on it.

use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

/// A rating from 1 (low) to 3 (high): confidentiality, importance, likelihood … The scale is fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Rating(u8);

/// A rating is 1, 2 or 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rating is 1, 2 or 3")]
pub struct NotARating;

impl Rating {
    /// 1
    pub const LOW: Self = Self(1);
    /// 2
    pub const MEDIUM: Self = Self(2);
    /// 3
    pub const HIGH: Self = Self(3);
    /// All three, from low to high.
    pub const ALL: [Self; 3] = [Self::LOW, Self::MEDIUM, Self::HIGH];

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<i64> for Rating {
    type Error = NotARating;

    fn try_from(number: i64) -> Result<Self, NotARating> {
        Self::ALL.into_iter().find(|rating| i64::from(rating.0) == number).ok_or(NotARating)
    }
}

impl std::fmt::Display for Rating {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Rating {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer)?.try_into().map_err(de::Error::custom)
    }
}

impl PartialSchema for Rating {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1))
            .maximum(Some(3))
            .into()
    }
}

impl ToSchema for Rating {
    fn name() -> std::borrow::Cow<'static, str> {
        "Rating".into()
    }
}

/// Importance × likelihood: one of 1, 2, 3, 4, 6, 9.
pub fn risk_level(importance: Rating, likelihood: Rating) -> u8 {
    importance.0 * likelihood.0
}

/// The levels that can occur.
pub const RISK_LEVELS: [u8; 6] = [1, 2, 3, 4, 6, 9];
