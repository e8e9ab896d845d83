//! Figures on their way into the database: of many accounts in one transaction, because one of its own for each frame
//! of each is more than a small machine carries. What cannot be taken in so is taken in alone.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::id::AccountId;
use flotilla_domain::risk::observation::Observation;
use flotilla_store::ea_login::EaLogin;
use flotilla_store::figures::Reported;
use flotilla_store::risk_cash::Report;
use flotilla_store::risk_records::Recorded;
use flotilla_store::{StoreError, StoreResult, Tx, audit, figures, risk_batches, risk_cash, risk_resets};
use tokio::sync::Semaphore;
use tokio::time::{Instant, MissedTickBehavior, sleep};

use crate::failpoint::{Point, pass_if};
use crate::figures::Due;
use crate::figures::frame::{Frame, TerminalClock};
use crate::gateway::Gateway;
use crate::refusals;
use crate::risk;

/// Accounts of one transaction.
const AT_ONCE: usize = 100;
/// Such transactions at once.
const WRITERS: usize = 2;
/// From one to the next: whatever comes meanwhile goes along.
const APART: Duration = Duration::from_millis(40);
/// Looks at what waits, in each pause between two writes of an account.
const LOOKS: u32 = 8;

/// What became of a frame.
enum Kept {
    /// With where the account stands, if it has rules.
    Yes(Option<Box<Recorded>>),
    /// The account's phase is in another currency.
    OtherCurrency(String),
}

/// Accounts whose frames were kept, with what is known of their clocks now.
type AllKept = HashMap<AccountId, (Kept, TerminalClock)>;

/// Writes what waits, until connections end.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let every = gateway.config.timing.figures;
    let writers = Arc::new(Semaphore::new(WRITERS));
    let mut ticks = tokio::time::interval((every / LOOKS).max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = gateway.closing.cancelled() => return,
            () = gateway.figures.due.notified() => {}
            _ = ticks.tick() => {}
        }
        while let Ok(writer) = Arc::clone(&writers).acquire_owned().await {
            let due = gateway.figures.take_due(Instant::now(), every, AT_ONCE);
            if due.is_empty() {
                break;
            }
            let at_work = Arc::clone(&gateway);
            gateway.signals.spawn(async move {
                for due in write(&at_work, due).await {
                    // In tasks of their own: one account does not wait for another.
                    at_work.signals.spawn(write_alone(Arc::clone(&at_work), due));
                }
                drop(writer);
            });
        }
        sleep(APART.min(every / LOOKS)).await;
    }
}

/// Writes all that waits, when the connections are over.
pub(crate) async fn write_rest(gateway: &Arc<Gateway>) {
    let mut rest = gateway.figures.take_rest();
    while !rest.is_empty() {
        let chunk = rest.drain(..AT_ONCE.min(rest.len())).collect();
        for due in write(gateway, chunk).await {
            write_alone(Arc::clone(gateway), due).await;
        }
    }
}

/// Writes what can be written together; returns the others.
async fn write(gateway: &Arc<Gateway>, due: Vec<Due>) -> Vec<Due> {
    let (together, mut alone): (Vec<Due>, Vec<Due>) = due.into_iter().partition(|due| due.frames.len() == 1);
    let mut kept = match gateway.db.open(async |tx| keep_all(tx, &together).await).await {
        Ok(kept) => kept,
        Err(error) if error.is_away() => {
            put_back(gateway, together, &error);
            return alone;
        }
        Err(error) => {
            tracing::warn!(%error, "figures were not stored together; each account's are now stored alone");
            AllKept::new()
        }
    };
    for due in together {
        match kept.remove(&due.login.account_id).zip(due.frames.front()) {
            Some(((kept, clock), frame)) => {
                tell(gateway, &due.login, frame, kept);
                gateway.figures.done(due.login.account_id, clock, VecDeque::new());
            }
            None => alone.push(due),
        }
    }
    alone
}

/// They wait again.
fn put_back(gateway: &Gateway, all: Vec<Due>, error: &StoreError) {
    tracing::warn!(%error, accounts = all.len(), "figures were not stored; they are tried again");
    for Due { login, clock, frames } in all {
        gateway.figures.done(login.account_id, clock, frames);
    }
}

async fn write_alone(gateway: Arc<Gateway>, due: Due) {
    let Due { login, mut clock, mut frames } = due;
    let account = login.account_id;
    while let Some(frame) = frames.front() {
        let kept = gateway.converse(async |tx| keep(tx, &login, frame, clock).await).await;
        match kept {
            Ok((kept, corrected)) => {
                clock = corrected;
                tell(&gateway, &login, frame, kept);
            }
            Err(error) if error.is_undecided() => {
                tracing::warn!(%error, account.id = %account, "figures were not stored; they are tried again");
                break;
            }
            Err(error) => tracing::error!(%error, account.id = %account, "figures cannot be stored"),
        }
        frames.pop_front();
    }
    gateway.figures.done(account, clock, frames);
}

