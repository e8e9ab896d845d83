//! Whether a signed-in user still is: asked of the database, remembered for
//! a few seconds.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use flotilla_domain::id::{LoginId, UserId};
use flotilla_security::token::AccessClaims;
use flotilla_store::users::{self, Standing};
use flotilla_store::{Db, Scope, StoreResult};
use tokio::time::Instant;

/// A revoked token works this much longer at most. Five seconds are allowed.
const REMEMBERED: Duration = Duration::from_secs(4);

/// Answers of the database, by user and login.
#[derive(Default)]
pub struct Standings {
    known: Mutex<Answers>,
}

type Answers = HashMap<(UserId, LoginId), Answer>;

/// What the database said, and when it was asked.
#[derive(Clone, Copy)]
struct Answer {
    asked_at: Instant,
    /// `None`: the user is gone.
    found: Option<Standing>,
}

impl Answer {
    fn is_fresh(&self) -> bool {
        self.asked_at.elapsed() < REMEMBERED
    }
}

impl Standings {
    /// What `claims` still stand for; `None` once the user is gone or disabled,
    /// the login has ended or the token's version is an older one.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked.
    pub async fn of(&self, db: &Db, claims: &AccessClaims) -> StoreResult<Option<Standing>> {
        let key = (claims.sub, claims.sid);
        let known = self.lock().get(&key).copied().filter(Answer::is_fresh);
        let answer = match known {
            Some(answer) => answer,
            None => self.ask(db, key).await?,
        };
        Ok(answer.found.filter(|standing| standing.is_good_for(claims.ver)))
    }

    /// Forgets a user, whose rights just changed in this process.
    pub fn forget(&self, user: UserId) {
        self.lock().retain(|(known, _), _| *known != user);
    }

    /// Drops what is too old to be used.
    pub fn sweep(&self) {
        self.lock().retain(|_, answer| answer.is_fresh());
    }

    async fn ask(&self, db: &Db, key: (UserId, LoginId)) -> StoreResult<Answer> {
        let asked_at = Instant::now();
        let answer = Answer { asked_at, found: ask(db, key).await? };
        self.lock().insert(key, answer);
        Ok(answer)
    }

    fn lock(&self) -> MutexGuard<'_, Answers> {
        // Entries are whole before they are inserted, whatever panicked.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks the database, whatever is remembered.
///
/// # Errors
///
/// When it does not answer.
pub async fn ask(db: &Db, (user, login): (UserId, LoginId)) -> StoreResult<Option<Standing>> {
    db.read(Scope::own(user), async move |tx| users::standing(tx, user, login).await).await
}
