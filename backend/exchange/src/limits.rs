//! Whose turn it is: limits per account and endpoint and per egress address, with priorities.
//!
//! The venue counts per account over all its keys, and per source address over
//! all tenants, so one limiter serves the whole process. Within each limit the
//! more urgent request goes first, however long others wait: what closes or
//! cancels before what guards, that before what opens, and what opens before
//! what only looks.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::outcome::NotSent;

/// How urgent a request is. The smaller goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Cancels an order or closes a position, or finds out what became of an order.
    Protect,
    /// Places or moves stops and targets of positions that are as they should be.
    Guard,
    /// Opens.
    Open,
    /// Reads what the account has now.
    Account,
    /// Reads what was.
    History,
}

impl Priority {
    /// Whether it protects what is held, and adds nothing to it.
    #[must_use]
    pub const fn protects(self) -> bool {
        matches!(self, Self::Protect | Self::Guard)
    }
}

/// So many requests in so much time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests, at least one.
    pub requests: usize,
    /// In any stretch of this length.
    pub per: Duration,
}

impl Rate {
    /// So many per second. The second is a tenth longer here: on their way requests come closer to each other.
    #[must_use]
    pub const fn per_second(requests: usize) -> Self {
        Self { requests, per: Duration::from_millis(1_100) }
    }

    /// So many in such a time, without a margin.
    ///
    /// `None` for a number that is not above zero, or more than a million a second.
    #[must_use]
    pub fn of(per_second: Decimal) -> Option<Self> {
        let requests = per_second.ceil().to_usize().filter(|requests| (1..=1_000_000).contains(requests))?;
        let micros = (Decimal::from(requests) * Decimal::from(1_000_000) / per_second).ceil().to_u64()?;
        Some(Self { requests, per: Duration::from_micros(micros) })
    }

    /// Half as many: in the same time where that is a whole number, in twice the time where not.
    #[must_use]
    pub const fn half(self) -> Self {
        if self.requests.is_multiple_of(2) {
            Self { requests: self.requests / 2, per: self.per }
        } else {
            Self { requests: self.requests, per: self.per.saturating_mul(2) }
        }
    }

    /// So many in ten seconds.
    #[must_use]
    pub const fn per_ten_seconds(requests: usize) -> Self {
        Self { requests, per: Duration::from_millis(10_500) }
    }
}

/// One limit that a request counts against: its name and its rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Equal names share one count.
    pub name: String,
    /// How much.
    pub rate: Rate,
}

/// All the limits of one process.
#[derive(Debug, Default)]
pub struct Limiter {
    queues: Mutex<HashMap<String, Arc<Queue>>>,
    stopped: Mutex<HashMap<String, Instant>>,
}

impl Limiter {
    /// No request seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits for a turn under each of `limits`, narrowest first, and counts the request there.
    ///
    /// * `egress`: the address it leaves from; a stop of that address ends the wait.
    /// * Dropping the future gives the place in the queue up; what was counted stays counted.
    ///
    /// # Errors
    ///
    /// [`NotSent::NoTurn`] when the turn does not come by `deadline`, at once where that is certain.
    /// [`NotSent::Stopped`] while traffic of `egress` is stopped.
    pub async fn turn(
        &self,
        egress: &str,
        limits: &[Limit],
        priority: Priority,
        deadline: Instant,
    ) -> Result<(), NotSent> {
        for limit in limits {
            self.refuse_if_stopped(egress)?;
            let queue = self.queue(&limit.name);
            queue.turn(limit.rate, priority, deadline).await?;
        }
        self.refuse_if_stopped(egress)
    }

    /// Lets nothing through under `name` before `until`: the venue said that it is too much.
    pub fn pause(&self, name: &str, until: Instant) {
        let queue = self.queue(name);
        let mut state = queue.lock();
        state.paused_until = Some(state.paused_until.map_or(until, |known| known.max(until)));
    }

    /// Lets only what protects through under `name` before `until`: little is left, and that is kept for it.
    pub fn spare(&self, name: &str, until: Instant) {
        let queue = self.queue(name);
        let mut state = queue.lock();
        state.spared_until = Some(state.spared_until.map_or(until, |known| known.max(until)));
    }

    /// Stops all traffic of an egress address until then: the venue banned it.
    pub fn stop(&self, egress: &str, until: Instant) {
        let mut stopped = lock(&self.stopped);
        let known = stopped.entry(egress.to_owned()).or_insert(until);
        *known = (*known).max(until);
    }

