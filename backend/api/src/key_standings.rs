//! What keys of integrators still stand for: asked of the database, remembered
//! for a few seconds.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use flotilla_domain::id::UserId;
use flotilla_domain::permission::{KeyScope, Permission};
use flotilla_domain::user::Role;
use flotilla_security::opaque::PersonalKey;
use flotilla_store::personal_keys::{self, KeyHash};
use flotilla_store::{Db, Scope, StoreResult, Tx};
use tokio::time::Instant;

use crate::error::ApiResult;

/// What all keys begin with.
pub const PREFIX: &str = "flt_";
/// A revoked key works this much longer at most, in another process than that which revoked it.
const REMEMBERED: Duration = Duration::from_secs(4);
/// A key that was good is asked about again without counting as a guess for so long.
const GOOD: Duration = Duration::from_hours(1);
/// Keys that are remembered at most.
const MOST: usize = 10_000;

/// Who acts with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub user: UserId,
    pub role: Role,
    scopes: Vec<KeyScope>,
}

impl Holder {
    /// Whether the key is good for what `permission` names; its user's role is another question.
    pub fn may(&self, permission: Permission) -> bool {
        self.scopes.iter().any(|scope| scope.allows(permission))
    }
}

/// Answers of the database about keys that are good, by hash: what is not is asked
/// about each time, so that guesses push nothing out.
#[derive(Default)]
pub struct KeyStandings(Mutex<HashMap<KeyHash, (Instant, Holder)>>);

impl KeyStandings {
    /// Whoever holds the key that a client presents, if that is a live one.
    /// `look_up`: whether a key that nobody knows yet may be asked about.
    ///
    /// # Errors
    ///
    /// Those of `look_up`, and when the database cannot be asked.
    pub async fn of(
        &self,
        db: &Db,
        text: &str,
        look_up: impl FnOnce() -> ApiResult<()>,
    ) -> ApiResult<Option<Holder>> {
        let Some(key) = text.strip_prefix(PREFIX).and_then(PersonalKey::parse) else { return Ok(None) };
        let hash = key.hash();
        let known = self.lock().get(&hash).cloned();
        match known {
            Some((asked_at, holder)) if asked_at.elapsed() < REMEMBERED => return Ok(Some(holder)),
            Some(_) => {}
            None => look_up()?,
        }
        let (asked_at, holder) = (Instant::now(), ask(db, hash).await?);
        let mut all = self.lock();
        let Some(holder) = holder else {
            all.remove(&hash);
            return Ok(None);
        };
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(hash, (asked_at, holder.clone()));
        Ok(Some(holder))
    }

    /// Forgets the keys of a user, one of which was just revoked.
    pub fn forget(&self, user: UserId) {
        self.lock().retain(|_, (_, holder)| holder.user != user);
    }

    /// Drops what was not used for long.
    pub fn sweep(&self) {
        self.lock().retain(|_, (asked_at, _)| asked_at.elapsed() < GOOD);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<KeyHash, (Instant, Holder)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn ask(db: &Db, hash: KeyHash) -> StoreResult<Option<Holder>> {
    let found = db.open(async move |tx: &mut Tx| personal_keys::find_holder(tx, &hash).await).await?;
    let Some((user, key)) = found else { return Ok(None) };
    let scope = Scope::own(user);
    let standing =
        db.write(scope, async move |tx: &mut Tx| personal_keys::standing(tx, user, key).await).await?;
    Ok(standing.map(|standing| Holder { user, role: standing.role, scopes: standing.scopes }))
}
