//! Whose turn it is: limits per account and endpoint and per egress address, with priorities.
//!
//! The venue counts per account over all its keys, and per source address over
//! all tenants, so one limiter serves the whole process. Within each limit the
//! more urgent request goes first, however long others wait: what closes or
//! cancels before what guards, that before what opens, and what opens before
//! what only looks.
//!
//! The venue counts a request when it arrives, which is before its answer is
//! here. So a place in a window of the venue's is kept until the answer, and is
//! free again a window later: however long a request was on its way, no more of
//! them arrive in a window than that takes.

mod queue;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use tokio::time::Instant;

use self::queue::Queue;
use crate::outcome::NotSent;

/// A request that was let through counts as answered after this time at the latest: one that hangs must not hold up
/// closes for long. So long a request that tries whether the venue takes any again goes alone.
const HELD: Duration = Duration::from_secs(2);
/// Between looks whether the venue has answered the first request after a ban.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

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

    /// Whether it only looks.
    #[must_use]
    pub const fn looks(self) -> bool {
        matches!(self, Self::Account | Self::History)
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
    /// So many per second of the venue's clock. The second is a little longer here, as clocks differ in their pace and
    /// times are rounded.
    #[must_use]
    pub const fn per_second(requests: usize) -> Self {
        Self { requests, per: Duration::from_millis(1_050) }
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

    /// So many in ten seconds of the venue's clock, which are a little longer here.
    #[must_use]
    pub const fn per_ten_seconds(requests: usize) -> Self {
        Self { requests, per: Duration::from_millis(10_100) }
    }
}

/// One limit that a request counts against: its name and its rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Equal names share one count.
    pub name: String,
    /// How much.
    pub rate: Rate,
    /// Whether the venue counts it: then a request counts from its answer. Where it is a pace of our own, from when it
    /// was let through.
    is_of_venue: bool,
    /// So many of the requests are not for what only looks.
    kept: usize,
    /// So many are under way at once, where one that only looks is the last.
    at_once: usize,
}

impl Limit {
    /// A limit that the venue keeps.
    #[must_use]
    pub const fn of_venue(name: String, rate: Rate) -> Self {
        Self { name, rate, is_of_venue: true, kept: 0, at_once: usize::MAX }
    }

    /// A pace of our own.
    #[must_use]
    pub const fn ours(name: String, rate: Rate) -> Self {
        Self { name, rate, is_of_venue: false, kept: 0, at_once: usize::MAX }
    }

    /// What only looks gets two thirds: the rest is there when something is opened or closed.
    #[must_use]
    pub const fn sparing(mut self) -> Self {
        self.kept = self.rate.requests / 3;
        self
    }

    /// What only looks leaves while fewer than so many are under way: were the limit closed, all of them would call what
    /// is closed.
    #[must_use]
    pub const fn looking_at_once(mut self, most: usize) -> Self {
        self.at_once = most;
        self
    }

    /// How many may be in a window where one of this urgency is the last.
    fn room(&self, priority: Priority) -> usize {
        let kept = if priority.looks() { self.kept } else { 0 };
        self.rate.requests.saturating_sub(kept).max(1)
    }
}

/// All the limits of one process.
#[derive(Debug, Default)]
pub struct Limiter {
    queues: Mutex<HashMap<String, Arc<Queue>>>,
    stops: Arc<Mutex<HashMap<String, Stop>>>,
}