    fn refuse_if_stopped(&self, egress: &str) -> Result<(), NotSent> {
        let mut stopped = lock(&self.stopped);
        match stopped.get(egress) {
            Some(until) if *until > Instant::now() => Err(NotSent::Stopped),
            Some(_) => {
                stopped.remove(egress);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn queue(&self, name: &str) -> Arc<Queue> {
        let mut queues = lock(&self.queues);
        // Names of accounts that are gone are forgotten once there are many.
        if queues.len() > 10_000 && !queues.contains_key(name) {
            queues.retain(|_, queue| Arc::strong_count(queue) > 1 || !queue.is_idle());
        }
        Arc::clone(queues.entry(name.to_owned()).or_default())
    }
}

/// One limit: what was let through lately, and who waits.
#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When requests were let through, oldest first, at most as many as the limit allows.
    let_through: VecDeque<Instant>,
    /// Most urgent first, then by arrival. Only the first looks at the clock.
    waiting: BTreeMap<(Priority, u64), Arc<Notify>>,
    arrivals: u64,
    /// For all.
    paused_until: Option<Instant>,
    /// For what does not protect. As that is behind what does, nobody who may go waits for somebody who may not.
    spared_until: Option<Instant>,
}

impl State {
    /// When the next one may go, if it is so urgent.
    fn next(&self, rate: Rate, priority: Priority, now: Instant) -> Instant {
        let by_rate = match self.let_through.len().checked_sub(rate.requests) {
            Some(over) => self.let_through.get(over).map_or(now, |earlier| *earlier + rate.per),
            None => now,
        };
        let spared_until = self.spared_until.filter(|_| !priority.protects());
        by_rate.max(self.paused_until.unwrap_or(now)).max(spared_until.unwrap_or(now))
    }

    fn is_held(&self, now: Instant) -> bool {
        [self.paused_until, self.spared_until].into_iter().flatten().any(|until| until > now)
    }

    fn count(&mut self, rate: Rate, now: Instant) {
        while self.let_through.len() >= rate.requests.max(1) {
            self.let_through.pop_front();
        }
        self.let_through.push_back(now);
    }

    fn wake_first(&self) {
        if let Some(first) = self.waiting.values().next() {
            first.notify_one();
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn is_idle(&self) -> bool {
        let state = self.lock();
        let recent = state.let_through.back().is_some_and(|last| last.elapsed() < Duration::from_mins(1));
        state.waiting.is_empty() && !recent && !state.is_held(Instant::now())
    }

    async fn turn(&self, rate: Rate, priority: Priority, deadline: Instant) -> Result<(), NotSent> {
        let place = self.join(priority);
        loop {
            let wake_at = {
                let mut state = self.lock();
                let now = Instant::now();
                let is_first = state.waiting.keys().next() == Some(&place.key);
                let next = state.next(rate, priority, now);
                if is_first && next <= now {
                    state.count(rate, now);
                    return Ok(());
                }
                // The turn of one further back is later still.
                if next > deadline || now > deadline {
                    return Err(NotSent::NoTurn);
                }
                if is_first { next } else { deadline + Duration::from_millis(1) }
            };
            tokio::select! {
                () = place.woken.notified() => {}
                () = tokio::time::sleep_until(wake_at) => {}
            }
        }
    }

    fn join(&self, priority: Priority) -> Place<'_> {
        let mut state = self.lock();
        state.arrivals += 1;
        let key = (priority, state.arrivals);
        let woken = Arc::new(Notify::new());
        state.waiting.insert(key, Arc::clone(&woken));
        Place { queue: self, key, woken }
    }
}

/// A place in a queue. Given up when dropped, and the next is told.
struct Place<'a> {
    queue: &'a Queue,
    key: (Priority, u64),
    woken: Arc<Notify>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.waiting.remove(&self.key);
        state.wake_first();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(name: &str, requests: usize) -> Limit {
        Limit { name: name.to_owned(), rate: Rate { requests, per: Duration::from_secs(1) } }
    }

    #[test]
    fn a_rate_may_have_decimals_and_a_half() {
        let rate = Rate::of(Decimal::new(25, 1)).unwrap();
        assert_eq!(rate, Rate { requests: 3, per: Duration::from_millis(1_200) });
        assert_eq!(rate.half(), Rate { requests: 3, per: Duration::from_millis(2_400) });
        assert_eq!(Rate::per_ten_seconds(300).half().requests, 150);
        assert_eq!((Rate::of(Decimal::ZERO), Rate::of(Decimal::NEGATIVE_ONE)), (None, None));
    }

    fn in_seconds(seconds: u64) -> Instant {
        Instant::now() + Duration::from_secs(seconds)
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_sees_more_than_its_share() {
        let limiter = Arc::new(Limiter::new());
        let limits = [limit("a", 5)];
        let mut at = Vec::new();

        for _ in 0..23 {
            limiter.turn("e", &limits, Priority::Open, in_seconds(60)).await.unwrap();
            at.push(Instant::now());
        }

        for window in at.windows(6) {
            assert!(window[5] - window[0] >= Duration::from_secs(1));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_closes_goes_before_what_opens_and_that_before_what_looks() {
        let limiter = Arc::new(Limiter::new());
        let limits = [limit("a", 1)];
        limiter.turn("e", &limits, Priority::Open, in_seconds(60)).await.unwrap();
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        let arriving =
            [Priority::History, Priority::Account, Priority::Open, Priority::Guard, Priority::Protect];
        for priority in arriving {
            let (limiter, limits, order) = (Arc::clone(&limiter), limits.clone(), Arc::clone(&order));
            tasks.push(tokio::spawn(async move {
                limiter.turn("e", &limits, priority, in_seconds(60)).await.unwrap();
                order.lock().unwrap().push(priority);
            }));
            tokio::task::yield_now().await;
        }
        for task in tasks {
            task.await.unwrap();
        }

        let expected =
            [Priority::Protect, Priority::Guard, Priority::Open, Priority::Account, Priority::History];
        assert_eq!(*order.lock().unwrap(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_would_come_too_late_is_refused_at_once() {
        let limiter = Limiter::new();
        let limits = [limit("a", 1)];
        let began = Instant::now();
        limiter.turn("e", &limits, Priority::Open, began).await.unwrap();

        let late = limiter.turn("e", &limits, Priority::Open, began + Duration::from_millis(900)).await;

        assert_eq!((late, began.elapsed()), (Err(NotSent::NoTurn), Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_that_waits_for_its_own_limit_holds_nobody_else_up() {
        let limiter = Arc::new(Limiter::new());
        let shared = limit("egress", 100);
        let busy = [limit("busy", 1), shared.clone()];
        limiter.turn("e", &busy, Priority::Protect, in_seconds(60)).await.unwrap();
        let waiting = {
            let (limiter, busy) = (Arc::clone(&limiter), busy.clone());
            tokio::spawn(async move { limiter.turn("e", &busy, Priority::Protect, in_seconds(60)).await })
        };
        tokio::task::yield_now().await;
        let began = Instant::now();

        limiter.turn("e", &[limit("idle", 1), shared], Priority::History, in_seconds(60)).await.unwrap();

        assert_eq!(began.elapsed(), Duration::ZERO);
        waiting.await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_lets_the_next_go() {
        let limiter = Arc::new(Limiter::new());
        let limits = [limit("a", 1)];
        limiter.turn("e", &limits, Priority::Open, in_seconds(60)).await.unwrap();
        let given_up = {
            let (limiter, limits) = (Arc::clone(&limiter), limits.clone());
            tokio::spawn(async move { limiter.turn("e", &limits, Priority::Protect, in_seconds(60)).await })
        };
        tokio::task::yield_now().await;
        let next = {
            let (limiter, limits) = (Arc::clone(&limiter), limits.clone());
            tokio::spawn(async move { limiter.turn("e", &limits, Priority::Open, in_seconds(2)).await })
        };
        tokio::task::yield_now().await;

        given_up.abort();

        assert_eq!(next.await.unwrap(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_spared_is_for_what_protects() {
        let limiter = Arc::new(Limiter::new());
        let limits = [limit("a", 5)];
        limiter.spare("a", in_seconds(10));
        let began = Instant::now();
        let waiting = {
            let (limiter, limits) = (Arc::clone(&limiter), limits.clone());
            tokio::spawn(async move { limiter.turn("e", &limits, Priority::Open, in_seconds(60)).await })
        };
        tokio::task::yield_now().await;

        for priority in [Priority::Protect, Priority::Guard] {
            assert_eq!(limiter.turn("e", &limits, priority, in_seconds(60)).await, Ok(()));
        }
        assert_eq!(began.elapsed(), Duration::ZERO);
        let late = limiter.turn("e", &limits, Priority::Account, in_seconds(9)).await;
        assert_eq!((late, began.elapsed()), (Err(NotSent::NoTurn), Duration::ZERO));
        assert_eq!(waiting.await.unwrap(), Ok(()));
        assert!(began.elapsed() >= Duration::from_secs(10));
        // What the venue itself closes is closed for all.
        limiter.pause("a", in_seconds(5));
        assert_eq!(limiter.turn("e", &limits, Priority::Protect, in_seconds(4)).await, Err(NotSent::NoTurn));
    }

    #[tokio::test(start_paused = true)]
    async fn a_banned_address_sends_nothing_until_the_ban_ends() {
        let limiter = Limiter::new();
        limiter.stop("e", in_seconds(300));

        assert_eq!(limiter.turn("e", &[], Priority::Protect, in_seconds(600)).await, Err(NotSent::Stopped));
        assert_eq!(limiter.turn("other", &[], Priority::Protect, in_seconds(600)).await, Ok(()));
        tokio::time::advance(Duration::from_secs(301)).await;
        assert_eq!(limiter.turn("e", &[], Priority::Protect, in_seconds(600)).await, Ok(()));
    }
}
