//! One limit: what counts in its window, who waits, and when it is closed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::{HELD, Limit, Priority, lock};
use crate::outcome::NotSent;

/// One limit: what was let through lately, and who waits.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Since when what was answered counts, and its number; oldest first.
    counted: VecDeque<(Instant, u64)>,
    /// When what is not answered yet left; oldest first.
    under_way: BTreeMap<u64, Instant>,
    /// Of those, what has not left, as it waits for its turn under another limit: it gives way to what is more urgent.
    reserved: BTreeMap<u64, Priority>,
    numbers: u64,
    /// Most urgent first, then by arrival. Only the first looks at the clock.
    waiting: BTreeMap<(Priority, u64), Arc<Notify>>,
    arrivals: u64,
    /// For all.
    paused_until: Option<Instant>,
    /// Once it was closed: whether one tries already if it is open again.
    trial: Option<Trial>,
    /// For what does not protect. As that is behind what does, nobody who may go waits for somebody who may not.
    spared_until: Option<Instant>,
}

/// One request goes alone.
#[derive(Debug, Clone, Copy)]
enum Trial {
    /// Whoever is next.
    Due,
    /// One has gone.
    Runs(Running),
}

/// The one that goes alone.
#[derive(Debug, Clone, Copy)]
struct Running {
    /// The first that went since it was closed: whichever is answered from that one on, it is open.
    first: u64,
    number: u64,
    since: Instant,
}

impl State {
    /// When the next one may go at the earliest, if it is so urgent: as if what is under way were answered now.
    fn next(&mut self, limit: &Limit, priority: Priority, now: Instant) -> Instant {
        self.settle(limit.rate.per, now);
        let yielding = self.reserved.values().filter(|of| **of > priority).count();
        let count = (self.counted.len() + self.under_way.len()).saturating_sub(yielding);
        let by_rate = match count.checked_sub(limit.room(priority)) {
            Some(over) => self.counted.get(over).map_or(now, |(at, _)| *at) + limit.rate.per,
            None => now,
        };
        by_rate.max(self.closed_until(priority).unwrap_or(now))
    }

    fn closed_until(&self, priority: Priority) -> Option<Instant> {
        self.paused_until.max(self.spared_until.filter(|_| !priority.protects()))
    }

    fn is_held(&self, now: Instant) -> bool {
        [self.paused_until, self.spared_until].into_iter().flatten().any(|until| until > now)
    }

    /// Until when the one that tries goes alone at the most, as seen by one that is so urgent.
    fn tried_until(&self, priority: Priority, now: Instant) -> Option<Instant> {
        match self.trial {
            Some(Trial::Runs(running)) if self.yields(running.number, priority) => None,
            Some(Trial::Runs(running)) => Some(running.since + HELD).filter(|until| *until > now),
            Some(Trial::Due) | None => None,
        }
    }

    /// Whether one has not left yet and is less urgent.
    fn yields(&self, number: u64, priority: Priority) -> bool {
        self.reserved.get(&number).is_some_and(|of| *of > priority)
    }

    /// Makes room for one so urgent: what yields has to wait for its turn once more. After [`State::next`].
    fn make_room(&mut self, limit: &Limit, priority: Priority) {
        if let Some(Trial::Runs(running)) = self.trial
            && self.yields(running.number, priority)
        {
            self.forget(running.number);
        }
        while self.counted.len() + self.under_way.len() >= limit.room(priority) {
            let least = self.reserved.iter().max_by_key(|(number, of)| (**of, **number));
            let Some((number, _)) = least.filter(|(_, of)| **of > priority) else { return };
            let number = *number;
            self.forget(number);
        }
    }

    /// One that did not leave.
    fn forget(&mut self, number: u64) {
        self.under_way.remove(&number);
        self.reserved.remove(&number);
    }

    /// Until when too many are under way for one that only looks, at the most. After [`State::next`].
    fn crowded_until(&self, limit: &Limit, priority: Priority) -> Option<Instant> {
        let oldest = self.under_way.values().next().map(|left| *left + HELD);
        oldest.filter(|_| priority.looks() && self.under_way.len() >= limit.at_once)
    }

    /// What hangs counts as answered. What waits elsewhere for as long, and what was answered long ago, does not count any
    /// more.
    fn settle(&mut self, per: Duration, now: Instant) {
        while let Some(first) = self.under_way.first_entry().filter(|first| *first.get() + HELD <= now) {
            let (number, left) = first.remove_entry();
            if self.reserved.remove(&number).is_none() {
                self.count(left + HELD, number);
            }
        }
        while self.counted.front().is_some_and(|(at, _)| *at + per <= now) {
            self.counted.pop_front();
        }
    }

    fn count(&mut self, at: Instant, number: u64) {
        let index = self.counted.partition_point(|(known, _)| *known <= at);
        self.counted.insert(index, (at, number));
    }

