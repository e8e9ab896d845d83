//! Where accounts stand at this moment, and all that it follows from: any number of them by the same few queries.

use chrono::{DateTime, Utc};
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::risk::change::Told;
use flotilla_domain::risk::ledger::Ledger;
use flotilla_domain::risk::report::AccountRisk;
use flotilla_domain::risk::state::{Event, State, evaluate};

use crate::db::Tx;
use crate::error::StoreResult;
use crate::risk_ledgers::{self, Reading};
use crate::risk_phase_rows::{Lock, read_all};
use crate::risk_phases::StoredPhase;
use crate::risk_records::{Kept, clock, corrupt, find_states};

/// An account followed to a moment, with all that it follows from.
pub struct Look {
    /// Its phase.
    pub stored: StoredPhase,
    /// Its trades.
    pub ledger: Ledger,
    /// What is remembered of it.
    pub state: State,
    /// What was last told of it.
    pub told: Told,
    /// Where it stands.
    pub risk: AccountRisk,
    /// The moment.
    pub now: DateTime<Utc>,
}

/// Where an account stands now; `None` while it has no phase.
pub async fn find(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<Option<Look>> {
    Ok(list(tx, owner, &[account]).await?.pop())
}

/// Where those of `accounts` stand that have a phase.
pub async fn list(tx: &mut Tx, owner: OwnerId, accounts: &[AccountId]) -> StoreResult<Vec<Look>> {
    let of_owner: Vec<_> = accounts.iter().map(|account| (owner, *account)).collect();
    let phases = read_all(tx, &of_owner, Lock::None).await?;
    if phases.is_empty() {
        return Ok(Vec::new());
    }
    let now = clock(tx).await?;
    let of_phases: Vec<&StoredPhase> = phases.iter().collect();
    let mut states = find_states(tx, &of_phases).await?;
    let changed = risk_ledgers::list_changed(tx, &of_phases).await?;
    let kept: Vec<Kept> = phases
        .iter()
        .map(|stored| states.remove(&stored.account_id).map_or_else(|| begun(stored), Ok))
        .collect::<StoreResult<_>>()?;
    let readings: Vec<Reading<'_>> = phases
        .iter()
        .zip(&kept)
        .map(|(stored, kept)| {
            let changed = changed.get(&stored.account_id).copied().unwrap_or_default();
            (stored, kept.sealed.as_ref(), changed)
        })
        .collect();
    let ledgers = risk_ledgers::list(tx, &readings, now).await?;
    let look = |((stored, kept), ledger): ((StoredPhase, Kept), Ledger)| {
        let Kept { mut state, told, .. } = kept;
        let risk = evaluate(&stored.phase, &ledger, &mut state, Event::Passed, now).map_err(corrupt)?;
        Ok(Look { stored, ledger, state, told, risk, now })
    };
    phases.into_iter().zip(kept).zip(ledgers).map(look).collect()
}

/// Before its first figures.
fn begun(stored: &StoredPhase) -> StoreResult<Kept> {
    let state = State::new(&stored.phase, true).map_err(corrupt)?;
    Ok(Kept { state, told: Told::default(), sealed: None, reported_cash: None })
}
