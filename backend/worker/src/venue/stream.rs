//! Listens to accounts: one user stream for each, and what it tells goes to figures, positions, the journal, and, of a
//! master, to its followers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::account::CopyRole;
use flotilla_domain::id::AccountId;
use flotilla_exchange::bingx::client::Account;
use flotilla_exchange::bingx::event::Event;
use flotilla_exchange::bingx::stream::{Snapshot, StreamItem, UserStream};
use flotilla_store::venue_accounts::{self, Connected};
use flotilla_store::{StoreError, StoreResult, venue_leads};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::history::{self, Notes};
use super::lead::Lead;
use super::picture::Picture;
use super::places::{Candidate, Manner, shared_out};
use super::{Venues, doubts, keys, leverage};
use crate::gateway::Gateway;

/// Events of one account that wait to be worked on.
const WAITING: usize = 1_024;
/// Looks between those for orders that nothing tells of any more.
const ROUNDS_TO_FORGET: u32 = 720;
/// After a fill, until the list of fills is read: it shows them late.
const FILLS_AFTER: Duration = Duration::from_millis(1_500);

/// An account that is listened to.
pub(crate) struct Listening {
    pub connected: Connected,
    pub account: Account,
    /// As that of a connection: the newest speaks for the account.
    pub number: u64,
}

struct Listener {
    connected: Connected,
    manner: watch::Sender<Manner>,
    stop: CancellationToken,
}

impl Drop for Listener {
    /// Whoever listens in its place must not find it there: the key of one stream ends that of another.
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Those who are listened to, and the places for streams, by address.
#[derive(Default)]
struct Listeners {
    tasks: TaskTracker,
    each: HashMap<AccountId, Listener>,
    places: HashMap<String, Arc<Semaphore>>,
}

/// Listens until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>) {
    let Some(venues) = &gateway.venues else { return };
    let mut round: u32 = 0;
    let mut listeners = Listeners::default();
    let mut ticks = tokio::time::interval(venues.config.timing.look);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => break,
            () = venues.desk.wake_streams.notified() => {}
            _ = ticks.tick() => {}
        }
        if let Err(error) = look(&gateway, venues, &mut listeners).await {
            tracing::warn!(%error, "exchange accounts to listen to cannot be looked up; they are tried again");
        }
        round = round.wrapping_add(1);
        if round.is_multiple_of(ROUNDS_TO_FORGET)
            && let Err(error) = gateway.db.open(venue_leads::forget_old).await
        {
            tracing::warn!(%error, "old orders of masters could not be forgotten");
        }
    }
    for listener in listeners.each.values() {
        listener.stop.cancel();
    }
    listeners.tasks.close();
    listeners.tasks.wait().await;
}

async fn look(gateway: &Arc<Gateway>, venues: &Venues, listeners: &mut Listeners) -> StoreResult<()> {
    let (mut connected, urgent) = gateway
        .db
        .open(async |tx| {
            let connected = venue_accounts::list_connected(tx).await?;
            Ok::<_, StoreError>((connected, venue_accounts::list_urgent(tx).await?))
        })
        .await?;
    // Whoever serves an account listens to it, and nobody else: the key of one stream ends that of another.
    connected.retain(|one| venues.desk.serves(one.login.account_id));
    listeners.each.retain(|_, listener| {
        let stays = connected.contains(&listener.connected);
        if !stays {
            listener.stop.cancel();
        }
        stays
    });
    let candidates: Vec<Candidate> = connected
        .iter()
        .map(|one| {
            let account = one.login.account_id;
            let listener = listeners.each.get(&account);
            Candidate {
                account,
                egress: venues.egress_of(account).to_owned(),
                is_master: one.login.role == CopyRole::Master,
                has_copies: urgent.contains(&account),
                is_live: listener.is_some_and(|listener| *listener.manner.borrow() == Manner::Live),
            }
        })
        .collect();
    let manners = shared_out(&candidates, venues.config.streams_per_address);
    for one in connected {
        let Some(manner) = manners.get(&one.login.account_id).copied() else { continue };
        match listeners.each.get(&one.login.account_id) {
            Some(listener) => {
                listener.manner.send_if_modified(|present| std::mem::replace(present, manner) != manner);
            }
            None => begin(gateway, venues, listeners, (one, manner)).await,
        }
    }
    Ok(())
}

