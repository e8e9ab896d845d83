//! Lines that were refused: counted, and told to the owner from time to time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use flotilla_domain::alert::AlertKind;
use flotilla_domain::id::AccountId;
use flotilla_store::alerts::{self, NewAlert};
use flotilla_store::ea_login::EaLogin;

use crate::alarms;
use crate::gateway::Gateway;

/// Lines of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refused {
    login: EaLogin,
    lines: i32,
    /// What was wrong with the last one.
    why: Why,
}

/// What was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Why {
    /// With a line of a terminal.
    Line(String),
    /// With figures of an account at an exchange.
    Currency(Mismatch),
}

/// Currencies of figures and of the phase that they should be held against.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mismatch {
    said: String,
    phase: String,
}

impl Refused {
    fn alert(&self) -> NewAlert {
        match &self.why {
            Why::Line(why) => alarms::lines_refused(&self.login, why),
            Why::Currency(Mismatch { said, phase }) => alarms::figures_refused(&self.login, said, phase),
        }
    }
}

/// Refused lines of which nobody was told yet.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    by_account: Mutex<HashMap<AccountId, Refused>>,
    /// Accounts at exchanges whose figures do not fit, as it was noted last.
    mismatches: Mutex<HashMap<AccountId, Mismatch>>,
}

impl Refusals {
    /// Notes a line. `why` never quotes it: it may hold anything.
    pub fn note(&self, login: &EaLogin, why: String) {
        self.add(Refused { login: *login, lines: 1, why: Why::Line(why) });
    }

    /// Notes that figures of an account at an exchange are in another currency than its phase. Returns whether that
    /// is new.
    pub fn note_currency(&self, login: &EaLogin, said: &str, phase: &str) -> bool {
        let mismatch = Mismatch { said: said.to_owned(), phase: phase.to_owned() };
        let before = self.mismatches().insert(login.account_id, mismatch.clone());
        let is_new = before.as_ref() != Some(&mismatch);
        if is_new {
            self.add(Refused { login: *login, lines: 1, why: Why::Currency(mismatch) });
        }
        is_new
    }

    /// Figures of the account were taken in. Returns whether that is new.
    pub fn fits(&self, account: AccountId) -> bool {
        let is_new = self.mismatches().remove(&account).is_some();
        if is_new {
            self.lock().retain(|id, refused| *id != account || !matches!(refused.why, Why::Currency(_)));
        }
        is_new
    }

    fn mismatches(&self) -> MutexGuard<'_, HashMap<AccountId, Mismatch>> {
        self.mismatches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, refused: Refused) {
        let mut by_account = self.lock();
        let lines = by_account.get(&refused.login.account_id).map_or(0, |before| before.lines);
        let lines = lines.saturating_add(refused.lines);
        by_account.insert(refused.login.account_id, Refused { lines, ..refused });
    }

    fn take(&self) -> Vec<Refused> {
        self.lock().drain().map(|(_, refused)| refused).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, Refused>> {
        self.by_account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes that what was told of an account's figures is over.
pub(crate) async fn resolve(gateway: Arc<Gateway>, account: AccountId) {
    let keys = [alarms::figures_key(account)];
    let resolved =
        gateway.db.open(async |tx| alerts::resolve_keys(tx, AlertKind::LinesRefused, &keys).await).await;
    match resolved {
        Ok(resolved) => alarms::tell(&gateway, &resolved),
        Err(error) => tracing::warn!(%error, account.id = %account, "an alert was not noted as over"),
    }
}

/// Tells owners of lines that were refused since the last call.
pub(crate) async fn tell(gateway: &Arc<Gateway>) {
    let taken = gateway.refusals.take();
    if taken.is_empty() {
        return;
    }
    // In a task of its own, so that a transaction is never left half-way.
    let telling = Arc::clone(gateway);
    let told = tokio::spawn(async move {
        let new: Vec<_> = taken.iter().map(|refused| (refused.alert(), refused.lines)).collect();
        match telling.db.open(async |tx| alerts::raise_counted(tx, &new).await).await {
            Ok(raised) => alarms::tell(&telling, &raised),
            Err(error) => {
                tracing::warn!(%error, "refused lines were not told; it is tried again");
                for refused in taken {
                    telling.refusals.add(refused);
                }
            }
        }
    });
    let _ = told.await;
}
