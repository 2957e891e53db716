//! Validated texts: the type states the bounds, checks them and writes them into the schema.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, de};
use unicode_normalization::UnicodeNormalization;
use utoipa::{
    __dev::ComposeSchema,
    ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

/// A text of `MIN` to `MAX` characters (Unicode scalar values) without control characters other than
/// line break and tab; not only white space where `MIN` is at least 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Bounded<const MIN: usize, const MAX: usize>(String);

/// A name or title: 1 to 200 characters.
pub type Title = Bounded<1, 200>;
/// A short word such as a code or a number as written: 1 to 50 characters.
pub type Word = Bounded<1, 50>;
/// A text that must say something: 1 to 10,000 characters.
pub type Text = Bounded<1, 10_000>;
/// A text that may be empty: up to 10,000 characters.
pub type Note = Bounded<0, 10_000>;

/// Why a text was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Fewer characters than the least.
    #[error("too short")]
    TooShort,
    /// More characters than the most.
    #[error("too long")]
    TooLong,
    /// A control character such as NUL.
    #[error("control character")]
    ControlCharacter,
}

/// The pattern that the schema shows for texts: no control characters but tab and line breaks.
const NO_CONTROL: &str = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]*$";
/// The same, and at least one character that is not white space.
const NOT_BLANK: &str = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]*[^\x00-\x20\x7F\x85\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000][^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]*$";

impl<const MIN: usize, const MAX: usize> Bounded<MIN, MAX> {
    /// Checks the bounds and keeps the text as it was typed.
    pub fn new(text: impl Into<String>) -> Result<Self, TextFault> {
        let text = text.into();
        if text.chars().any(|c| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || c == '\u{7f}') {
            return Err(TextFault::ControlCharacter);
        }
        if text.chars().count() < MIN || (MIN > 0 && text.chars().all(char::is_whitespace)) {
            return Err(TextFault::TooShort);
        }
        if text.chars().count() > MAX {
            return Err(TextFault::TooLong);
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text, owned.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Title {
    /// What stands in the place of a name that was erased (7.5.3).
    pub fn erased() -> Self {
        Self("（消去済み）".to_owned())
    }
}

impl<const MAX: usize> Default for Bounded<0, MAX> {
    fn default() -> Self {
        Self(String::new())
    }
}

impl<const SHORT: usize, const MAX: usize> From<Bounded<1, SHORT>> for Bounded<0, MAX> {
    /// What must not be empty may stand where something may be that is as long or longer.
    fn from(text: Bounded<1, SHORT>) -> Self {
        const { assert!(SHORT <= MAX) };
        Self(text.0)
    }
}

impl<const MIN: usize, const MAX: usize> std::fmt::Display for Bounded<MIN, MAX> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MIN: usize, const MAX: usize> TryFrom<String> for Bounded<MIN, MAX> {
    type Error = TextFault;

    fn try_from(text: String) -> Result<Self, TextFault> {
        Self::new(text)
    }
}

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Bounded<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl<const MIN: usize, const MAX: usize> ComposeSchema for Bounded<MIN, MAX> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let (pattern, min) = if MIN == 0 { (NO_CONTROL, None) } else { (NOT_BLANK, Some(MIN)) };
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(min)
            .max_length(Some(MAX))
            .pattern(Some(pattern))
            .into()
    }
}

impl<const MIN: usize, const MAX: usize> ToSchema for Bounded<MIN, MAX> {
    /// One name for each pair of bounds; the published document writes these schemas out in place.
    fn name() -> Cow<'static, str> {
        format!("TextOf{MIN}To{MAX}").into()
    }
}

/// The form in which texts are compared and searched: NFKC, lower case, runs of white space as one
/// blank, and small and large katakana and hiragana alike (`ｻｰﾊﾞ`, `サーバ` and `さーば` are the same).
pub fn normalized(text: &str) -> String {
    let folded: String = text.nfkc().flat_map(char::to_lowercase).map(hiragana).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A katakana as its hiragana; any other character as it is.
fn hiragana(c: char) -> char {
    match c {
        '\u{30a1}'..='\u{30f6}' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
        _ => c,
    }
}

/// Whether it is an address on the web: `http` or `https`, a host, no white space.
pub fn is_web_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.starts_with(['/', '?', '#']) && !rest.is_empty())
        && !url.chars().any(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_count_characters_not_bytes() {
        assert!(Bounded::<1, 2>::new("台帳").is_ok());
        assert_eq!(Bounded::<1, 2>::new("資産台"), Err(TextFault::TooLong));
        assert_eq!(Title::new("　 "), Err(TextFault::TooShort));
        assert_eq!(Note::new("a\0b"), Err(TextFault::ControlCharacter));
    }

    #[test]
    fn normalized_folds_width_case_and_kana() {
        assert_eq!(normalized("ｻｰﾊﾞ　ＡＢＣ"), normalized("さーば abc"));
    }
}
