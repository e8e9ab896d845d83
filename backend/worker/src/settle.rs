//! Collects what followers answer and settles it in batches (T3).

mod batch;
mod book;

use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::copy::order::CopyOrder;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::CopyId;
use flotilla_domain::money::Money;
use flotilla_engine::Transition;
use flotilla_engine::matching::Named;
use flotilla_store::StoreError;
use flotilla_store::alerts::NewAlert;
use flotilla_store::copy_orders::settle::CopyChange;
use flotilla_store::ea_login::EaLogin;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::alarms;
use crate::gateway::Gateway;
use crate::inbox::Receipt;
use crate::patience::{GaveUp, Patience};

/// Items that wait to be settled; beyond it sockets are read slower.
const QUEUED: usize = 16 * 1024;
const BATCH: usize = 256;
/// While a signal is being sent, its first answers wait a little for the last
/// lines: both need the same database, and a line cannot wait. The answers are
/// in the inbound journal already.
const HELD_BATCH: usize = 1024;
const HOLD: Duration = Duration::from_millis(150);
/// How soon it is seen that all is sent.
const LOOK: Duration = Duration::from_millis(2);

/// Something a follower said about a position.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub login: EaLogin,
    pub epoch: i64,
    /// Names the line: heard twice, it counts once.
    pub id: Uuid,
    pub receipt: Receipt,
    pub named: Named,
    pub evidence: Evidence,
    /// Kept as evidence, never logged.
    pub line: String,
}

impl Heard {
    /// `line`: without its end.
    pub fn new(
        login: EaLogin,
        epoch: i64,
        (id, receipt): (Uuid, Receipt),
        (named, evidence): (Named, Evidence),
        line: &[u8],
    ) -> Self {
        Self { login, epoch, id, receipt, named, evidence, line: printable(line) }
    }
}

