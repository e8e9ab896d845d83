//! Turns hints into messages: rows are read once per owner and handed to each
//! of his sockets that listens.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_store::changes::{Change, ChangeKind, Heard};
use flotilla_store::{Db, Scope, StoreResult, Tx};
use tokio::sync::{Notify, broadcast, mpsc};
use tokio::time::{Instant, sleep, timeout};
use uuid::Uuid;

use crate::dto::stream::{PresenceDto, StreamEvent};
use crate::stream::event::{self, Event};
use crate::stream::prices;
use crate::stream::risks::Risks;
use crate::stream::told::Told;
use crate::stream::topic::Topic;

/// Messages that may wait for one socket; a slower one must resync.
const QUEUE: usize = 256;
/// Answers of the worker that may wait for one who waits for them; a slower one looks by itself.
const ANSWERS: usize = 256;
/// Between two looks at accounts that changed: of many terminals that tell their figures some are always among them.
const ACCOUNTS_APART: Duration = Duration::from_millis(100);
/// How often all prices are told again, with their age.
const PRICES_AGAIN: Duration = Duration::from_secs(10);

/// An event and the topic under which a socket gets it.
pub type Delivery = (Topic, Told);

/// The sockets of this process.
pub struct Hub {
    pub(super) db: Db,
    pub(super) risks: Risks,
    /// Sockets that one owner may have.
    most: usize,
    seats: Mutex<HashMap<OwnerId, Vec<Arc<Seat>>>>,
    /// Accounts whose charts changed and were not looked at yet.
    charts: Mutex<BTreeSet<AccountId>>,
    charts_changed: Notify,
    /// Requests to the worker that something is known about.
    answered: broadcast::Sender<Uuid>,
    /// Accounts that changed and were not looked at yet.
    accounts: Mutex<BTreeMap<OwnerId, BTreeSet<AccountId>>>,
    accounts_changed: Notify,
}

/// What hub and socket share.
pub struct Seat {
    topics: Mutex<BTreeSet<Topic>>,
    queue: mpsc::Sender<Delivery>,
    has_lost: AtomicBool,
}

impl Hub {
    /// A hub without sockets, for up to `most` of each owner.
    pub fn new(db: Db, most: usize) -> Self {
        Self {
            db,
            risks: Risks::default(),
            most,
            seats: Mutex::default(),
            charts: Mutex::default(),
            charts_changed: Notify::new(),
            answered: broadcast::channel(ANSWERS).0,
            accounts: Mutex::default(),
            accounts_changed: Notify::new(),
        }
    }

    /// Requests to the worker of which something is heard from now on. Hints may be lost: look from time to time, too.
    pub fn hear_answers(&self) -> broadcast::Receiver<Uuid> {
        self.answered.subscribe()
    }

    /// Seats a socket. The seat is given up when the receiver is dropped. `None` when the owner has as many as he may:
    /// a page that somebody watches since yesterday must not fall silent for one that was opened just now.
    pub fn seat(&self, owner: OwnerId) -> Option<(Arc<Seat>, mpsc::Receiver<Delivery>)> {
        let mut all = unpoisoned(&self.seats);
        let seats = all.entry(owner).or_default();
        seats.retain(|seat| !seat.queue.is_closed());
        if seats.len() >= self.most {
            return None;
        }
        let (queue, deliveries) = mpsc::channel(QUEUE);
        let seat = Arc::new(Seat { topics: Mutex::default(), queue, has_lost: AtomicBool::new(false) });
        seats.push(Arc::clone(&seat));
        Some((seat, deliveries))
    }

    /// Relays hints until there are no more.
    pub async fn relay(&self, mut hints: mpsc::Receiver<Heard>) {
        while let Some(heard) = hints.recv().await {
            match heard {
                Heard::Changes(changes) => self.changed(changes).await,
                Heard::Reconnected => self.resync_all(),
            }
        }
    }

