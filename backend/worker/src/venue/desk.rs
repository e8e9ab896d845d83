//! What tasks that place orders share: the accounts that are served, and what is in hand.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use flotilla_domain::id::{AccountId, CopyId, OwnerId};
use flotilla_domain::trade::Direction;
use flotilla_exchange::bingx::client::{Account, InVain};
use flotilla_exchange::bingx::endpoint::Environment;
use flotilla_exchange::bingx::id::Symbol;
use flotilla_exchange::bingx::model::{self, PositionMode};
use flotilla_store::venue_orders::exits::Place;
use rust_decimal::Decimal;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::Venues;
use super::lost::Known;

/// How old a price may be by which orders are judged; one read serves all tenants.
const PRICE_AGE: Duration = Duration::from_secs(1);

/// Failures in a row of what protects an account, after which nothing is opened there and its owner is told.
const IN_VAIN: u32 = 3;

/// Until a stop or target is placed again after a refusal that is not about it, and how often that is doubled.
const EXITS_REST: Duration = Duration::from_secs(3);
const EXITS_REST_DOUBLED: u32 = 5;

/// Nobody having looked for so long, it counts anew for how long nothing has been known.
const UNSURE_ANEW: Duration = Duration::from_secs(90);

/// An account at an exchange that this worker serves.
pub(crate) struct Served {
    pub account_id: AccountId,
    pub owner_id: OwnerId,
    /// Of its session.
    pub epoch: i64,
    /// Which key is in place.
    pub generation: i64,
    pub api: Account,
    /// Its key does not work, or it takes part in nothing: nothing is opened, closes are tried.
    pub is_suspended: bool,
    /// Until then nothing is opened: its key is looked at, or the exchange suspended it.
    paused_until: Mutex<Option<Instant>>,
    mode: Mutex<Option<PositionMode>>,
    /// As its owner has set it; `None`: nothing is changed.
    leverage: Mutex<Option<i32>>,
    /// Contracts of which it is known that they have it. Held while one is looked at.
    pub leveraged: tokio::sync::Mutex<HashMap<Symbol, i32>>,
    /// Whether that is doubted of all contracts, and of which: somebody may have changed it in the exchange's own app.
    leverage_doubts: Mutex<(bool, HashSet<Symbol>)>,
    /// Held while stops and targets are looked at: what stands is compared with what is placed.
    pub exits: tokio::sync::Mutex<()>,
    /// Held by looks that are not urgent while they wait for that: one at a time stands before those that are.
    pub exits_line: tokio::sync::Mutex<()>,
    /// Contracts in which no stop or target is placed for now: how often in a row that was refused, and until when.
    exits_rest: Mutex<HashMap<Symbol, (u32, Instant)>>,
    /// Since when a position is smaller than our books say.
    shortages: Mutex<HashMap<(String, Direction), Instant>>,
    /// Since when it is not known whether a stop or target has closed of a position, and when that was so last.
    unsure: Mutex<HashMap<(String, Direction), (Instant, Instant)>>,
    /// What positions hold beyond what copies account for, and what was found of it.
    pub lost: Mutex<Known>,
    /// Whether its owner was told last that what protects it fails; `None`: nothing was said yet.
    told_in_vain: Mutex<Option<bool>>,
}

impl Served {
    pub fn new(
        (account_id, owner_id): (AccountId, OwnerId),
        (epoch, generation): (i64, i64),
        api: Account,
        is_suspended: bool,
    ) -> Self {
        Self {
            account_id,
            owner_id,
            epoch,
            generation,
            api,
            is_suspended,
            paused_until: Mutex::default(),
            mode: Mutex::default(),
            leverage: Mutex::default(),
            leveraged: tokio::sync::Mutex::default(),
            leverage_doubts: Mutex::default(),
            exits: tokio::sync::Mutex::default(),
            exits_line: tokio::sync::Mutex::default(),
            exits_rest: Mutex::default(),
            shortages: Mutex::default(),
            unsure: Mutex::default(),
            lost: Mutex::default(),
            told_in_vain: Mutex::default(),
        }
    }

    /// Whether anything is opened there now.
    pub fn may_open(&self) -> bool {
        let is_paused = lock(&self.paused_until).is_some_and(|until| until > Instant::now());
        !self.is_suspended && !is_paused && self.in_vain().is_none()
    }