/// Hints at what was committed.
fn tell(gateway: &Arc<Gateway>, login: &EaLogin, frame: &Frame, kept: Kept) {
    match kept {
        Kept::Yes(recorded) => {
            gateway.hint_account(login);
            if gateway.refusals.fits(login.account_id) {
                gateway.signals.spawn(refusals::resolve(Arc::clone(gateway), login.account_id));
            }
            if let Some(recorded) = &recorded {
                pass_if(Point::Observed, recorded.has_events());
                risk::tell(gateway, (login.owner_id, login.account_id), recorded);
            }
        }
        Kept::OtherCurrency(phase) => refuse(gateway, login, frame, &phase),
    }
}

/// Amounts of two currencies cannot be held against each other: such a frame has no effect but this. An exchange says
/// the same every second, which is told once.
fn refuse(gateway: &Gateway, login: &EaLogin, frame: &Frame, phase: &str) {
    let said = frame.figures.currency.as_str();
    if frame.is_of_venue {
        if !gateway.refusals.note_currency(login, said, phase) {
            return;
        }
    } else {
        let why = format!("ACCOUNT: figures in {said}, but the account's phase is in {phase}");
        gateway.refusals.note(login, why);
    }
    tracing::warn!(account.id = %login.account_id, said, phase, "figures refused: another currency");
}

/// Stores one frame of each account, with where they stand, in one transaction; those that need one of their own are
/// left out.
async fn keep_all(tx: &mut Tx, all: &[Due]) -> StoreResult<AllKept> {
    let accounts: Vec<_> = all.iter().map(|due| (due.login.owner_id, due.login.account_id)).collect();
    let held = risk_batches::hold(tx, &accounts).await?;
    let (mut kept, mut clocks, mut reports) = (AllKept::new(), HashMap::new(), Vec::new());
    for (due, frame) in all.iter().filter_map(|due| Some((due, due.frames.front()?))) {
        let (account, mut clock) = (due.login.account_id, due.clock);
        let currency = held.currency(account);
        if let Some(other) = currency.filter(|currency| *currency != frame.figures.currency) {
            kept.insert(account, (Kept::OtherCurrency(other.to_owned()), clock));
            continue;
        }
        let seen = observe(frame, &mut clock, held.now());
        clocks.insert(account, clock);
        if currency.is_some() {
            let report = Report { seen, total: frame.cash_total, is_kept: frame.is_kept_back() };
            reports.push((account, report));
        } else if held.is_without_phase(account) {
            kept.insert(account, (Kept::Yes(None), clock));
        }
    }
    let mut recorded = held.record(tx, reports).await?;
    let audits = recorded.iter_mut().filter_map(|(_, recorded)| recorded.audit.take()).collect();
    let has_events = recorded.iter().any(|(_, recorded)| recorded.has_events());
    for (account, recorded) in recorded {
        let clock = clocks.remove(&account).unwrap_or_default();
        kept.insert(account, (Kept::Yes(Some(Box::new(recorded))), clock));
    }
    figures::save_all(tx, all.iter().filter_map(|due| reported(due, &kept)).collect()).await?;
    audit::append_all(tx, audits).await?;
    pass_if(Point::Observing, has_events);
    Ok(kept)
}

/// What is to be shown of an account from now on, if its frame was kept.
fn reported<'a>(due: &'a Due, kept: &AllKept) -> Option<Reported<'a>> {
    let (Kept::Yes(_), clock) = kept.get(&due.login.account_id)? else { return None };
    let figures = &due.frames.front()?.figures;
    Some(((due.login.owner_id, due.login.account_id), figures, clock.ahead_ms()))
}

fn observe(frame: &Frame, clock: &mut TerminalClock, now: DateTime<Utc>) -> Observation {
    let age = TimeDelta::from_std(frame.read_at.elapsed()).unwrap_or(TimeDelta::MAX);
    frame.observation(clock, now.checked_sub_signed(age).unwrap_or(now))
}

/// Stores a frame, the account's last figures and where it stands by its rules, in one transaction.
async fn keep(
    tx: &mut Tx,
    login: &EaLogin,
    frame: &Frame,
    mut clock: TerminalClock,
) -> StoreResult<(Kept, TerminalClock)> {
    let (owner, account) = (login.owner_id, login.account_id);
    let phase = risk_resets::lock_currency(tx, owner, account).await?;
    if let Some(currency) = phase.as_ref().filter(|currency| **currency != frame.figures.currency) {
        return Ok((Kept::OtherCurrency(currency.clone()), clock));
    }
    let now = risk_resets::clock(tx).await?;
    let seen = observe(frame, &mut clock, now);
    figures::save(tx, ((owner, account), &frame.figures, clock.ahead_ms())).await?;
    let mut recorded = None;
    if phase.is_some() {
        let report = Report { seen, total: frame.cash_total, is_kept: frame.is_kept_back() };
        recorded = risk_cash::record(tx, owner, account, report).await?;
        pass_if(Point::Observing, recorded.as_ref().is_some_and(Recorded::has_events));
    }
    Ok((Kept::Yes(recorded.map(Box::new)), clock))
}