    async fn changed(&self, changes: Vec<Change>) {
        let (charts, changes): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|change| change.kind == ChangeKind::Price);
        if !charts.is_empty() {
            unpoisoned(&self.charts).extend(charts.iter().map(|change| change.account));
            self.charts_changed.notify_one();
        }
        for request in changes.iter().filter(|change| change.kind == ChangeKind::Request) {
            // Nobody waits for it, as a rule.
            let _ = self.answered.send(request.id);
        }
        self.risks.note(&changes);
        self.note_accounts(&changes);
        let mut by_owner: BTreeMap<OwnerId, Vec<Change>> = BTreeMap::new();
        let is_ours = |change: &Change| !matches!(change.kind, ChangeKind::Risk | ChangeKind::Account);
        for change in changes.into_iter().filter(is_ours) {
            by_owner.entry(change.owner).or_default().push(change);
        }
        for (owner, changes) in by_owner {
            let seats = self.seats_of(owner);
            if seats.is_empty() {
                continue;
            }
            match self.read(owner, changes).await {
                Ok(events) => {
                    if events.iter().any(Event::is_urgent) {
                        self.risks.hurry();
                    }
                    deliver(&seats, events.into_iter());
                }
                Err(error) => {
                    tracing::warn!(%error, owner.id = %owner, "changed rows cannot be read; sockets must resync");
                    lose(&seats);
                }
            }
        }
    }

    fn note_accounts(&self, changes: &[Change]) {
        let mut accounts = unpoisoned(&self.accounts);
        for change in changes.iter().filter(|change| change.kind == ChangeKind::Account) {
            accounts.entry(change.owner).or_default().insert(AccountId::from_uuid(change.id));
        }
        if !accounts.is_empty() {
            self.accounts_changed.notify_one();
        }
    }

    /// Relays accounts that changed, for ever. Apart from the rest: figures of many terminals come all the time, and
    /// nothing urgent waits for them.
    pub async fn relay_accounts(&self) {
        let mut presence = HashMap::new();
        loop {
            self.accounts_changed.notified().await;
            let changed = std::mem::take(&mut *unpoisoned(&self.accounts));
            for (owner, accounts) in changed {
                let seats = self.seats_of(owner);
                if seats.is_empty() {
                    continue;
                }
                let read = self
                    .db
                    .read(Scope::own(owner.into()), async move |tx: &mut Tx| {
                        event::read_accounts(tx, owner, &accounts).await
                    })
                    .await;
                match read {
                    Ok(events) => deliver(&seats, with_presence(events, &mut presence)),
                    Err(error) => {
                        tracing::warn!(%error, owner.id = %owner, "accounts cannot be read; sockets must resync");
                        lose(&seats);
                    }
                }
            }
            sleep(ACCOUNTS_APART).await;
        }
    }

    /// Relays prices to those who look at them, for ever. Apart from the rest:
    /// no copy waits for a price.
    pub async fn relay_prices(&self) {
        let mut told_all_at = Instant::now();
        loop {
            let _ = timeout(PRICES_AGAIN, self.charts_changed.notified()).await;
            let charts: Vec<AccountId> = std::mem::take(&mut *unpoisoned(&self.charts)).into_iter().collect();
            // Whoever looks is also told that a price stopped coming.
            let is_round = told_all_at.elapsed() >= PRICES_AGAIN;
            if is_round {
                told_all_at = Instant::now();
            }
            let charts = (!is_round).then_some(charts);
            for (owner, accounts) in self.price_watchers() {
                if let Err(error) = self.tell_prices(owner, &accounts, charts.as_deref()).await {
                    // The next price comes within seconds.
                    tracing::warn!(%error, owner.id = %owner, "prices cannot be read");
                }
            }
        }
    }

    async fn tell_prices(
        &self,
        owner: OwnerId,
        accounts: &[AccountId],
        charts: Option<&[AccountId]>,
    ) -> StoreResult<()> {
        let (accounts, charts) = (accounts.to_vec(), charts.map(<[AccountId]>::to_vec));
        let prices = self
            .db
            .read(Scope::own(owner.into()), async move |tx: &mut Tx| {
                prices::read(tx, owner, &accounts, charts.as_deref()).await
            })
            .await?;
        let events = prices.into_iter().map(|price| Event {
            topics: vec![Topic::Prices(price.account_id)],
            event: StreamEvent::Price(Box::new(price)).into(),
        });
        deliver(&self.seats_of(owner), events);
        Ok(())
    }

    /// Topics that somebody of this owner listens to.
    pub(super) fn watched(&self, owner: OwnerId) -> BTreeSet<Topic> {
        self.seats_of(owner).iter().flat_map(|seat| unpoisoned(&seat.topics).clone()).collect()
    }

    /// Hands events to the sockets of an owner.
    pub(super) fn tell(&self, owner: OwnerId, events: Vec<Event>) {
        deliver(&self.seats_of(owner), events.into_iter());
    }

    /// The sockets of an owner must read again.
    pub(super) fn lose(&self, owner: OwnerId) {
        lose(&self.seats_of(owner));
    }

    /// Owners who look at prices, and of which accounts.
    fn price_watchers(&self) -> Vec<(OwnerId, Vec<AccountId>)> {
        let seats = unpoisoned(&self.seats);
        let watched = |seats: &Vec<Arc<Seat>>| {
            let accounts: BTreeSet<AccountId> = seats.iter().flat_map(|seat| seat.priced()).collect();
            accounts.into_iter().collect::<Vec<_>>()
        };
        let watchers = seats.iter().map(|(owner, seats)| (*owner, watched(seats)));
        watchers.filter(|(_, accounts)| !accounts.is_empty()).collect()
    }

    /// Under the owner's own scope: a row that is not his is not found.
    async fn read(&self, owner: OwnerId, changes: Vec<Change>) -> StoreResult<Vec<Event>> {
        self.db
            .read(Scope::own(owner.into()), async move |tx: &mut Tx| event::read(tx, owner, &changes).await)
            .await
    }

    /// Those still listening; the others are given up.
    fn seats_of(&self, owner: OwnerId) -> Vec<Arc<Seat>> {
        let mut all = unpoisoned(&self.seats);
        let Some(seats) = all.get_mut(&owner) else { return Vec::new() };
        seats.retain(|seat| !seat.queue.is_closed());
        let seats = seats.clone();
        if seats.is_empty() {
            all.remove(&owner);
        }
        seats
    }

    /// Hints may have been lost: every socket must read again.
    fn resync_all(&self) {
        let mut all = unpoisoned(&self.seats);
        all.retain(|_, seats| {
            seats.retain(|seat| !seat.queue.is_closed());
            lose(seats);
            !seats.is_empty()
        });
    }
}

