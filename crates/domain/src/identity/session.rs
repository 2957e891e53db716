//! Sessions: a short-lived access token and a refresh token that changes with each use.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    kernel::{
        id::Id,
        refusal::{Code, Refusal},
        text::Title,
    },
    organization::{organization::Organization, person::Email},
};

/// How long an access token (JWT) is valid.
pub const ACCESS_TOKEN_LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// How long a session lives without being used.
pub const SESSION_IDLE: TimeDelta = TimeDelta::hours(8);
/// How long a session lives at most.
pub const SESSION_LIFETIME: TimeDelta = TimeDelta::hours(24);
/// How long an invitation or a password reset can be used.
pub const LINK_LIFETIME: TimeDelta = TimeDelta::hours(72);
/// Failed logins in a row before the principal is locked.
pub const FAILURES_BEFORE_LOCK: i32 = 5;
/// How long it stays locked.
pub const LOCK: TimeDelta = TimeDelta::minutes(15);

/// How long an expired session or link is kept before it is forgotten.
pub const KEPT_AFTER_EXPIRY: TimeDelta = TimeDelta::days(30);

/// A login here, from the first password until it ends.
#[derive(Debug)]
pub enum Session {}

/// E-mail address and password.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The e-mail address of the person.
    pub email: Email,
    /// Their password.
    pub password: Password,
    /// Which organization, where the same address is used in several.
    #[serde(default)]
    #[schema(required = false)]
    pub organization_id: Option<Id<Organization>>,
}

/// A password: 1 to 200 characters. It is never written anywhere.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, min_length = 1, max_length = 200, format = Password)]
pub struct Password(String);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Passwords nobody may choose, beside their simple variations.
const COMMON: [&str; 12] = [
    "password", "qwerty", "letmein", "admin", "welcome", "iloveyou", "mamori", "abc123", "111111", "123456", "000000",
    "asdfgh",
];

impl Password {
    /// Takes it as typed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The password, in the form (NFKC) in which it is hashed.
    pub fn normalized(&self) -> String {
        use unicode_normalization::UnicodeNormalization;
        self.0.nfkc().collect()
    }

    /// Refuses a new password shorter than 12 characters, of one repeated character, or made of a very common word.
    pub fn check_strength(&self, pointer: &str) -> Result<(), Refusal> {
        let text = self.normalized();
        let weak = Err(Refusal::field(pointer, Code::WeakPassword));
        let first = text.chars().next();
        let length = text.chars().count();
        if !(12..=200).contains(&length) || text.chars().all(|c| Some(c) == first) {
            return weak;
        }
        let letters = text.to_lowercase();
        let rest = COMMON.iter().fold(letters, |rest, common| rest.replace(common, ""));
        if rest.chars().filter(|c| !c.is_ascii_digit()).count() < 4 { weak } else { Ok(()) }
    }
}

/// A refresh token in the place of a password.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The refresh token of the last answer.
    pub refresh_token: OpaqueToken,
}

/// An opaque token as it travels: up to 200 characters.
pub type OpaqueToken = crate::kernel::text::Bounded<1, 200>;

/// What a login or a refresh answers.
#[derive(Clone, Serialize, ToSchema)]
pub struct Tokens {
    /// The access token (JWT) for the `Authorization` header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, extensions(("x-may-lack" = json!(true))))]
    pub access_token: Option<String>,
    /// Always `Bearer`.
    pub token_type: TokenType,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// Use it once, for the next pair. Absent in a replayed answer, like the access token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, extensions(("x-may-lack" = json!(true))))]
    pub refresh_token: Option<String>,
    /// The session ends then at the latest.
    pub session_expires_at: DateTime<Utc>,
}

/// How the access token is used.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub enum TokenType {
    /// RFC 6750.
    Bearer,
}

/// The old password and the new one.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The password in use.
    pub current_password: Password,
    /// The new one: at least 12 characters.
    pub new_password: Password,
}

/// A password set through a one-time link.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordSetting {
    /// The token of the link.
    pub token: OpaqueToken,
    /// The password: at least 12 characters.
    pub password: Password,
}

/// What the first person of an empty service says.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// The setup token that the service printed when it started on an empty database.
    pub setup_token: OpaqueToken,
    /// The name of the organization.
    pub organization_name: Title,
    /// The name of the first person: top management and platform administrator.
    pub person_name: Title,
    /// Their e-mail address.
    pub email: Email,
    /// Their password: at least 12 characters.
    pub password: Password,
}

/// What setup answers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SetUp {
    /// The organization.
    pub organization_id: Id<Organization>,
    /// The first person.
    pub person_id: Id<crate::organization::person::Person>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused() {
        for weak in
            ["short", "aaaaaaaaaaaaaaaa", "password1234", "Password123456", "123456789012", "ｐａｓｓｗｏｒｄ１２３４"]
        {
            assert!(Password::new(weak).check_strength("/password").is_err(), "{weak}");
        }
        for good in ["correct horse battery", "お茶の時間は三時からです", "Tr0ub4dor&3-and-more"] {
            assert!(Password::new(good).check_strength("/password").is_ok(), "{good}");
        }
    }
}
