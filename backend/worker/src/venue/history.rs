//! What happened in an account: fills and flows of money, stored once, and the trades that are made from them.
//!
//! The first look imports what the exchange still shows of the last 90 days; later looks add to it. Whatever is told
//! twice is stored once, so a look that ended half-way is made again.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::account::CopyRole;
use flotilla_domain::id::TradeId;
use flotilla_domain::side::Side;
use flotilla_domain::venue_trades::{Funding, Slot, VenueFill, foreign, held, round_trips};
use flotilla_exchange::bingx::client::Turn;
use flotilla_exchange::bingx::model::{Fill, Income, PositionSide, TradeSide};
use flotilla_exchange::limits::Priority;
use flotilla_exchange::outcome::{Doubt, ReadError};
use flotilla_store::changes::ChangeKind;
use flotilla_store::venue_accounts::whose;
use flotilla_store::venue_ledger::{self, Flow, Reading};
use flotilla_store::{StoreError, StoreResult, Tx, venue_leads};
use rust_decimal::Decimal;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Venues;
use super::stream::Listening;
use super::unsent::{self, Rest};
use crate::gateway::Gateway;

/// How far back the first look reaches.
const IMPORTED: TimeDelta = TimeDelta::days(90);
/// So much is read again, as history shows things late.
const OVERLAP: TimeDelta = TimeDelta::minutes(2);
/// Flows of money are looked at this often while nothing says that they have changed.
const INCOME_EVERY: Duration = Duration::from_mins(5);
/// Pause after a look that failed.
const AGAIN_AFTER: Duration = Duration::from_secs(5);
/// Pause before trades are made that had to wait for the name of an order.
const OWED_AFTER: Duration = Duration::from_secs(1);
const TURN: Duration = Duration::from_mins(2);
/// Kinds of flows that are kept: fees and results come with the fills. What a liquidation left, and what others' brought
/// about, comes with none.
const KEPT: [&str; 4] = ["FUNDING_FEE", "TRANSFER", "INSURANCE_CLEAR", "ADL"];

/// What the listener of an account and its reader share: reading never holds up what is heard.
#[derive(Debug, Default)]
pub(super) struct Notes {
    cash_total: Mutex<Option<Decimal>>,
    is_income_due: AtomicBool,
    wake: Notify,
}

impl Notes {
    /// Fills may have come.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Money may have been moved: until that is read, the balance is not believed.
    pub fn doubt_income(&self) {
        self.is_income_due.store(true, Ordering::SeqCst);
        *self.total() = None;
        self.wake();
    }

    /// What was moved in and out so far; `None` while that is not known.
    pub fn cash_total(&self) -> Option<Decimal> {
        *self.total()
    }

    fn total(&self) -> MutexGuard<'_, Option<Decimal>> {
        self.cash_total.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How far one account is read.
#[derive(Debug, Default)]
struct History {
    reading: Option<Reading>,
    income_at: Option<Instant>,
    /// Contracts whose trades are to be made: while an order of a copy has no name, nobody knows whose a fill is.
    owed: BTreeSet<String>,
}

/// What came of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Looked {
    All,
    NotAll,
    /// Nothing leaves for the exchange now.
    NotAsked,
}

