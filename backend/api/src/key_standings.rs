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

/// What all keys begin with.
pub const PREFIX: &str = "flt_";
/// A revoked key works this much longer at most, in another process than that which revoked it.
const REMEMBERED: Duration = Duration::from_secs(4);
/// Answers that are remembered at most.
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

/// Answers of the database, by hash.
#[derive(Default)]
pub struct KeyStandings(Mutex<HashMap<KeyHash, (Instant, Option<Holder>)>>);

impl KeyStandings {
    /// Whoever holds the key that a client presents, if that is a live one.
    ///
    /// # Errors
    ///
    /// When the database cannot be asked.
    pub async fn of(&self, db: &Db, text: &str) -> StoreResult<Option<Holder>> {
        let Some(key) = text.strip_prefix(PREFIX).and_then(PersonalKey::parse) else { return Ok(None) };
        let hash = key.hash();
        let known = self.lock().get(&hash).filter(|(asked_at, _)| asked_at.elapsed() < REMEMBERED).cloned();
        if let Some((_, holder)) = known {
            return Ok(holder);
        }
        let (asked_at, holder) = (Instant::now(), ask(db, hash).await?);
        let mut all = self.lock();
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(hash, (asked_at, holder.clone()));
        Ok(holder)
    }

    /// Forgets the keys of a user, one of which was just revoked.
    pub fn forget(&self, user: UserId) {
        self.lock().retain(|_, (_, holder)| holder.as_ref().is_none_or(|holder| holder.user != user));
    }

    /// Drops what is too old to be used.
    pub fn sweep(&self) {
        self.lock().retain(|_, (asked_at, _)| asked_at.elapsed() < REMEMBERED);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<KeyHash, (Instant, Option<Holder>)>> {
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