/// An address that the venue banned, until one request was answered after that.
#[derive(Debug, Clone, Copy)]
struct Stop {
    until: Instant,
    /// Since when one tries whether the ban is over.
    tried_at: Option<Instant>,
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
    /// * What is returned is kept until the answer is there: the request counts from then on.
    /// * What has its turn under one limit and waits for that under another gives way to what is more urgent.
    /// * Dropping the future gives its places up; under a pace of our own what was counted stays counted.
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
    ) -> Result<Passage, NotSent> {
        let trial = self.pass_stop(egress, limits, priority, deadline).await?;
        let mut held: Vec<Option<Held>> = limits.iter().map(|_| None).collect();
        let passage = loop {
            for (limit, place) in limits.iter().zip(&mut held) {
                if place.is_none() {
                    self.refuse_if_stopped(egress)?;
                    let queue = self.queue(&limit.name);
                    let slot = queue.turn(limit, priority, deadline).await?;
                    *place = Some(Held { queue, limit: limit.clone(), slot, is_answered: false });
                }
            }
            // Whoever waited long for one has lost his place under another, or that is closed by now.
            for place in &mut held {
                if place.as_mut().is_some_and(|held| !held.renew(priority)) {
                    *place = None;
                }
            }
            if held.iter().all(Option::is_some) {
                break Passage { held: held.into_iter().flatten().collect(), trial };
            }
        };
        self.refuse_if_stopped(egress)?;
        Ok(passage)
    }

    /// Lets nothing through under `name` before `until`: the venue said that it is too much.
    pub fn pause(&self, name: &str, until: Instant) {
        self.queue(name).pause(until);
    }

    /// As [`Limiter::pause`], but then one goes alone, and the others once that was answered otherwise: who calls what
    /// is still closed is banned.
    pub fn close(&self, name: &str, until: Instant) {
        self.queue(name).close(until);
    }

    /// Lets only what protects through under `name` before `until`: little is left, and that is kept for it.
    pub fn spare(&self, name: &str, until: Instant) {
        self.queue(name).spare(until);
    }

    /// Stops all traffic of an egress address until then: the venue banned it. Then one request goes alone.
    pub fn stop(&self, egress: &str, until: Instant) {
        let mut stops = lock(&self.stops);
        let stop = stops.entry(egress.to_owned()).or_insert(Stop { until, tried_at: None });
        *stop = Stop { until: stop.until.max(until), tried_at: None };
    }

    fn refuse_if_stopped(&self, egress: &str) -> Result<(), NotSent> {
        let until = lock(&self.stops).get(egress).map(|stop| stop.until);
        if until.is_some_and(|until| until > Instant::now()) { Err(NotSent::Stopped) } else { Ok(()) }
    }

    /// After a ban the first request goes alone; the others wait for its answer, as long as that may take.
    async fn pass_stop(
        &self,
        egress: &str,
        limits: &[Limit],
        priority: Priority,
        deadline: Instant,
    ) -> Result<Option<Trial>, NotSent> {
        loop {
            self.refuse_if_stopped(egress)?;
            if !lock(&self.stops).contains_key(egress) {
                return Ok(None);
            }
            let closed =
                limits.iter().filter_map(|limit| self.queue(&limit.name).closed_until(priority)).max();
            if closed.is_some_and(|until| until > deadline) {
                return Err(NotSent::NoTurn);
            }
            let now = Instant::now();
            // Others would wait in vain for the answer of one that may not go yet.
            let may_try = closed.is_none_or(|until| until <= now);
            {
                let mut stops = lock(&self.stops);
                let Some(stop) = stops.get_mut(egress) else { return Ok(None) };
                if may_try && stop.until <= now && stop.tried_at.is_none_or(|at| at + HELD <= now) {
                    stop.tried_at = Some(now);
                    let (stops, egress) = (Arc::clone(&self.stops), egress.to_owned());
                    return Ok(Some(Trial { stops, egress, at: now, is_answered: false }));
                }
            }
            if now > deadline {
                return Err(NotSent::NoTurn);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
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

/// The turn of one request, kept until its answer is there. Dropped without one, its attempt has ended.
#[derive(Debug)]
#[must_use = "a request counts from when this is dropped"]
pub struct Passage {
    held: Vec<Held>,
    trial: Option<Trial>,
}

impl Passage {
    /// It was answered, and what the answer says of limits is heeded already.
    pub fn answered(mut self) {
        self.held.iter_mut().for_each(|held| held.is_answered = true);
        if let Some(trial) = &mut self.trial {
            trial.is_answered = true;
        }
    }

    /// The request leaves only now. Whether it still may: nothing that it counts against was closed meanwhile.
    pub fn leave(&mut self) -> bool {
        let now = Instant::now();
        self.held.iter_mut().all(|held| held.queue.leave(&held.limit, &mut held.slot, now))
    }

    /// Something else goes before it: it is not the one that tries whether a ban is over.
    pub fn without_trial(mut self) -> Self {
        self.trial = None;
        self
    }
}

/// A place under one limit.
#[derive(Debug)]
struct Held {
    queue: Arc<Queue>,
    limit: Limit,
    slot: u64,
    is_answered: bool,
}

impl Held {
    /// Counts it from now on. Whether it was still counted, and may go.
    fn renew(&mut self, priority: Priority) -> bool {
        self.queue.renew(&self.limit, priority, &mut self.slot)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.queue.end(self.slot, self.is_answered);
    }
}

/// The one request after a ban.
#[derive(Debug)]
struct Trial {
    stops: Arc<Mutex<HashMap<String, Stop>>>,
    egress: String,
    at: Instant,
    is_answered: bool,
}

impl Drop for Trial {
    fn drop(&mut self) {
        let mut stops = lock(&self.stops);
        let Some(stop) = stops.get_mut(&self.egress) else { return };
        // However late the answer came: it left after the last ban.
        if self.is_answered && stop.until <= self.at {
            stops.remove(&self.egress);
        } else if stop.tried_at == Some(self.at) {
            stop.tried_at = None;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
