//! Password hashing off the async threads, a few at a time.

use std::sync::Arc;
use std::time::Duration;

use flotilla_security::PasswordError;
use flotilla_security::password::Hasher;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::error::{ApiError, ApiResult};

/// A hash takes 19 MiB and a core; more at once would starve the other requests.
const AT_ONCE: usize = 2;
/// Requests of strangers that may wait for their turn.
const STRANGERS_WAITING: usize = 256;
/// Requests of people who are signed in, who have places of their own.
const SIGNED_IN_WAITING: usize = 64;
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Whose password it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Of somebody who may be anybody, and come in any number.
    Stranger,
    /// Of somebody who is signed in. He does not wait behind strangers.
    SignedIn,
}

/// Hashes and compares passwords.
pub struct Passwords {
    hasher: Arc<Hasher>,
    turns: Arc<Semaphore>,
    /// Before the turns: no more strangers stand in line there than have their turn.
    door: Arc<Semaphore>,
    strangers: Semaphore,
    signed_in: Semaphore,
}

/// Freed when dropped.
type Turn = (Option<OwnedSemaphorePermit>, OwnedSemaphorePermit);

impl Passwords {
    /// # Errors
    ///
    /// When Argon2 does not take its parameters.
    pub fn new() -> Result<Self, PasswordError> {
        Ok(Self {
            hasher: Arc::new(Hasher::new()?),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            door: Arc::new(Semaphore::new(AT_ONCE)),
            strangers: Semaphore::new(STRANGERS_WAITING),
            signed_in: Semaphore::new(SIGNED_IN_WAITING),
        })
    }

    /// Hash of a new password, for the database.
    ///
    /// # Errors
    ///
    /// 503 `busy` when too many wait; so do the others.
    pub async fn hash(&self, who: Who, password: SecretString) -> ApiResult<String> {
        self.run(who, move |hasher| hasher.hash(password.expose_secret())).await
    }

    /// Whether `password` is the one with the stored hash. Without a stored
    /// hash (nobody has this name) the same work is done and the answer is no.
    pub async fn verify(&self, who: Who, password: SecretString, stored: Option<String>) -> ApiResult<bool> {
        self.run(who, move |hasher| match stored {
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
        who: Who,
        work: impl FnOnce(&Hasher) -> Result<T, PasswordError> + Send + 'static,
    ) -> ApiResult<T> {
        let places = match who {
            Who::Stranger => &self.strangers,
            Who::SignedIn => &self.signed_in,
        };
        let _place = places.try_acquire().map_err(|_| ApiError::Busy)?;
        let turn = timeout(LONGEST_WAIT, self.turn(who)).await;
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

    async fn turn(&self, who: Who) -> Result<Turn, AcquireError> {
        let door = match who {
            Who::Stranger => Some(Arc::clone(&self.door).acquire_owned().await?),
            Who::SignedIn => None,
        };
        Ok((door, Arc::clone(&self.turns).acquire_owned().await?))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, mpsc};

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn n81_whoever_is_signed_in_does_not_wait_behind_a_flood() {
        const FLOOD: usize = STRANGERS_WAITING + 50;
        let passwords = Arc::new(Passwords::new().expect("parameters"));
        let (gate, shut) = mpsc::channel::<()>();
        let (shut, done) = (Arc::new(Mutex::new(shut)), Arc::new(Mutex::new(Vec::new())));
        let task = async |who: Who,
                          passwords: Arc<Passwords>,
                          shut: Arc<Mutex<mpsc::Receiver<()>>>,
                          done: Arc<Mutex<Vec<Who>>>| {
            // Nothing comes any more once the gate is gone.
            let wait = move || shut.lock().expect("a gate").recv().ok();
            let note = move |_: &Hasher| {
                let _ = (who == Who::Stranger).then(wait);
                done.lock().expect("a list").push(who);
                Ok(())
            };
            passwords.run(who, note).await
        };
        let begin =
            |who: Who| tokio::spawn(task(who, Arc::clone(&passwords), Arc::clone(&shut), Arc::clone(&done)));
        let strangers: Vec<_> = (0..FLOOD).map(|_| begin(Who::Stranger)).collect();
        while strangers.iter().filter(|stranger| stranger.is_finished()).count() < 50 {
            tokio::task::yield_now().await;
        }
        let signed_in = begin(Who::SignedIn);
        while passwords.signed_in.available_permits() == SIGNED_IN_WAITING {
            tokio::task::yield_now().await;
        }

        gate.send(()).expect("strangers at the gate");
        signed_in.await.expect("a task").expect("his turn");

        assert_eq!(*done.lock().expect("a list"), [Who::Stranger, Who::SignedIn]);
        drop(gate);
        let mut refused = 0;
        for stranger in strangers {
            refused += usize::from(matches!(stranger.await.expect("a task"), Err(ApiError::Busy)));
        }
        assert_eq!(refused, 50);
    }
}
