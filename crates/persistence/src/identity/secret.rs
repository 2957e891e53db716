//! Opaque secrets and how they are written: access tokens, refresh tokens, one-time links, setup tokens, learners' links.
//!
//! `mamori_<kind>_<organization><id><secret><checksum>`, all in base62 of fixed width (a setup token has no
//! organization yet). Organization and id tell where to look, 32 random bytes prove it, and a CRC-32 refuses typing
//! errors before the database is asked and lets scanners recognise a leaked token. Only the SHA-256 of the whole text
//! is stored: against 256 random bits a slow hash would gain nothing.

use std::fmt;

use aws_lc_rs::{constant_time, digest, rand};
use uuid::Uuid;

use crate::kernel::failure::{Failure, Outcome};

/// Digits of a UUID, of 32 random bytes, of a CRC-32.
const ID: usize = 22;
const RANDOM: usize = 43;
const CHECKSUM: usize = 6;

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// An access token.
    AccessToken,
    /// A refresh token.
    Refresh,
    /// A one-time link.
    Link,
    /// The token that sets an empty service up; belongs to no organization.
    Setup,
    /// A learner's link to one enrolment. Not random but signed, so that it can be made again and is stored nowhere.
    Learning,
}

impl SecretKind {
    const ALL: [Self; 5] = [Self::AccessToken, Self::Refresh, Self::Link, Self::Setup, Self::Learning];

    fn prefix(self) -> &'static str {
        match self {
            Self::AccessToken => "mamori_pat_",
            Self::Refresh => "mamori_rt_",
            Self::Link => "mamori_link_",
            Self::Setup => "mamori_setup_",
            Self::Learning => "mamori_learn_",
        }
    }
}

/// The SHA-256 of a secret's text: what is stored of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; 32]);

impl Hash {
    fn of(text: &str) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
        Self(hash)
    }

    /// Whether it is the stored one, in a time that does not tell how much of it is right.
    pub fn matches(self, stored: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.0, stored).is_ok()
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hash(…)")
    }
}

/// A new secret: its text is shown once and then forgotten.
#[derive(Clone)]
pub struct Secret {
    text: String,
    hash: Hash,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// A new secret of the row `id`. A setup token leaves the organization out.
    pub fn generate(kind: SecretKind, organization: Uuid, id: Uuid) -> Outcome<Self> {
        let mut random = [0; 32];
        rand::fill(&mut random).map_err(|_| Failure::Unavailable("no randomness".into()))?;
        Ok(Self::write(kind, organization, id, &random))
    }

    /// The secret of the row `id` that these bytes prove.
    pub fn write(kind: SecretKind, organization: Uuid, id: Uuid, random: &[u8; 32]) -> Self {
        let mut text = kind.prefix().to_owned();
        if kind != SecretKind::Setup {
            text += &encode(organization.as_bytes(), ID);
        }
        text += &encode(id.as_bytes(), ID);
        text += &encode(random, RANDOM);
        let checksum = crc32(text.as_bytes());
        text += &encode(&checksum.to_be_bytes(), CHECKSUM);
        Self { hash: Hash::of(&text), text }
    }

    /// The text, for its owner.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its hash, as a column keeps it.
    pub fn hash(&self) -> Vec<u8> {
        self.hash.0.to_vec()
    }

    /// How the text begins, up to where it becomes secret.
    pub fn prefix(&self) -> &str {
        self.text.get(..self.text.len().saturating_sub(RANDOM + CHECKSUM)).unwrap_or_default()
    }
}

/// A secret as somebody presents it: well formed, not yet proven.
#[derive(Clone, Copy, Debug)]
pub struct Parsed {
    /// What it is for.
    pub kind: SecretKind,
    /// The organization it names; nil for a setup token.
    pub organization: Uuid,
    /// The row it names.
    pub id: Uuid,
    /// The hash to compare with the stored one.
    pub hash: Hash,
}

/// Reads a secret; `None` where it cannot be one (form, alphabet, length, checksum).
pub fn parse(text: &str) -> Option<Parsed> {
    let (kind, rest) = SecretKind::ALL.into_iter().find_map(|kind| Some((kind, text.strip_prefix(kind.prefix())?)))?;
    let (organization, rest) = match kind {
        SecretKind::Setup => (Uuid::nil(), rest),
        _ => {
            let (organization, rest) = rest.split_at_checked(ID)?;
            (Uuid::from_u128(decode(organization)?), rest)
        }
    };
    let (id, rest) = rest.split_at_checked(ID)?;
    let (random, checksum) = rest.split_at_checked(RANDOM)?;
    let written = text.strip_suffix(checksum)?;
    let ok = checksum.len() == CHECKSUM
        && random.bytes().all(|digit| value(digit).is_some())
        && decode(checksum)? == u128::from(crc32(written.as_bytes()));
    ok.then_some(Parsed { kind, organization, id: Uuid::from_u128(decode(id)?), hash: Hash::of(text) })
}