    /// Whether closes, cancels and exits fail in a row: what cannot be protected is not added to.
    pub fn in_vain(&self) -> Option<InVain> {
        self.api.in_vain().filter(|known| known.times >= IN_VAIN)
    }

    pub fn told_in_vain(&self) -> Option<bool> {
        *lock(&self.told_in_vain)
    }

    pub fn tell_in_vain(&self, is_told: bool) {
        *lock(&self.told_in_vain) = Some(is_told);
    }

    /// Opens nothing for a while.
    pub fn pause(&self, time: Duration) {
        *lock(&self.paused_until) = Some(Instant::now() + time);
    }

    /// Places no stop or target of a contract for a while, longer each time: it was refused for a reason that has to
    /// pass first. For how long.
    pub fn rest_exits(&self, symbol: &Symbol) -> Duration {
        let now = Instant::now();
        let paused =
            lock(&self.paused_until).map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let mut all = lock(&self.exits_rest);
        let (times, until) = all.entry(symbol.clone()).or_insert((0, now));
        let rest = EXITS_REST.saturating_mul(1 << (*times).min(EXITS_REST_DOUBLED)).max(paused);
        (*times, *until) = (times.saturating_add(1), now + rest);
        rest
    }

    /// For how long no stop or target of a contract is placed, if at all.
    pub fn exits_rest(&self, symbol: &Symbol) -> Option<Duration> {
        let now = Instant::now();
        let until = lock(&self.exits_rest).get(symbol).map(|(_, until)| *until);
        until.filter(|until| *until > now).map(|until| until.saturating_duration_since(now))
    }

    /// One was placed: nothing stands in the way any more.
    pub fn end_exits_rest(&self, symbol: &Symbol) {
        lock(&self.exits_rest).remove(symbol);
    }

    pub fn leverage(&self) -> Option<i32> {
        *lock(&self.leverage)
    }

    pub fn set_leverage(&self, leverage: Option<i32>) {
        *lock(&self.leverage) = leverage;
    }

    /// Has the leverage of a contract read before the next order in it; `None`: of all contracts.
    pub fn doubt_leverage(&self, symbol: Option<&Symbol>) {
        let mut doubts = lock(&self.leverage_doubts);
        match symbol {
            Some(symbol) => {
                doubts.1.insert(symbol.clone());
            }
            None => doubts.0 = true,
        }
    }

    /// What was doubted since the last look.
    pub fn take_leverage_doubts(&self) -> (bool, HashSet<Symbol>) {
        std::mem::take(&mut *lock(&self.leverage_doubts))
    }

    pub fn mode(&self) -> Option<PositionMode> {
        *lock(&self.mode)
    }

    /// `None`: it has to be read again.
    pub fn set_mode(&self, mode: Option<PositionMode>) {
        *lock(&self.mode) = mode;
    }

    /// For how long a position has been too small. Begins to count where it was not.
    pub fn short_for(&self, position: (String, Direction)) -> Duration {
        lock(&self.shortages).entry(position).or_insert_with(Instant::now).elapsed()
    }

    /// Forgets shortages of other positions than these.
    pub fn keep_shortages(&self, positions: &HashSet<(String, Direction)>) {
        lock(&self.shortages).retain(|position, _| positions.contains(position));
    }

    /// Notes whether it is known what stops and targets have closed of a position.
    pub fn note_sure(&self, position: (String, Direction), is_sure: bool) {
        let mut unsure = lock(&self.unsure);
        let now = Instant::now();
        unsure.retain(|_, (_, last)| last.elapsed() < UNSURE_ANEW);
        if is_sure {
            unsure.remove(&position);
        } else {
            unsure.entry(position).or_insert((now, now)).1 = now;
        }
    }

    /// For how long that has not been known.
    pub fn unsure_for(&self, position: &(String, Direction)) -> Duration {
        lock(&self.unsure).get(position).map_or(Duration::ZERO, |(since, _)| since.elapsed())
    }
}

/// A last price and when it was read. Locked while it is read.
type LastPrice = tokio::sync::Mutex<Option<(Decimal, Instant)>>;

/// Units of a lot that were looked for, and found or not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found(pub Option<Decimal>);

