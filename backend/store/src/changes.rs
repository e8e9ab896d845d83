//! Hints between processes that something changed.
//!
//! A hint says where to look, never what is there: the receiver reads the row
//! again. Hints may be lost, so every receiver also reads after it (re)connects.
//! They are sent after the commit on a connection of their own, merged, because
//! a transaction with a pending notification takes one global lock at commit.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::time::Duration;

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use flotilla_domain::id::{AccountId, OwnerId};
use futures_util::StreamExt;
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::db::connected;

const CHANNEL: &str = "flotilla_changes";
/// PostgreSQL refuses payloads of 8,000 bytes; a hint takes about 110.
const HINTS_PER_MESSAGE: usize = 64;
/// Hints that arrive within this time leave together.
const MERGE: Duration = Duration::from_millis(60);
const RECONNECT: Duration = Duration::from_millis(500);

/// What kind of row changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChangeKind {
    /// An account, its presence, figures, key or subscriptions.
    Account,
    /// A signal.
    Signal,
    /// A copy.
    Copy,
    /// A trade. The nil identifier: many of its account.
    Trade,
    /// A group, or who is in it. Its account is nil.
    Group,
    /// A request to the worker.
    Request,
    /// An alert. Its account is nil when it is about none.
    Alert,
    /// Prices that an account's terminal shows.
    Price,
    /// Where an account stands by its rules.
    Risk,
    /// Something that happened to where an account stands.
    RiskEvent,
}

/// One hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Change {
    /// Kind of the row.
    pub kind: ChangeKind,
    /// Owner of the row.
    pub owner: OwnerId,
    /// Account the row belongs to.
    pub account: AccountId,
    /// The row itself (a copy is named by its copy id).
    pub id: Uuid,
}

/// What a listener receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Look here.
    Changes(Vec<Change>),
    /// The connection was (re)made: hints may have been lost, look everywhere.
    Reconnected,
}

/// Sends hints. Cheap to clone; sending never waits.
#[derive(Clone)]
pub struct Notifier {
    queue: mpsc::UnboundedSender<Change>,
}

impl Notifier {
    /// Starts the connection that sends hints, in a task that ends when the
    /// last clone is dropped.
    #[must_use]
    pub fn start(url: String) -> Self {
        let (queue, hints) = mpsc::unbounded_channel();
        tokio::spawn(send_merged(url, hints));
        Self { queue }
    }

    /// Hints at `change`. Call it after the commit.
    pub fn hint(&self, change: Change) {
        // The receiver is gone only while the process ends.
        let _ = self.queue.send(change);
    }
}

async fn send_merged(url: String, mut hints: mpsc::UnboundedReceiver<Change>) {
    let mut connection = None;
    while let Some(first) = hints.recv().await {
        let mut merged = BTreeSet::from([first]);
        tokio::time::sleep(MERGE).await;
        while let Ok(change) = hints.try_recv() {
            merged.insert(change);
        }
        let merged: Vec<_> = merged.into_iter().collect();
        for message in merged.chunks(HINTS_PER_MESSAGE) {
            notify(&url, &mut connection, &encode(message)).await;
        }
    }
}

/// Tries twice: a connection may have died since it was last used. A hint that
/// cannot be sent is dropped; receivers read on their own from time to time.
async fn notify(url: &str, connection: &mut Option<AsyncPgConnection>, payload: &str) {
    for _ in 0..2 {
        if connection.is_none() {
            *connection = connected(url).await.ok();
        }
        let Some(open) = connection.as_mut() else { return };
        if open.batch_execute(&format!("select pg_notify('{CHANNEL}', '{payload}')")).await.is_ok() {
            return;
        }
        *connection = None;
    }
}

/// Listens for hints, in a task that ends when the receiver is dropped.
#[must_use]
pub fn listen(url: String) -> mpsc::Receiver<Heard> {
    let (heard, receiver) = mpsc::channel(1024);
    tokio::spawn(async move {
        while !heard.is_closed() {
            if listen_once(&url, &heard).await.is_none() {
                return;
            }
            tokio::time::sleep(RECONNECT).await;
        }
    });
    receiver
}