/// Why a look failed.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error("the exchange: {0}")]
    Exchange(#[from] ReadError),
    #[error("the database: {0}")]
    Store(#[from] StoreError),
    #[error("the exchange's time is not known")]
    NoTime,
}

/// Since when the stream of an account is to look for fills, Unix milliseconds.
pub(super) async fn since_ms(gateway: &Gateway, listening: &Listening) -> i64 {
    let until = known_until(gateway, listening).await;
    let now = loop {
        match now(gateway, listening).await {
            Ok(now) => break now,
            Err(error) => {
                complain(gateway, listening, &error, "the time");
            }
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    };
    // Older fills are read here. A master's are told to its followers, so that some are rather looked at twice.
    (until.unwrap_or(now) - TimeDelta::minutes(5)).max(now - TimeDelta::days(6)).timestamp_millis()
}

/// Until when its fills became signals or, of one that leads nobody, until when they are stored. Waits for the database:
/// without an answer what happened meanwhile would be lost.
async fn known_until(gateway: &Gateway, listening: &Listening) -> Option<DateTime<Utc>> {
    loop {
        match gateway.db.open(async |tx| until_in(tx, listening).await).await {
            Ok(known) => return known,
            Err(error) => {
                complain(gateway, listening, &error.into(), "how far the fills");
            }
        }
        tokio::time::sleep(AGAIN_AFTER).await;
    }
}

async fn until_in(tx: &mut Tx, listening: &Listening) -> StoreResult<Option<DateTime<Utc>>> {
    let login = listening.connected.login;
    let uid = listening.connected.uid.as_deref();
    let told = venue_leads::told_until(tx, login.account_id, uid).await?;
    let stored = venue_ledger::reading(tx, login.account_id).await?;
    let is_of_it = stored.uid.as_deref().is_none_or(|known| Some(known) == uid);
    let stored = stored.fills_until.filter(|_| is_of_it);
    Ok(told.filter(|_| login.role == CopyRole::Master).or(stored))
}

/// Reads until it is dropped.
pub(super) async fn run(gateway: &Arc<Gateway>, listening: &Listening, notes: &Notes) {
    let (mut history, mut rest) = (History::default(), Rest::default());
    loop {
        match history.look(gateway, listening, notes).await {
            Looked::All => {
                rest = Rest::default();
                history.rest(gateway, listening, notes).await;
            }
            Looked::NotAll => tokio::time::sleep(AGAIN_AFTER).await,
            Looked::NotAsked => {
                tokio::time::sleep(rest.next(listening.connected.login.account_id)).await;
            }
        }
    }
}

impl History {
    async fn look(&mut self, gateway: &Arc<Gateway>, listening: &Listening, notes: &Notes) -> Looked {
        let is_due = self.income_at.is_none_or(|at| at.elapsed() >= INCOME_EVERY);
        let mut looked = Looked::All;
        if notes.is_income_due.swap(false, Ordering::SeqCst) || is_due {
            match self.look_at_income(gateway, listening).await {
                Ok(total) => {
                    self.income_at = Some(Instant::now());
                    let mut told = notes.total();
                    if !notes.is_income_due.load(Ordering::SeqCst) {
                        *told = Some(total);
                    }
                }
                Err(error) => {
                    self.income_at = None;
                    looked = complain(gateway, listening, &error, "flows of money");
                }
            }
        }
        if let Err(error) = self.look_at_fills(gateway, listening).await {
            looked = looked.max(complain(gateway, listening, &error, "fills"));
        }
        if let Err(error) = self.make_trades(gateway, listening).await {
            looked = looked.max(complain(gateway, listening, &error.into(), "trades"));
        }
        looked
    }

    /// Until the next look is due. Trades that had to wait for the name of an order are made meanwhile: that asks the
    /// exchange nothing.
    async fn rest(&mut self, gateway: &Arc<Gateway>, listening: &Listening, notes: &Notes) {
        let until = Instant::now() + INCOME_EVERY;
        loop {
            let next = if self.owed.is_empty() { until } else { until.min(Instant::now() + OWED_AFTER) };
            tokio::select! {
                () = notes.wake.notified() => return,
                () = tokio::time::sleep_until(next) => {}
            }
            if Instant::now() >= until {
                return;
            }
            if let Err(error) = self.make_trades(gateway, listening).await {
                complain(gateway, listening, &error.into(), "trades");
            }
        }
    }

    /// What is known of an account; nothing where it is another one at the exchange than before.
    async fn known(&mut self, gateway: &Gateway, listening: &Listening) -> Result<Reading, LookError> {
        if let Some(reading) = &self.reading {
            return Ok(reading.clone());
        }
        let account = listening.connected.login.account_id;
        let reading = gateway.db.open(async |tx| venue_ledger::reading(tx, account).await).await?;
        let reading = match &reading.uid {
            Some(uid) if Some(uid) != listening.connected.uid.as_ref() => Reading::default(),
            _ => reading,
        };
        let reading = Reading { uid: listening.connected.uid.clone(), ..reading };
        // Whoever was here before may have ended between fills and trades.
        self.owed.extend(gateway.db.open(async |tx| venue_ledger::list_symbols(tx, account).await).await?);
        self.reading = Some(reading.clone());
        Ok(reading)
    }

    async fn look_at_fills(
        &mut self,
        gateway: &Arc<Gateway>,
        listening: &Listening,
    ) -> Result<(), LookError> {
        let reading = self.known(gateway, listening).await?;
        let now = now(gateway, listening).await?;
        let from = reading.fills_until.map_or(now - IMPORTED, |until| until - OVERLAP);
        let (from_ms, until_ms) = (from.timestamp_millis(), now.timestamp_millis());
        let fills = listening.account.fills(None, from_ms, until_ms, turn()).await?;
        self.store(gateway, listening, &fills).await?;
        if reading.imported_from.is_none() {
            tracing::info!(account.id = %listening.connected.login.account_id, fills = fills.len(), "the history of an exchange account is imported");
        }
        let known = reading.imported_from.or(Some(from));
        let reading = Reading { fills_until: Some(now), imported_from: known, ..reading };
        self.keep(gateway, listening, reading).await
    }

    async fn look_at_income(
        &mut self,
        gateway: &Arc<Gateway>,
        listening: &Listening,
    ) -> Result<Decimal, LookError> {
        let reading = self.known(gateway, listening).await?;
        let now = now(gateway, listening).await?;
        let from = reading.income_until.map_or(now - IMPORTED, |until| until - OVERLAP);
        let flows: Vec<Flow> =
            read_income(listening, from, now).await?.into_iter().filter_map(flow).collect();
        let login = listening.connected.login;
        let symbols =
            gateway.db.open(async |tx| venue_ledger::add_flows(tx, whose(&login), &flows).await).await?;
        self.owed.extend(symbols.into_iter().filter(|symbol| !symbol.is_empty()));
        let account = login.account_id;
        let total = gateway.db.open(async |tx| venue_ledger::cash_total(tx, account).await).await?;
        self.keep(gateway, listening, Reading { income_until: Some(now), ..reading }).await?;
        Ok(total)
    }

    async fn store(
        &mut self,
        gateway: &Arc<Gateway>,
        listening: &Listening,
        fills: &[Fill],
    ) -> Result<(), LookError> {
        let fills: Vec<VenueFill> = fills.iter().filter_map(fill).collect();
        let login = listening.connected.login;
        let touched =
            gateway.db.open(async |tx| venue_ledger::add_fills(tx, whose(&login), &fills).await).await?;
        self.owed.extend(touched);
        Ok(())
    }

    /// Makes the trades of contracts anew from all of their fills.
    async fn make_trades(&mut self, gateway: &Arc<Gateway>, listening: &Listening) -> StoreResult<()> {
        let login = listening.connected.login;
        for symbol in self.owed.clone() {
            let changed = gateway.db.open(async |tx| save_trades(tx, listening, &symbol).await).await?;
            let Some(changed) = changed else { continue };
            self.owed.remove(&symbol);
            for trade in changed {
                gateway.hint(ChangeKind::Trade, login.owner_id, login.account_id, trade.uuid());
            }
        }
        Ok(())
    }

    async fn keep(
        &mut self,
        gateway: &Gateway,
        listening: &Listening,
        reading: Reading,
    ) -> Result<(), LookError> {
        let login = listening.connected.login;
        let keep = async |tx: &mut Tx| venue_ledger::keep_reading(tx, whose(&login), &reading).await;
        gateway.db.open(keep).await?;
        self.reading = Some(reading);
        Ok(())
    }
}

/// By the week, or by the day where a week of a lively account has more rows than one answer holds.
async fn read_income(
    listening: &Listening,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Income>, ReadError> {
    let read = async |from: DateTime<Utc>, until: DateTime<Utc>| {
        listening.account.income(from.timestamp_millis(), until.timestamp_millis(), turn()).await
    };
    match read(from, until).await {
        Err(ReadError::NoAnswer(Doubt::Unreadable)) => {}
        income => return income,
    }
    let (mut rows, mut begin) = (Vec::new(), from);
    while begin < until {
        let end = (begin + TimeDelta::days(1)).min(until);
        rows.extend(read(begin, end).await?);
        begin = end;
    }
    Ok(rows)
}

/// Makes the trades of a contract of what copies do not hold, and shares out its funding. `None`: not yet.
async fn save_trades(tx: &mut Tx, listening: &Listening, symbol: &str) -> StoreResult<Option<Vec<TradeId>>> {
    let login = listening.connected.login;
    let whose = whose(&login);
    let Some(ours) = venue_ledger::list_ours(tx, whose, symbol).await? else { return Ok(None) };
    let fills = venue_ledger::list_fills(tx, login.account_id, symbol).await?;
    let funding = venue_ledger::list_funding(tx, login.account_id, symbol).await?;
    let slots = [Slot::Long, Slot::Short, Slot::Both].map(|slot| {
        let all: Vec<VenueFill> = fills.iter().filter(|fill| fill.slot == slot).cloned().collect();
        let left = foreign(&all, |order| ours.contains(order));
        (all, left)
    });
    let held_at = |at| {
        let sums = slots.iter().map(|(all, left)| (held(all, at), held(left, at)));
        sums.fold((Decimal::ZERO, Decimal::ZERO), |(all, left), (more, other)| (all + more, left + other))
    };
    let shared: Vec<(Funding, Decimal)> = funding
        .iter()
        .map(|flow| {
            let (all, other) = held_at(flow.at);
            let share = other.checked_div(all).filter(|_| !ours.is_empty()).unwrap_or(Decimal::ONE);
            (Funding { amount: (flow.amount * share).round_dp(8), ..*flow }, other)
        })
        .collect();
    let (foreign_funding, others): (Vec<Funding>, Vec<Decimal>) = shared.into_iter().unzip();
    let mut changed = Vec::new();
    if !ours.is_empty() {
        changed.extend(venue_ledger::share_funding(tx, whose, symbol, (&funding, &others)).await?);
    }
    for (_, left) in &slots {
        // What was held before the history begins is not known: it is taken for nothing, and what closes it makes no
        // trade in hedge mode.
        for trip in round_trips(Decimal::ZERO, left, &foreign_funding) {
            changed.extend(venue_ledger::save_trade(tx, whose, symbol, &trip).await?);
        }
    }
    Ok(Some(changed))
}

fn turn() -> Turn {
    Turn::within(Priority::History, TURN)
}

/// The exchange's time, measured where it is not known yet.
async fn now(gateway: &Gateway, listening: &Listening) -> Result<DateTime<Utc>, LookError> {
    if let Some(now) = clock(gateway, listening) {
        return Ok(now);
    }
    let venues: &Venues = gateway.venues.as_ref().ok_or(LookError::NoTime)?;
    let environment = listening.account.environment();
    venues.bingx.read_clock(environment, listening.account.egress(), turn()).await?;
    clock(gateway, listening).ok_or(LookError::NoTime)
}

fn clock(gateway: &Gateway, listening: &Listening) -> Option<DateTime<Utc>> {
    let venues = gateway.venues.as_ref()?;
    let ms = venues.bingx.clock(listening.account.environment()).now_ms()?;
    DateTime::from_timestamp_millis(ms)
}

fn complain(gateway: &Gateway, listening: &Listening, error: &LookError, what: &str) -> Looked {
    let account = listening.connected.login.account_id;
    if let LookError::Exchange(ReadError::NotSent(why)) = error
        && unsent::tell(gateway, (account, listening.account.egress()), why, what)
    {
        return Looked::NotAsked;
    }
    tracing::warn!(%error, account.id = %account, "{what} of an exchange account cannot be read; they are read again");
    Looked::NotAll
}

/// As it is stored; `None` for one that does not say which way it went.
pub(super) fn fill(fill: &Fill) -> Option<VenueFill> {
    Some(VenueFill {
        order_id: fill.id.order.as_str().to_owned(),
        trade_id: fill.id.trade.clone(),
        symbol: fill.symbol.as_str().to_owned(),
        slot: slot(fill.position_side),
        side: side(fill.side?),
        quantity: fill.quantity,
        price: fill.price,
        fee: -fill.commission,
        at: DateTime::from_timestamp_millis(fill.filled_at_ms)?,
    })
    .filter(|fill| fill.quantity > Decimal::ZERO && fill.price > Decimal::ZERO)
}

pub(super) const fn side(side: TradeSide) -> Side {
    match side {
        TradeSide::Buy => Side::Buy,
        TradeSide::Sell => Side::Sell,
    }
}

pub(super) const fn slot(side: Option<PositionSide>) -> Slot {
    match side {
        Some(PositionSide::Long) => Slot::Long,
        Some(PositionSide::Short) => Slot::Short,
        Some(PositionSide::Both) | None => Slot::Both,
    }
}

fn flow(income: Income) -> Option<Flow> {
    let is_kept = KEPT.contains(&income.income_type.as_str()) && !income.tran_id.is_empty();
    let at = DateTime::from_timestamp_millis(income.time)?;
    is_kept.then(|| Flow {
        id: format!("{} {}", income.income_type, income.tran_id),
        kind: income.income_type,
        symbol: income.symbol,
        amount: income.income,
        at,
    })
}