/// What tasks that place orders share.
#[derive(Default)]
pub(crate) struct Desk {
    served: Mutex<HashMap<AccountId, Arc<Served>>>,
    in_hand: Mutex<HashSet<CopyId>>,
    /// Positions whose stops and targets are looked at, and whether that is due again since the look began.
    looked_at: Mutex<HashMap<Place, bool>>,
    prices: Mutex<HashMap<(Environment, Symbol), Arc<LastPrice>>>,
    units: Mutex<HashMap<(AccountId, String), (Found, Instant)>>,
    nudged: Mutex<HashSet<AccountId>>,
    /// Names of orders that somebody asks for, and how he is woken.
    asked: Mutex<HashMap<String, Arc<Notify>>>,
    wake: Notify,
    opens_wanted: AtomicBool,
    wake_books: Notify,
    wake_exits: Notify,
    /// Whether a person was told last that the clock of an environment is off.
    clocks_off: Mutex<HashMap<Environment, bool>>,
    /// Other accounts are served than before.
    pub wake_streams: Notify,
    pub tasks: TaskTracker,
}

impl Desk {
    /// Whether copies of this account are placed here.
    pub fn serves(&self, account: AccountId) -> bool {
        lock(&self.served).contains_key(&account)
    }

    pub fn find(&self, account: AccountId) -> Option<Arc<Served>> {
        lock(&self.served).get(&account).cloned()
    }

    pub fn every(&self) -> Vec<Arc<Served>> {
        lock(&self.served).values().cloned().collect()
    }

    pub fn add(&self, served: Arc<Served>) {
        lock(&self.served).insert(served.account_id, served);
    }

    /// Takes an account away unless it was begun anew.
    pub fn remove(&self, served: &Arc<Served>) {
        let mut all = lock(&self.served);
        if all.get(&served.account_id).is_some_and(|present| Arc::ptr_eq(present, served)) {
            all.remove(&served.account_id);
        }
    }

    /// Has copies and closes looked for that wait.
    pub fn wake(&self) {
        self.opens_wanted.store(true, Ordering::SeqCst);
        self.wake.notify_one();
    }

    /// Has closes looked for that are due.
    pub fn wake_closes(&self) {
        self.wake.notify_one();
    }

    /// Whether copies that wait are to be looked for since this was asked last.
    pub fn take_opens_wanted(&self) -> bool {
        self.opens_wanted.swap(false, Ordering::SeqCst)
    }

    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Has stops and targets looked at that are due.
    pub fn wake_exits(&self) {
        self.wake_exits.notify_one();
    }

    pub async fn exits_woken(&self) {
        self.wake_exits.notified().await;
    }

    /// Has the positions of an account compared with our books: something happened there.
    pub fn nudge(&self, account: AccountId) {
        lock(&self.nudged).insert(account);
        self.wake_books.notify_one();
    }

    pub async fn nudged(&self) {
        self.wake_books.notified().await;
    }

    pub fn take_nudged(&self) -> HashSet<AccountId> {
        std::mem::take(&mut lock(&self.nudged))
    }

    /// Told when the stream says something of an order, for as long as it is kept.
    pub fn listen(self: &Arc<Self>, client_id: &str) -> News {
        let told = Arc::new(Notify::new());
        lock(&self.asked).insert(client_id.to_owned(), Arc::clone(&told));
        News { desk: Arc::clone(self), client_id: client_id.to_owned(), told }
    }

    /// The stream said something of an order; whether somebody asks for it.
    pub fn say(&self, client_id: &str) -> bool {
        let asked = lock(&self.asked);
        let told = asked.get(client_id);
        if let Some(told) = told {
            told.notify_one();
        }
        told.is_some()
    }

    /// Takes a copy in hand; `None` while another task has it. One request for one name at a time.
    pub fn take(self: &Arc<Self>, copy: CopyId) -> Option<InHand> {
        let is_free = lock(&self.in_hand).insert(copy);
        is_free.then(|| InHand { desk: Arc::clone(self), copy })
    }

    /// Takes the stops and targets of a position in hand; `None` while another task has them, which looks once more.
    pub fn take_exits(self: &Arc<Self>, place: &Place) -> Option<ExitsInHand> {
        match lock(&self.looked_at).entry(place.clone()) {
            Entry::Occupied(mut again) => {
                again.insert(true);
                None
            }
            Entry::Vacant(free) => {
                free.insert(false);
                Some(ExitsInHand { desk: Arc::clone(self), place: place.clone(), is_over: false })
            }
        }
    }

