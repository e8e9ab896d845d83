//! Password hashing off the async threads, a few at a time.

use std::sync::Arc;
use std::time::Duration;

use flotilla_security::PasswordError;
use flotilla_security::password::Hasher;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::error::{ApiError, ApiResult};

/// A hash takes 19 MiB and a core; more at once would starve the other requests.
const AT_ONCE: usize = 2;
/// Requests that may wait for their turn.
const WAITING: usize = 256;
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Hashes and compares passwords.
pub struct Passwords {
    hasher: Arc<Hasher>,
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Passwords {
    /// # Errors
    ///
    /// When Argon2 does not take its parameters.
    pub fn new() -> Result<Self, PasswordError> {
        Ok(Self {
            hasher: Arc::new(Hasher::new()?),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            queue: Arc::new(Semaphore::new(WAITING)),
        })
    }

    /// Hash of a new password, for the database.
    ///
    /// # Errors
    ///
    /// 503 `busy` when too many wait; so do the others.
    pub async fn hash(&self, password: SecretString) -> ApiResult<String> {
        self.run(move |hasher| hasher.hash(password.expose_secret())).await
    }

    /// Whether `password` is the one with the stored hash. Without a stored
    /// hash (nobody has this name) the same work is done and the answer is no.
    pub async fn verify(&self, password: SecretString, stored: Option<String>) -> ApiResult<bool> {
        self.run(move |hasher| match stored {
            Some(stored) => hasher.verify(password.expose_secret(), &stored),
            None => hasher.verify_unknown(password.expose_secret()).map(|()| false),
        })
        .await
    }

    /// Hashes computed since the start.
    #[cfg(test)]
    pub fn hashes(&self) -> u64 {
        self.hasher.hashes()
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Hasher) -> Result<T, PasswordError> + Send + 'static,
    ) -> ApiResult<T> {
        let _place = self.queue.try_acquire().map_err(|_| ApiError::Busy)?;
        let turn = timeout(LONGEST_WAIT, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(|_| ApiError::Busy)?.map_err(|_| ApiError::Cancelled)?;
        let hasher = Arc::clone(&self.hasher);
        let done = tokio::task::spawn_blocking(move || {
            let result = work(&hasher);
            // Held by the hash itself: a client that goes away does not free the core.
            drop(turn);
            result
        });
        Ok(done.await.map_err(|_| ApiError::Cancelled)??)
    }
}
