//! Passwords: argon2id, off the async workers, a few at a time.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use mamori_domain::{identity::session::Password, kernel::refusal::Code};
use mamori_persistence::kernel::failure::Failure;
use tokio::sync::Semaphore;

use super::problem::Problem;

/// How many hashes are computed at the same time; each takes 19 MiB.
const AT_ONCE: usize = 2;

/// Stands where a hash would, for people who log in with tokens alone: no password is it.
pub const NO_PASSWORD: &str = "!";

/// Hashes and verifies passwords.
pub struct Passwords {
    places: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { places: Semaphore::new(AT_ONCE) }
    }
}

impl Passwords {
    /// The hash of a new password, with its parameters and salt in it.
    pub async fn hash(&self, password: &Password) -> Result<String, Problem> {
        let text = password.normalized();
        self.work(move || {
            Argon2::default().hash_password(text.as_bytes()).map(|hash| hash.to_string()).map_err(|_| Failure::Panicked)
        })
        .await
    }

    /// Whether the password is the hashed one. Without a hash it takes as long, and it is not.
    pub async fn verify(&self, password: &Password, hash: Option<String>) -> Result<bool, Problem> {
        let text = password.normalized();
        let hash = hash.filter(|hash| hash != NO_PASSWORD);
        self.work(move || match hash.as_deref().map(PasswordHash::new) {
            Some(Ok(hash)) => Ok(Argon2::default().verify_password(text.as_bytes(), &hash).is_ok()),
            Some(Err(_)) => Err(Failure::Corrupt("a password hash".into())),
            None => {
                let _ = Argon2::default().hash_password(text.as_bytes());
                Ok(false)
            }
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Problem> {
        let _place = self.places.acquire().await.map_err(|_| Problem::new(Code::Overloaded))?;
        Ok(tokio::task::spawn_blocking(work).await.unwrap_or(Err(Failure::Panicked))?)
    }
}