    pub fn is_clock_off(&self, environment: Environment) -> Option<bool> {
        lock(&self.clocks_off).get(&environment).copied()
    }

    pub fn set_clock_off(&self, environment: Environment, is_off: bool) {
        lock(&self.clocks_off).insert(environment, is_off);
    }

    /// Units of a lot that were found before.
    pub fn known_units(&self, master: AccountId, symbol: &str) -> Option<Found> {
        let units = lock(&self.units);
        let (found, at) = units.get(&(master, symbol.to_owned()))?;
        (at.elapsed() < Duration::from_mins(5)).then_some(*found)
    }

    pub fn note_units(&self, master: AccountId, symbol: &str, units: Option<Decimal>) {
        lock(&self.units).insert((master, symbol.to_owned()), (Found(units), Instant::now()));
    }
}

/// A copy that one task alone works on.
pub(crate) struct InHand {
    desk: Arc<Desk>,
    copy: CopyId,
}

impl Drop for InHand {
    fn drop(&mut self) {
        lock(&self.desk.in_hand).remove(&self.copy);
    }
}

/// The stops and targets of a position, which one task alone looks at because they are due.
pub(crate) struct ExitsInHand {
    desk: Arc<Desk>,
    place: Place,
    is_over: bool,
}

impl ExitsInHand {
    /// A look begins: it sees all that made them due so far.
    pub fn begin(&self) {
        if let Some(again) = lock(&self.desk.looked_at).get_mut(&self.place) {
            *again = false;
        }
    }

    /// A look has ended. Whether they became due meanwhile; if not, they are out of hand.
    pub fn is_due_again(&mut self) -> bool {
        let mut all = lock(&self.desk.looked_at);
        let is_due = all.get(&self.place).copied().unwrap_or(false);
        if !is_due {
            all.remove(&self.place);
            self.is_over = true;
        }
        is_due
    }
}

impl Drop for ExitsInHand {
    fn drop(&mut self) {
        if !self.is_over {
            lock(&self.desk.looked_at).remove(&self.place);
        }
    }
}

/// News of an order from the stream.
pub(crate) struct News {
    desk: Arc<Desk>,
    client_id: String,
    told: Arc<Notify>,
}

impl News {
    /// Waits so long, or until there are some.
    pub async fn wait(&self, longest: Duration) {
        tokio::select! {
            () = self.told.notified() => {}
            () = tokio::time::sleep(longest) => {}
        }
    }
}

impl Drop for News {
    fn drop(&mut self) {
        lock(&self.desk.asked).remove(&self.client_id);
    }
}

/// The last price, at most a second old; `None` where there is none.
pub(crate) async fn last_price(
    venues: &Venues,
    environment: Environment,
    symbol: &Symbol,
) -> Option<Decimal> {
    let slot = Arc::clone(lock(&venues.desk.prices).entry((environment, symbol.clone())).or_default());
    // One reads, the others wait for it.
    let mut known = slot.lock().await;
    if let Some((price, at)) = *known
        && at.elapsed() < PRICE_AGE
    {
        return Some(price);
    }
    let price = venues.bingx.last_price(environment, venues.market_egress(), symbol).await;
    *known = price.ok().flatten().map(|price| (price, Instant::now()));
    known.map(|(price, _)| price)
}

/// The exchange's word for it.
pub(crate) const fn direction(direction: Direction) -> model::Direction {
    match direction {
        Direction::Long => model::Direction::Long,
        Direction::Short => model::Direction::Short,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_becomes_due_during_a_look_is_looked_at_once_more_by_the_same_task() {
        let desk = Arc::new(Desk::default());
        let place = (AccountId::from_uuid(Uuid::nil()), "BTC-USDT".to_owned(), Direction::Long);
        let mut hand = desk.take_exits(&place).unwrap();
        assert!(desk.take_exits(&place).is_none());

        hand.begin();
        assert!(desk.take_exits(&place).is_none());
        assert!(hand.is_due_again());
        hand.begin();
        assert!(!hand.is_due_again());

        let next = desk.take_exits(&place).unwrap();
        drop(hand);
        assert!(desk.take_exits(&place).is_none(), "it is the next one's");
        drop(next);
        assert!(desk.take_exits(&place).is_some());
    }
}
