//! One WebSocket: a ticket first, then topics, then messages until the login ends.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, MessageStream, Session};
use flotilla_domain::id::{LoginId, OwnerId, UserId};
use flotilla_security::opaque::WsTicket;
use flotilla_store::{Tx, ws_tickets};
use futures_util::StreamExt;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use crate::clock;
use crate::dto::stream::{StreamEvent, StreamRequest};
use crate::shared::Shared;
use crate::standing;
use crate::stream::hub::{Delivery, Seat};
use crate::stream::snapshot;
use crate::stream::told::Told;
use crate::stream::topic::Topic;

/// Largest message from a client, in bytes.
const MAX_FRAME: usize = 64 * 1024;
const AUTH_WITHIN: Duration = Duration::from_secs(10);
/// How often login and line are checked: a revoked login is out within five seconds.
/// The client hears something as often.
const CHECK_EVERY: Duration = Duration::from_secs(4);
/// A client that answers no ping for this long is gone.
const SILENT_FOR: Duration = Duration::from_secs(20);
const MAX_TOPICS: usize = 64;
/// Messages a client may send per second, after a burst of as many.
const MESSAGES_PER_SECOND: NonZeroU32 = NonZeroU32::new(20).expect("not zero");

/// Why a socket ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The client left, or cannot be reached.
    Gone,
    /// The ticket is not good, or the login has ended.
    SignedOut,
    /// The client does not keep to the protocol.
    Violation,
    /// The user has or asks more than he may; the client was told, and may come back later.
    Refused,
}

/// A signed-in socket.
struct Socket {
    shared: Arc<Shared>,
    session: Session,
    holder: (UserId, LoginId),
    /// Security version of the user when the socket was opened.
    version: i32,
    seat: Arc<Seat>,
    limiter: DefaultDirectRateLimiter,
    seq: u64,
    heard_at: Instant,
}

/// Serves one socket until it ends.
pub async fn run(shared: Arc<Shared>, session: Session, messages: MessageStream) {
    let messages =
        messages.max_frame_size(MAX_FRAME).aggregate_continuations().max_continuation_size(MAX_FRAME);
    let end = serve(shared, session.clone(), messages).await;
    let code = match end {
        End::Gone => CloseCode::Normal,
        End::SignedOut | End::Violation => CloseCode::Policy,
        End::Refused => CloseCode::Again,
    };
    // The client may be gone already.
    let _ = session.close(Some(CloseReason { code, description: None })).await;
}

async fn serve(shared: Arc<Shared>, session: Session, mut messages: AggregatedMessageStream) -> End {
    let first = timeout(AUTH_WITHIN, next_request(&mut messages)).await;
    let Ok(Ok(StreamRequest::Auth { ticket })) = first else { return End::Violation };
    let Some((holder, version)) = redeem(&shared, &ticket).await else { return End::SignedOut };
    let Some((seat, deliveries)) = shared.hub.seat(OwnerId::from(holder.0)) else {
        return refuse(session).await;
    };
    let limiter = RateLimiter::direct(Quota::per_second(MESSAGES_PER_SECOND));
    let heard_at = Instant::now();
    let socket = Socket { shared, session, holder, version, seat, limiter, seq: 0, heard_at };
    match socket.serve(messages, deliveries).await {
        Ok(()) => End::Gone,
        Err(end) => end,
    }
}

/// Tells a client that its user has as many sockets as he may.
async fn refuse(mut session: Session) -> End {
    let told = Told::from(StreamEvent::Refused { code: "too_many_sockets" });
    if let Some(text) = told.message("*", 1, clock::now()) {
        // A client that does not read learns it from the code of the end, or not at all.
        let _ = timeout(SILENT_FOR, session.text(text)).await;
    }
    End::Refused
}

async fn next_request(messages: &mut AggregatedMessageStream) -> Result<StreamRequest, End> {
    match messages.next().await {
        Some(Ok(AggregatedMessage::Text(text))) => serde_json::from_str(&text).map_err(|_| End::Violation),
        Some(Ok(_)) => Err(End::Violation),
        Some(Err(_)) | None => Err(End::Gone),
    }
}

/// Uses the ticket up; `None` when it is not good or its login has ended.
async fn redeem(shared: &Shared, ticket: &str) -> Option<((UserId, LoginId), i32)> {
    let hash = WsTicket::parse(ticket)?.hash();
    let db = &shared.stores.app;
    let taken = db.open(async move |tx: &mut Tx| ws_tickets::take(tx, &hash).await).await;
    let holder = taken.inspect_err(log).ok().flatten()?;
    let standing = standing::ask(db, holder).await.inspect_err(log).ok().flatten()?;
    standing.live_version().map(|version| (holder, version))
}