async fn begin(
    gateway: &Arc<Gateway>,
    venues: &Venues,
    listeners: &mut Listeners,
    (one, manner): (Connected, Manner),
) {
    let account = one.login.account_id;
    match keys::open(gateway, account).await {
        Ok((key, opened)) if key.generation == one.generation => {
            let stop = CancellationToken::new();
            let (manner, manners) = watch::channel(manner);
            let egress = venues.egress_of(account).to_owned();
            let places = listeners
                .places
                .entry(egress)
                .or_insert_with(|| Arc::new(Semaphore::new(venues.config.streams_per_address)));
            let places = Arc::clone(places);
            let listener = Listener { connected: one.clone(), manner, stop: stop.clone() };
            listeners.each.insert(account, listener);
            let listening = Listening { connected: one, account: opened, number: gateway.number() };
            let gateway = Arc::clone(gateway);
            listeners.tasks.spawn(async move { listen(gateway, listening, (manners, places), stop).await });
        }
        // It changed meanwhile.
        Ok(_) => {}
        Err(error) => {
            tracing::warn!(%error, account.id = %account, "an exchange account cannot be listened to");
        }
    }
}

/// What one stream has told, and where that goes.
struct Ear<'a> {
    gateway: &'a Arc<Gateway>,
    listening: &'a Listening,
    /// To be told how far its fills were worked on.
    stream: &'a UserStream,
    picture: Picture,
    notes: &'a Notes,
    lead: Option<Lead>,
    /// Between a snapshot and the end of its stream: what the picture shows is so.
    is_up: bool,
    /// Figures have changed, and were not told: what was moved was not known yet.
    owes_figures: bool,
    /// When the list of fills is read next, besides its usual turns.
    fills_due: Option<Instant>,
}

async fn listen(
    gateway: Arc<Gateway>,
    listening: Listening,
    mut manners: (watch::Receiver<Manner>, Arc<Semaphore>),
    stop: CancellationToken,
) {
    let Some(venues) = &gateway.venues else { return };
    let account = listening.connected.login.account_id;
    tracing::info!(account.id = %account, "an exchange account is listened to");
    let notes = Notes::default();
    let stream =
        UserStream::new(listening.account.clone(), Arc::clone(&venues.transport), venues.config.stream);
    let mut ear = Ear {
        gateway: &gateway,
        listening: &listening,
        stream: &stream,
        picture: Picture::default(),
        notes: &notes,
        lead: (listening.connected.login.role == CopyRole::Master).then(Lead::default),
        is_up: false,
        owes_figures: false,
        fills_due: None,
    };
    let (send, items) = mpsc::channel(WAITING);
    let since = tokio::select! {
        () = stop.cancelled() => return,
        since = history::since_ms(&gateway, &listening) => since,
    };
    let reading = async {
        tokio::select! {
            () = stop.cancelled() => {}
            () = attend(&gateway, (&listening, &stream), &mut manners, (since, send)) => {}
            () = history::run(&gateway, &listening, &notes) => {}
        }
    };
    // What was heard is told to its end.
    tokio::join!(reading, ear.hear(venues, items));
    gateway.figures.leave(account, listening.number);
    tracing::info!(account.id = %account, "an exchange account is listened to no more");
}

/// Has an account told, live or by reads, as there is room.
async fn attend(
    gateway: &Gateway,
    (listening, stream): (&Listening, &UserStream),
    (manners, places): &mut (watch::Receiver<Manner>, Arc<Semaphore>),
    (since, items): (i64, mpsc::Sender<StreamItem>),
) {
    let mut was_read = false;
    while !items.is_closed() {
        let manner = *manners.borrow_and_update();
        note(gateway, listening, manner).await;
        let telling = async {
            match manner {
                Manner::Live => {
                    // Whoever gives up a place does so a moment after it was given away.
                    let _place = places.acquire().await;
                    stream.run(since, items.clone()).await;
                }
                Manner::Polled(every) => {
                    // Another pace is told to all at once: they must not all read at once.
                    if was_read {
                        tokio::time::sleep(every / 2).await;
                    }
                    stream.poll(since, every, items.clone()).await;
                }
            }
        };
        tokio::select! {
            () = telling => return,
            changed = manners.changed() => if changed.is_err() { return },
        }
        was_read = manner != Manner::Live;
    }
}

