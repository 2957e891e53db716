//! Access tokens of sessions (JWT): short-lived, signed with one key, read with the service's clock; and the proof of
//! learners' links, by the same key.

use std::{io::Write, path::Path};

use aws_lc_rs::{hmac, rand};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use mamori_domain::identity::session::ACCESS_TOKEN_LIFETIME;
use mamori_persistence::identity::secret::{Secret, SecretKind};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const ISSUER: &str = "mamori";
/// Seconds by which clocks of several processes may differ.
const LEEWAY: i64 = 30;

/// What an access token says. Roles are not in it: they are read with each request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    /// The principal.
    pub sub: Uuid,
    /// The organization.
    pub org: Uuid,
    /// The session.
    pub sid: Uuid,
    /// The principal's epoch: every credential of an earlier one is refused.
    pub epoch: i32,
    iat: i64,
    exp: i64,
}

/// The key that signs access tokens and learners' links.
pub struct Keys {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    links: hmac::Key,
}

impl Keys {
    fn new(secret: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        // Expiry is checked below, by the service's own clock.
        validation.validate_exp = false;
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        // A key of its own for links: what is signed for the one is never taken for the other.
        let links = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), b"mamori learning link");
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
            links: hmac::Key::new(hmac::HMAC_SHA256, links.as_ref()),
        }
    }

    /// A key that lives as long as the process.
    pub fn ephemeral() -> std::io::Result<Self> {
        Ok(Self::new(&random()?))
    }

    /// The key in `path`; a new one is written there, readable by its owner only, where there is none.
    pub fn of_file(path: &Path) -> std::io::Result<Self> {
        match std::fs::read(path) {
            Ok(secret) if secret.len() >= 32 => Ok(Self::new(&secret)),
            Ok(_) => Err(std::io::Error::other("the token key must have at least 32 bytes")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let secret = random()?;
                let mut options = std::fs::OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                options.open(path)?.write_all(&secret)?;
                Ok(Self::new(&secret))
            }
            Err(error) => Err(error),
        }
    }

    /// Signs a token for a session.
    pub fn sign(&self, sub: Uuid, org: Uuid, sid: Uuid, epoch: i32, now: DateTime<Utc>) -> Option<String> {
        let (iat, exp) = (now.timestamp(), (now + ACCESS_TOKEN_LIFETIME).timestamp());
        let claims = Claims { iss: ISSUER.into(), aud: ISSUER.into(), sub, org, sid, epoch, iat, exp };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).ok()
    }

    /// Reads a token; `None` where anything about it is wrong.
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        let claims = decode::<Claims>(token, &self.decoding, &self.validation).ok()?.claims;
        let now = now.timestamp();
        (claims.exp + LEEWAY > now && claims.iat - LEEWAY <= now).then_some(claims)
    }
}

/// Links of learners: made whenever they are needed, for the epoch of an enrolment.
impl Keys {
    /// The text of a learner's link to an enrolment.
    pub fn learning_link(&self, organization: Uuid, enrolment: Uuid, epoch: i32) -> Secret {
        let signed = [organization.as_bytes().as_slice(), enrolment.as_bytes(), &epoch.to_be_bytes()].concat();
        let mut proof = [0; 32];
        proof.copy_from_slice(hmac::sign(&self.links, &signed).as_ref());
        Secret::write(SecretKind::Learning, organization, enrolment, &proof)
    }
}

fn random() -> std::io::Result<[u8; 48]> {
    let mut secret = [0; 48];
    rand::fill(&mut secret).map_err(|_| std::io::Error::other("no randomness"))?;
    Ok(secret)
}
