//! Typed ids: an `Id<Asset>` cannot be taken for an `Id<Risk>`.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering as Counting},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::{
    __dev::ComposeSchema,
    ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};
use uuid::Uuid;

/// The id of a `T`: a UUID of version 7, so that ids sort by the time of their creation.
pub struct Id<T>(Uuid, PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// A new id, created at `now`. Within a millisecond a counter keeps the order in which one process made them, so
    /// that the events of one transaction sort as they happened; the rest is random.
    pub fn generate(now: DateTime<Utc>) -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let milliseconds = u128::try_from(now.timestamp_millis()).unwrap_or_default();
        let order = u128::from(COUNTER.fetch_add(1, Counting::Relaxed));
        let random = Uuid::new_v4().as_u128() & 0xffff_ffff_ffff;
        // RFC 9562, 6.2, method 1: a counter of 26 bits leads what is random otherwise.
        let (version, variant) = (0x7 << 76, 0b10 << 62);
        let counter = ((order >> 14) & 0xfff) << 64 | (order & 0x3fff) << 48;
        Self::from_uuid(Uuid::from_u128(milliseconds << 80 | version | variant | counter | random))
    }

    /// The id with this UUID.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The bare UUID.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

// Derives would ask for the same traits of `T`, which is only a name here.
impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is not a UUID in its hyphenated form.
#[derive(Debug, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

impl<T> FromStr for Id<T> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        if text.len() != 36 {
            return Err(NotAnId);
        }
        Uuid::try_parse(text).map(Self::from_uuid).map_err(|_| NotAnId)
    }
}

impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

// Written by hand: the derive would describe the `T`, which is not in an id.
impl<T> ComposeSchema for Id<T> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid))).into()
    }
}

impl<T> ToSchema for Id<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        "Id".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_version_7_and_sort_as_they_were_made() {
        let now = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap();
        let made: Vec<Id<()>> = (0..1000).map(|_| Id::generate(now)).collect();
        assert!(made.is_sorted());
        let uuid = made[0].uuid();
        assert_eq!((uuid.get_version_num(), uuid.get_variant()), (7, uuid::Variant::RFC4122));
        assert_eq!(uuid.get_timestamp().unwrap().to_unix().0, 1_700_000_000);
    }
}