    fn let_through(&mut self, limit: &Limit, priority: Priority, now: Instant) -> u64 {
        self.make_room(limit, priority);
        self.numbers += 1;
        if limit.is_of_venue {
            self.under_way.insert(self.numbers, now);
            self.reserved.insert(self.numbers, priority);
        } else {
            self.count(now, self.numbers);
        }
        if let Some(trial) = self.trial {
            let first = match trial {
                Trial::Due => self.numbers,
                // It hangs, and its answer may come later than the next would have to.
                Trial::Runs(running) => running.first,
            };
            self.trial = Some(Trial::Runs(Running { first, number: self.numbers, since: now }));
        }
        self.numbers
    }

    /// Takes one out that still counts. Whether it did.
    fn take(&mut self, number: u64, per: Duration, now: Instant) -> bool {
        self.reserved.remove(&number);
        if self.under_way.remove(&number).is_some() {
            return true;
        }
        let index = self.counted.iter().position(|(_, known)| *known == number);
        index.and_then(|index| self.counted.remove(index)).is_some_and(|(at, _)| at + per > now)
    }

    /// Counts it from now on, under a new number.
    fn move_to(&mut self, number: &mut u64, now: Instant) {
        self.numbers += 1;
        self.under_way.insert(self.numbers, now);
        if let Some(Trial::Runs(running)) = &mut self.trial
            && running.number == *number
        {
            (running.number, running.since) = (self.numbers, now);
        }
        *number = self.numbers;
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

    pub(super) fn is_idle(&self) -> bool {
        let state = self.lock();
        let recent = state.counted.back().is_some_and(|(last, _)| last.elapsed() < Duration::from_mins(2));
        let is_used = recent || !state.under_way.is_empty() || !state.waiting.is_empty();
        !is_used && !state.is_held(Instant::now())
    }

    pub(super) fn closed_until(&self, priority: Priority) -> Option<Instant> {
        self.lock().closed_until(priority)
    }

    pub(super) fn pause(&self, until: Instant) {
        let mut state = self.lock();
        state.paused_until = state.paused_until.max(Some(until));
    }

    pub(super) fn close(&self, until: Instant) {
        let mut state = self.lock();
        state.paused_until = state.paused_until.max(Some(until));
        state.trial = Some(Trial::Due);
    }

    pub(super) fn spare(&self, until: Instant) {
        let mut state = self.lock();
        state.spared_until = state.spared_until.max(Some(until));
    }

    /// Waits for a turn; the number under which it counts.
    pub(super) async fn turn(
        &self,
        limit: &Limit,
        priority: Priority,
        deadline: Instant,
    ) -> Result<u64, NotSent> {
        let place = self.join(priority);
        loop {
            let wake_at = {
                let mut state = self.lock();
                let now = Instant::now();
                let is_first = state.waiting.keys().next() == Some(&place.key);
                let next = state.next(limit, priority, now);
                // These may end sooner; then the first is woken.
                let held_until = state.tried_until(priority, now).max(state.crowded_until(limit, priority));
                if is_first && next <= now && held_until.is_none() {
                    return Ok(state.let_through(limit, priority, now));
                }
                // The turn of one further back is later still.
                if next > deadline || now > deadline {
                    return Err(NotSent::NoTurn);
                }
                let late = deadline + Duration::from_millis(1);
                if is_first { next.max(held_until.unwrap_or(next)).min(late) } else { late }
            };
            tokio::select! {
                () = place.woken.notified() => {}
                () = tokio::time::sleep_until(wake_at) => {}
            }
        }
    }

    /// Counts one from now on that waited elsewhere meanwhile. `false`: it does not count any more, or may not go now.
    pub(super) fn renew(&self, limit: &Limit, priority: Priority, number: &mut u64) -> bool {
        let mut state = self.lock();
        let now = Instant::now();
        if state.closed_until(priority).is_some_and(|until| until > now) {
            return false;
        }
        if limit.is_of_venue {
            if !state.take(*number, limit.rate.per, now) {
                return false;
            }
            state.move_to(number, now);
        }
        true
    }

    /// Counts one from now on that leaves now, whether it still counted or not. `false`: it is closed, for all.
    pub(super) fn leave(&self, limit: &Limit, number: &mut u64, now: Instant) -> bool {
        let mut state = self.lock();
        if limit.is_of_venue {
            state.take(*number, limit.rate.per, now);
            state.move_to(number, now);
        }
        state.paused_until.is_none_or(|until| until <= now)
    }

    /// It was answered, or its attempt has ended.
    pub(super) fn end(&self, number: u64, is_answered: bool) {
        let mut state = self.lock();
        // What never left was not seen by the venue.
        if state.reserved.contains_key(&number) {
            state.forget(number);
        } else if let Some(left) = state.under_way.remove(&number) {
            state.count(Instant::now().min(left + HELD), number);
        }
        // What was closed again meanwhile has its own trial.
        if let Some(Trial::Runs(running)) = state.trial {
            if is_answered && number >= running.first {
                state.trial = None;
            } else if number == running.number {
                state.trial = Some(Trial::Due);
            }
        }
        state.wake_first();
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