impl Seat {
    /// Listens to these topics from now on, and to no others.
    pub fn listen_to(&self, topics: BTreeSet<Topic>) {
        *unpoisoned(&self.topics) = topics;
    }

    /// Whether messages were lost since the last time this was asked.
    pub fn take_lost(&self) -> bool {
        self.has_lost.swap(false, Ordering::AcqRel)
    }

    /// Accounts whose prices this socket looks at.
    fn priced(&self) -> Vec<AccountId> {
        let topics = unpoisoned(&self.topics);
        topics.iter().filter_map(Topic::priced).collect()
    }

    fn lose(&self) {
        self.has_lost.store(true, Ordering::Release);
        // Wakes a socket that waits; a full queue wakes it anyway.
        let _ = self.queue.try_send((Topic::Accounts, StreamEvent::Resync {}.into()));
    }

    fn offer(&self, event: &Event) {
        let topics = unpoisoned(&self.topics);
        for topic in event.topics.iter().filter(|topic| topics.contains(topic)) {
            if self.queue.try_send((*topic, event.event.clone())).is_err() {
                self.has_lost.store(true, Ordering::Release);
            }
        }
    }
}

fn deliver(seats: &[Arc<Seat>], events: impl Iterator<Item = Event>) {
    for event in events {
        for seat in seats {
            seat.offer(&event);
        }
    }
}

fn lose(seats: &[Arc<Seat>]) {
    for seat in seats {
        seat.lose();
    }
}

/// Adds a message of its own where an account came or went.
fn with_presence(events: Vec<Event>, known: &mut HashMap<AccountId, bool>) -> impl Iterator<Item = Event> {
    let mut all = Vec::with_capacity(events.len());
    for event in events {
        let presence =
            presence_of(&event).filter(|now| known.insert(now.account_id, now.online) != Some(now.online));
        let topics = event.topics.clone();
        all.push(event);
        all.extend(presence.map(|now| Event { topics, event: StreamEvent::AccountPresence(now).into() }));
    }
    all.into_iter()
}

fn presence_of(event: &Event) -> Option<PresenceDto> {
    let StreamEvent::AccountUpdated(account) = event.event.event() else { return None };
    Some(PresenceDto { account_id: account.id, online: account.online, last_seen_at: account.last_seen_at })
}

/// What these locks guard is whole between statements, whatever panicked.
fn unpoisoned<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn event(topics: Vec<Topic>) -> Event {
        Event { topics, event: StreamEvent::Refused { code: "any" }.into() }
    }

    #[tokio::test]
    async fn a_socket_that_does_not_keep_up_must_resync_and_keeps_its_memory() {
        let hub = Hub::new(Db::connect("postgres://nobody@127.0.0.1:1/none", 1).expect("a pool"), 1);
        let owner = OwnerId::from_uuid(Uuid::now_v7());
        let (seat, mut deliveries) = hub.seat(owner).expect("the first");
        seat.listen_to(BTreeSet::from([Topic::Copies]));

        let seats = hub.seats_of(owner);
        deliver(&seats, (0..QUEUE * 4).map(|_| event(vec![Topic::Copies])));

        assert_eq!(deliveries.len(), QUEUE);
        assert!(seat.take_lost());
        assert!(!seat.take_lost(), "told once");
        while deliveries.try_recv().is_ok() {}
        deliver(&seats, std::iter::once(event(vec![Topic::Trades])));
        assert!(deliveries.is_empty(), "not a topic of this socket");
    }

    #[tokio::test]
    async fn a_socket_that_left_is_forgotten() {
        let hub = Hub::new(Db::connect("postgres://nobody@127.0.0.1:1/none", 1).expect("a pool"), 1);
        let owner = OwnerId::from_uuid(Uuid::now_v7());
        let (_, deliveries) = hub.seat(owner).expect("the first");

        drop(deliveries);

        assert!(hub.seats_of(owner).is_empty() && unpoisoned(&hub.seats).is_empty());
    }
}