/// `None` when nobody receives any more; `Some` when the connection ended.
async fn listen_once(url: &str, heard: &mpsc::Sender<Heard>) -> Option<()> {
    let Ok(mut connection) = connected(url).await else { return Some(()) };
    if connection.batch_execute(&format!("listen {CHANNEL}")).await.is_err() {
        return Some(());
    }
    heard.send(Heard::Reconnected).await.ok()?;
    let mut messages = std::pin::pin!(connection.notifications_stream());
    loop {
        tokio::select! {
            () = heard.closed() => return None,
            message = messages.next() => match message {
                Some(Ok(message)) => heard.send(Heard::Changes(decode(&message.payload))).await.ok()?,
                Some(Err(_)) | None => return Some(()),
            },
        }
    }
}

/// One hint a line: a letter and three identifiers. Identifiers are typed and
/// the letters fixed, so the text needs no quoting.
fn encode(changes: &[Change]) -> String {
    changes
        .iter()
        .map(|change| {
            format!(
                "{}{}{}{}",
                letter(change.kind),
                change.owner.uuid().simple(),
                change.account.uuid().simple(),
                change.id.simple()
            )
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Words that do not read as a hint are left out: another version may send more.
fn decode(payload: &str) -> Vec<Change> {
    payload.split(' ').filter_map(decode_one).collect()
}

fn decode_one(word: &str) -> Option<Change> {
    let (kind, ids) = word.split_at_checked(1)?;
    let (owner, rest) = ids.split_at_checked(32)?;
    let (account, id) = rest.split_at_checked(32)?;
    Some(Change {
        kind: kind_of(kind)?,
        owner: OwnerId::from_str(owner).ok()?,
        account: AccountId::from_str(account).ok()?,
        id: Uuid::from_str(id).ok()?,
    })
}

const fn letter(kind: ChangeKind) -> char {
    match kind {
        ChangeKind::Account => 'a',
        ChangeKind::Signal => 's',
        ChangeKind::Copy => 'c',
        ChangeKind::Trade => 't',
        ChangeKind::Group => 'g',
        ChangeKind::Request => 'r',
        ChangeKind::Alert => 'l',
        ChangeKind::Price => 'p',
        ChangeKind::Risk => 'k',
        ChangeKind::RiskEvent => 'e',
    }
}

fn kind_of(letter: &str) -> Option<ChangeKind> {
    match letter {
        "a" => Some(ChangeKind::Account),
        "s" => Some(ChangeKind::Signal),
        "c" => Some(ChangeKind::Copy),
        "t" => Some(ChangeKind::Trade),
        "g" => Some(ChangeKind::Group),
        "r" => Some(ChangeKind::Request),
        "l" => Some(ChangeKind::Alert),
        "p" => Some(ChangeKind::Price),
        "k" => Some(ChangeKind::Risk),
        "e" => Some(ChangeKind::RiskEvent),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_survive_the_wire_and_fit_into_a_message() {
        let change = |kind| Change {
            kind,
            owner: OwnerId::from_uuid(Uuid::now_v7()),
            account: AccountId::from_uuid(Uuid::now_v7()),
            id: Uuid::now_v7(),
        };
        let changes: Vec<_> = [
            ChangeKind::Account,
            ChangeKind::Signal,
            ChangeKind::Copy,
            ChangeKind::Trade,
            ChangeKind::Group,
            ChangeKind::Request,
            ChangeKind::Alert,
            ChangeKind::Price,
            ChangeKind::Risk,
            ChangeKind::RiskEvent,
        ]
        .into_iter()
        .cycle()
        .take(HINTS_PER_MESSAGE)
        .map(change)
        .collect();

        let payload = encode(&changes);

        assert!(payload.len() < 8_000);
        assert_eq!(decode(&payload), changes);
        assert_eq!(decode("x nonsense ü"), []);
    }
}