/// Writes down for its owner how an account is heard of.
async fn note(gateway: &Gateway, listening: &Listening, manner: Manner) {
    let login = listening.connected.login;
    let every = manner.polled_every_s();
    let noted =
        gateway.db.open(async |tx| venue_accounts::note_polled(tx, login.account_id, every).await).await;
    match noted {
        Ok(true) => {
            tracing::info!(account.id = %login.account_id, every_s = every, "an exchange account is heard of otherwise");
            gateway.hint_account(&login);
        }
        Ok(false) => {}
        Err(error) => {
            tracing::warn!(%error, account.id = %login.account_id, "how an account is heard of is not written down");
        }
    }
}

impl Ear<'_> {
    async fn hear(&mut self, venues: &Venues, mut items: mpsc::Receiver<StreamItem>) {
        let mut ticks = tokio::time::interval(self.gateway.config.timing.figures);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                item = items.recv() => match item {
                    Some(item) => self.take_in(venues, item).await,
                    None => return,
                },
                _ = ticks.tick() => self.tick(venues).await,
            }
        }
    }

    async fn take_in(&mut self, venues: &Venues, item: StreamItem) {
        match item {
            StreamItem::Snapshot(snapshot) => {
                self.is_up = true;
                // Before it nobody told what was changed in the exchange's own app.
                if let Some(served) = venues.desk.find(self.listening.connected.login.account_id) {
                    served.doubt_leverage(None);
                }
                if self.picture.replace(&snapshot) {
                    self.notes.doubt_income();
                }
                self.follow(snapshot).await;
                self.notes.wake();
                self.tell(venues).await;
            }
            StreamItem::Event(event) => self.take_in_event(venues, &event).await,
            StreamItem::Down(why) => {
                self.is_up = false;
                tracing::debug!(account = ?self.listening.account, why, "the stream of an exchange account is down");
            }
        }
    }

    /// Works on the fills of a look. They come again until that is done; who only follows needs none of them.
    async fn follow(&mut self, snapshot: Box<Snapshot>) {
        let until_ms = match &mut self.lead {
            Some(lead) => {
                lead.catch_up(self.gateway, self.listening, snapshot).await;
                lead.told_until_ms()
            }
            None => snapshot.fills.last().map(|fill| fill.filled_at_ms),
        };
        self.stream.told(until_ms);
    }

    async fn take_in_event(&mut self, venues: &Venues, event: &Event) {
        match event {
            Event::Order(order) => {
                self.picture.end_order(order);
                if let Some(lead) = &mut self.lead {
                    lead.hear(self.gateway, self.listening, order).await;
                }
                doubts::hear_of(self.gateway, self.listening.connected.login.account_id, order);
                if order.trade_id.is_some() {
                    self.fills_due = Some(Instant::now() + FILLS_AFTER);
                }
            }
            Event::Account(change) => {
                if change.reason != "ORDER" {
                    // Money moved: it is read before the balance that shows it is believed.
                    self.notes.doubt_income();
                }
                self.picture.change(change);
                self.tell(venues).await;
            }
            Event::Config(config) => {
                if let Some(served) = venues.desk.find(self.listening.connected.login.account_id) {
                    leverage::hear(&served, config);
                }
            }
            Event::ListenKeyExpired => {}
        }
    }

    async fn tick(&mut self, venues: &Venues) {
        if self.fills_due.is_some_and(|due| due <= Instant::now()) {
            self.fills_due = None;
            self.notes.wake();
        }
        if let Some(lead) = &mut self.lead {
            lead.settle(self.gateway, self.listening).await;
            self.stream.told(lead.told_until_ms());
            if lead.wants_look() {
                self.stream.look_soon();
            }
        }
        if self.owes_figures || self.picture.has_open_positions() {
            self.tell(venues).await;
        }
    }

    /// Tells figures and positions, as long as they are known to be so.
    async fn tell(&mut self, venues: &Venues) {
        if !self.is_up {
            return;
        }
        let total = self.notes.cash_total();
        self.owes_figures = !self.picture.tell(self.gateway, venues, self.listening, total).await;
    }
}