/// The line as text that a database can hold.
pub(crate) fn printable(line: &[u8]) -> String {
    String::from_utf8_lossy(line).chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A claimed open that was certainly not written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NotWritten {
    pub copy: CopyId,
    pub reason: ReasonCode,
}

#[derive(Debug, Clone)]
enum Item {
    Heard(Heard),
    NotWritten(NotWritten),
    /// A follower's connection is over; all it said came before.
    Ended(EaLogin, i64),
    /// Somebody waits until everything before it is settled.
    Awaited(Arc<Notify>),
}

/// Takes what is to be settled, in order.
#[derive(Debug, Clone)]
pub(crate) struct Settler {
    queue: mpsc::Sender<Item>,
}

/// The other end of a [`Settler`].
pub(crate) struct Unsettled {
    queue: mpsc::Receiver<Item>,
}

impl Settler {
    pub fn channel() -> (Self, Unsettled) {
        let (sender, receiver) = mpsc::channel(QUEUED);
        (Self { queue: sender }, Unsettled { queue: receiver })
    }

    pub async fn heard(&self, heard: Heard) {
        self.put(Item::Heard(heard)).await;
    }

    pub async fn not_written(&self, opens: Vec<NotWritten>) {
        for open in opens {
            self.put(Item::NotWritten(open)).await;
        }
    }

    pub async fn session_ended(&self, login: EaLogin, epoch: i64) {
        self.put(Item::Ended(login, epoch)).await;
    }

    /// Waits until everything that was put before is settled, or cannot be.
    pub async fn all_settled(&self) {
        let settled = Arc::new(Notify::new());
        if self.put(Item::Awaited(Arc::clone(&settled))).await {
            settled.notified().await;
        }
    }

    /// Whether it was taken. The receiver is gone only while the process ends;
    /// its rows are put in order at the next start.
    /// How much waits to be settled.
    pub fn queued(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    async fn put(&self, item: Item) -> bool {
        self.queue.send(item).await.is_ok()
    }
}

/// Settles until `finished` is cancelled and nothing is left.
pub(crate) async fn run(gateway: Arc<Gateway>, mut unsettled: Unsettled, finished: CancellationToken) {
    loop {
        let first = tokio::select! {
            biased;
            first = unsettled.queue.recv() => first,
            () = finished.cancelled() => return,
        };
        let Some(first) = first else { return };
        let items = collect(&gateway, first, &mut unsettled.queue).await;
        let awaited: Vec<Arc<Notify>> = items.iter().filter_map(Item::as_awaited).collect();
        settle(&gateway, items).await;
        for settled in awaited {
            settled.notify_one();
        }
    }
}

async fn collect(gateway: &Gateway, first: Item, items: &mut mpsc::Receiver<Item>) -> Vec<Item> {
    let began = Instant::now();
    let mut batch = vec![first];
    loop {
        let linger = gateway.config.timing.settle_linger;
        let is_held = gateway.sending.is_busy();
        let (size, end) = if is_held { (HELD_BATCH, began + HOLD) } else { (BATCH, began + linger) };
        if batch.len() >= size {
            return batch;
        }
        let until = if is_held { end.min(Instant::now() + LOOK) } else { end };
        match timeout_at(until, items.recv()).await {
            Ok(Some(item)) => batch.push(item),
            Err(_) if until < end => {}
            Ok(None) | Err(_) => return batch,
        }
    }
}

/// An item that cannot be written must not hold up the others: a batch that
/// fails for a reason of its own is settled one by one.
async fn settle(gateway: &Arc<Gateway>, items: Vec<Item>) {
    let items = Arc::new(items);
    match with_patience(gateway, &items).await {
        Err(GaveUp::Refused(error)) if items.len() > 1 => {
            tracing::warn!(%error, "a batch of answers could not be settled together");
            for item in items.iter() {
                let item = Arc::new(vec![item.clone()]);
                decided(gateway, &item, with_patience(gateway, &item).await).await;
            }
        }
        outcome => decided(gateway, &items, outcome).await,
    }
}

/// The database has decided about the items, unless the worker ends before.
async fn decided(gateway: &Gateway, items: &[Item], outcome: Result<(), GaveUp>) {
    match outcome {
        Ok(()) => {}
        Err(GaveUp::Refused(error)) => {
            tracing::error!(%error, "an answer could not be settled");
            let lost: Vec<_> = items.iter().filter_map(lost).collect();
            alarms::raise_lost(gateway, &lost).await;
        }
        Err(GaveUp::Ending) => {
            tracing::warn!("answers stay in the inbound journal");
            return;
        }
    }
    for item in items {
        if let Item::Heard(heard) = item {
            gateway.inbox.release(heard.receipt.entry);
        }
    }
}

fn lost(item: &Item) -> Option<NewAlert> {
    let Item::Heard(heard) = item else { return None };
    Some(alarms::line_lost(heard.login.owner_id, heard.login.account_id, &heard.line))
}

/// Settles answers that were read before this process began.
pub(crate) async fn settle_all(gateway: &Arc<Gateway>, answers: Vec<Heard>) {
    settle(gateway, answers.into_iter().map(Item::Heard).collect()).await;
}

/// Settling twice changes nothing, so a commit of unknown outcome is repeated.
async fn with_patience(gateway: &Arc<Gateway>, items: &Arc<Vec<Item>>) -> Result<(), GaveUp> {
    let mut patience = Patience::new(gateway);
    loop {
        // In a task of its own, so that a transaction is never left half-way.
        let done = tokio::spawn(batch::settle(Arc::clone(gateway), Arc::clone(items))).await;
        match done.unwrap_or(Err(StoreError::NotFound("outcome of a batch"))) {
            Ok(()) => return Ok(()),
            Err(error) => patience.after(error).await?,
        }
    }
}

/// What the engine decided, in the words of the store.
pub(crate) fn change(copy: &CopyOrder, edge: Transition) -> CopyChange {
    CopyChange {
        copy: copy.clone(),
        to: edge.to,
        cause: edge.cause.as_str(),
        reason: edge.reason,
        detail: edge.detail,
        ticket: edge.ticket,
        side: None,
        open_lots: edge.open_lots,
        close_price: edge.close_price,
        pnl: edge.pnl.map(Money::value),
        evidence_id: None,
        snapshot_id: None,
        sent_us: None,
        ack_us: None,
    }
}