fn digit(value: u8) -> char {
    char::from(match value {
        0..=9 => b'0' + value,
        10..=35 => b'A' + (value - 10),
        _ => b'a' + (value - 36),
    })
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'Z' => Some(digit - b'A' + 10),
        b'a'..=b'z' => Some(digit - b'a' + 36),
        _ => None,
    }
}

/// A big-endian number in base62, with leading zeros up to `width` digits.
fn encode(number: &[u8], width: usize) -> String {
    let mut number: Vec<u16> = number.iter().copied().map(u16::from).collect();
    let mut digits: Vec<char> = (0..width)
        .map(|_| {
            let rest = number.iter_mut().fold(0, |rest, byte| {
                let part = (rest << 8) | *byte;
                *byte = part / 62;
                part % 62
            });
            digit(u8::try_from(rest).unwrap_or_default())
        })
        .collect();
    digits.reverse();
    digits.into_iter().collect()
}

/// A number in base62; `None` where a character is no digit or the number too large.
fn decode(text: &str) -> Option<u128> {
    text.bytes().try_fold(0u128, |number, digit| number.checked_mul(62)?.checked_add(u128::from(value(digit)?)))
}

/// CRC-32 as in gzip and PNG.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORGANIZATION: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
    const ROW: Uuid = Uuid::from_u128(u128::MAX);

    /// A text with a checksum that fits, whatever it says.
    fn sealed(text: &str) -> String {
        text.to_owned() + &encode(&crc32(text.as_bytes()).to_be_bytes(), CHECKSUM)
    }

    #[test]
    fn every_kind_is_read_as_it_was_written() {
        for kind in SecretKind::ALL {
            let secret = Secret::generate(kind, ORGANIZATION, ROW).unwrap();
            let parsed = parse(&secret.text).unwrap();
            assert_eq!((parsed.kind, parsed.id), (kind, ROW));
            assert_eq!(parsed.organization, if kind == SecretKind::Setup { Uuid::nil() } else { ORGANIZATION });
            assert!(parsed.hash.matches(&secret.hash()));
            assert!(secret.text.len() <= 200);
            let other = Secret::generate(kind, ORGANIZATION, ROW).unwrap();
            assert_eq!(secret.prefix(), other.prefix());
            assert!(!other.hash.matches(&secret.hash()));
        }
    }

    #[test]
    fn numbers_have_a_fixed_width_and_cover_their_range() {
        assert_eq!(encode(&[0; 16], ID), "0".repeat(22));
        assert_eq!(encode(&[0, 62], 3), "010");
        assert_eq!(encode(&61u32.to_be_bytes(), CHECKSUM), "00000z");
        assert_eq!(decode(&encode(&u128::MAX.to_be_bytes(), ID)), Some(u128::MAX));
        assert_eq!(decode(&"z".repeat(22)), None, "more than 128 bits");
        assert_eq!(decode("a_b"), None);
        assert!(encode(&[0xff; 32], RANDOM).starts_with(|first| first != '0'), "43 digits are just enough");
        assert_eq!(encode(&[0xff; 32], RANDOM + 1), format!("0{}", encode(&[0xff; 32], RANDOM)));
    }

    #[test]
    fn the_checksum_is_the_common_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn any_wrong_character_is_refused() {
        let text = Secret::write(SecretKind::AccessToken, ORGANIZATION, ROW, &[7; 32]).text;
        for at in 0..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[at] = if wrong[at] == b'5' { b'6' } else { b'5' };
            assert!(parse(std::str::from_utf8(&wrong).unwrap()).is_none(), "{at}");
        }
    }

    #[test]
    fn wrong_lengths_and_alphabets_are_refused_even_with_a_checksum() {
        let whole = Secret::write(SecretKind::Link, ORGANIZATION, ROW, &[7; 32]).text;
        let body = whole.strip_suffix(&whole[whole.len() - CHECKSUM..]).unwrap();
        assert!(parse(&sealed(body)).is_some());
        assert!(parse(&sealed(&body[..body.len() - 1])).is_none());
        assert!(parse(&sealed(&format!("{body}0"))).is_none());
        assert!(parse(&sealed(&body.replace("mamori_link_", "mamori_key_"))).is_none());
        assert!(parse(&sealed(&format!("{}-", &body[..body.len() - 1]))).is_none());
        assert!(parse(&sealed(&format!("{}は", &body[..body.len() - 3]))).is_none());
        for text in ["", "mamori_", "mamori_pat_", "mamori_setup_は", "eyJhbGciOiJIUzI1NiJ9.e30.x"] {
            assert!(parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn no_secret_is_ever_printed() {
        let secret = Secret::write(SecretKind::Refresh, ORGANIZATION, ROW, &[7; 32]);
        let parsed = parse(&secret.text).unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert!(!format!("{parsed:?}").contains(&encode(&[7; 32], RANDOM)));
        assert!(format!("{parsed:?}").contains("Hash(…)"));
    }
}