/// What is named twice is read once.
fn each_once(mut names: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

fn log(error: &flotilla_store::StoreError) {
    tracing::warn!(%error, "a WebSocket cannot be checked");
}

impl Socket {
    async fn serve(
        mut self,
        mut messages: AggregatedMessageStream,
        mut deliveries: mpsc::Receiver<Delivery>,
    ) -> Result<(), End> {
        // The login was asked for a moment ago.
        let mut checks = interval_at(Instant::now() + CHECK_EVERY, CHECK_EVERY);
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                message = messages.next() => match message {
                    Some(Ok(message)) => self.hear(message, &mut deliveries).await?,
                    Some(Err(_)) | None => return Ok(()),
                },
                delivery = deliveries.recv() => match delivery {
                    Some(delivery) => self.relay(delivery, &mut deliveries).await?,
                    None => return Ok(()),
                },
                _ = checks.tick() => self.check().await?,
            }
        }
    }

    async fn hear(
        &mut self,
        message: AggregatedMessage,
        deliveries: &mut mpsc::Receiver<Delivery>,
    ) -> Result<(), End> {
        self.heard_at = Instant::now();
        self.limiter.check().map_err(|_| End::Violation)?;
        match message {
            AggregatedMessage::Text(text) => match serde_json::from_str(&text) {
                Ok(StreamRequest::Subscribe { topics }) => self.subscribe(topics, deliveries).await,
                Ok(StreamRequest::Auth { .. }) | Err(_) => Err(End::Violation),
            },
            AggregatedMessage::Ping(bytes) => self.session.pong(&bytes).await.map_err(|_| End::Gone),
            AggregatedMessage::Pong(_) => Ok(()),
            AggregatedMessage::Binary(_) => Err(End::Violation),
            AggregatedMessage::Close(_) => Err(End::Gone),
        }
    }

    async fn subscribe(
        &mut self,
        names: Vec<String>,
        deliveries: &mut mpsc::Receiver<Delivery>,
    ) -> Result<(), End> {
        if names.len() > MAX_TOPICS {
            return Err(End::Violation);
        }
        let names = each_once(names);
        if !self.shared.limits.topics(self.holder.0, names.len()) {
            self.send("*", StreamEvent::Refused { code: "rate_limited" }).await?;
            return Err(End::Refused);
        }
        let owner = OwnerId::from(self.holder.0);
        let mut topics = BTreeSet::new();
        for name in names {
            let known = match name.parse::<Topic>() {
                Ok(topic) if topics.contains(&topic) => continue,
                Ok(topic) if snapshot::is_own(&self.shared.stores.app, owner, topic).await => Some(topic),
                _ => None,
            };
            match known {
                Some(topic) => drop(topics.insert(topic)),
                None => self.send(&name, StreamEvent::Refused { code: "not_found" }).await?,
            }
        }
        // Listen first, read second: what changes in between is sent twice rather than not at all.
        self.seat.listen_to(topics.clone());
        while deliveries.try_recv().is_ok() {}
        self.seat.take_lost();
        for topic in topics {
            self.send_snapshot(owner, topic).await?;
        }
        Ok(())
    }

    async fn send_snapshot(&mut self, owner: OwnerId, topic: Topic) -> Result<(), End> {
        match snapshot::read(&self.shared.stores.app, owner, topic).await {
            Ok(events) => {
                for event in events {
                    self.send(&topic.to_string(), event).await?;
                }
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, "a topic cannot be read; the socket must resync");
                self.send("*", StreamEvent::Resync {}).await
            }
        }
    }

    async fn relay(
        &mut self,
        (topic, told): Delivery,
        deliveries: &mut mpsc::Receiver<Delivery>,
    ) -> Result<(), End> {
        if self.seat.take_lost() {
            // What still waits is older than what the client reads after this.
            while deliveries.try_recv().is_ok() {}
            return self.send("*", StreamEvent::Resync {}).await;
        }
        match told.event() {
            StreamEvent::Resync {} => Ok(()),
            _ => self.send(&topic.to_string(), told).await,
        }
    }

    async fn check(&mut self) -> Result<(), End> {
        let standing = standing::ask(&self.shared.stores.app, self.holder).await;
        match standing {
            Ok(Some(standing)) if standing.is_good_for(self.version) => {}
            Ok(_) => return Err(End::SignedOut),
            // The next check asks again; whoever cannot read gets no rows either.
            Err(error) => log(&error),
        }
        if self.heard_at.elapsed() > SILENT_FOR {
            return Err(End::Gone);
        }
        self.session.ping(b"").await.map_err(|_| End::Gone)?;
        // What a page hears of a ping is nothing; it could not tell a dead line from a quiet one.
        self.send("*", StreamEvent::Alive {}).await
    }

    async fn send(&mut self, topic: &str, told: impl Into<Told>) -> Result<(), End> {
        self.seq = self.seq.saturating_add(1);
        let text = told.into().message(topic, self.seq, clock::now()).ok_or(End::Gone)?;
        // A client that stopped reading must not keep this task.
        match timeout(SILENT_FOR, self.session.text(text)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }
}
