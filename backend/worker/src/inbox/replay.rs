//! What was read and not stored before this process began.

use std::collections::HashSet;
use std::sync::Arc;

use flotilla_domain::account::CopyRole;
use flotilla_domain::id::SignalId;
use flotilla_engine::matching::Named;
use flotilla_protocol::v7::{ClientLine, decode};
use flotilla_store::ea_login::EaLogin;
use flotilla_store::{StoreError, StoreResult, evidence, signals};
use uuid::Uuid;

use crate::alarms;
use crate::failpoint::{self, Point};
use crate::gateway::Gateway;
use crate::inbox::record::Record;
use crate::inbox::{Entry, Left, Receipt};
use crate::ingest::{self, Inbound};
use crate::settle::{self, Heard};

/// Lines whose ids are looked up in one query.
const CHUNK: usize = 1_000;
/// Answers that are settled in one commit.
const BATCH: usize = 256;

/// Processes again, in the order in which they were read, the lines that an
/// earlier process read and did not store. Those it stored are left alone.
///
/// An order to open that is too old by now is skipped as stale, never sent.
///
/// # Errors
///
/// When the database cannot say what is stored.
pub(crate) async fn replay(gateway: &Arc<Gateway>, left: Left) -> StoreResult<()> {
    let found = left.len();
    let mut processed = 0;
    let mut answers = Vec::new();
    for chunk in left.chunks(CHUNK) {
        let ids: Vec<Uuid> = chunk.iter().map(|(_, record)| record.id).collect();
        let stored = list_stored(gateway, &ids).await?;
        for (entry, record) in chunk {
            if stored.contains(&record.id) {
                gateway.inbox.release(*entry);
                continue;
            }
            processed += 1;
            failpoint::pass(Point::Replaying);
            process(gateway, *entry, record, &mut answers).await;
        }
    }
    flush(gateway, &mut answers).await;
    if found > 0 {
        tracing::info!(found, processed, "the inbound journal was processed");
    }
    Ok(())
}

async fn list_stored(gateway: &Gateway, ids: &[Uuid]) -> StoreResult<HashSet<Uuid>> {
    let stored = gateway
        .db
        .open(async |tx| {
            let mut stored = signals::list_stored(tx, ids).await?;
            stored.extend(evidence::list_stored(tx, ids).await?);
            Ok::<_, StoreError>(stored)
        })
        .await?;
    Ok(stored.into_iter().collect())
}

async fn process(gateway: &Arc<Gateway>, entry: Entry, record: &Record, answers: &mut Vec<Heard>) {
    let receipt = Receipt::again(entry, gateway.inbox.clock.age(record.moment));
    let decoded = decode(&record.line).unwrap_or(ClientLine::Unknown);
    let (named, evidence) = match (record.role, decoded) {
        (CopyRole::Master, ClientLine::SignalOpen(signal)) => {
            flush(gateway, answers).await;
            let inbound = inbound(gateway, record, receipt).await;
            return alone(gateway, (entry, record), ingest::open(Arc::clone(gateway), inbound, signal)).await;
        }
        (CopyRole::Master, ClientLine::SignalClose(signal)) => {
            flush(gateway, answers).await;
            let inbound = inbound(gateway, record, receipt).await;
            return alone(gateway, (entry, record), ingest::close(Arc::clone(gateway), inbound, signal))
                .await;
        }
        (CopyRole::Follower, ClientLine::Ack { master_ticket, evidence }) => {
            (Named::MasterTicket(master_ticket), evidence)
        }
        (CopyRole::Follower, ClientLine::AckCloseOther { ticket, evidence }) => {
            (Named::FollowerTicket(ticket), evidence)
        }
        _ => {
            tracing::error!(account.id = %record.account_id, "a line of the inbound journal means nothing here");
            return gateway.inbox.release(entry);
        }
    };
    let said = (named, evidence);
    answers.push(Heard::new(login(record), record.epoch, (record.id, receipt), said, &record.line));
    if answers.len() >= BATCH {
        flush(gateway, answers).await;
    }
}

/// In a task of its own: a line that nobody can cope with would keep every worker that finds it from starting.
async fn alone(
    gateway: &Arc<Gateway>,
    (entry, record): (Entry, &Record),
    ingestion: impl Future<Output = ()> + Send + 'static,
) {
    let Err(error) = tokio::spawn(ingestion).await else { return };
    let account = record.account_id;
    tracing::error!(%error, account.id = %account, "working on a line of the inbound journal broke off");
    match list_stored(gateway, &[record.id]).await {
        Ok(stored) if stored.contains(&record.id) => {}
        Ok(_) => {
            let words = settle::printable(&record.line);
            alarms::raise_lost(gateway, &[alarms::line_lost(record.owner_id, account, &words)]).await;
        }
        // It stays in the journal for the next worker.
        Err(_) => return,
    }
    gateway.inbox.release(entry);
}

async fn flush(gateway: &Arc<Gateway>, answers: &mut Vec<Heard>) {
    if !answers.is_empty() {
        settle::settle_all(gateway, std::mem::take(answers)).await;
    }
}

async fn inbound(gateway: &Gateway, record: &Record, receipt: Receipt) -> Inbound {
    let id = SignalId::from_uuid(record.id);
    Inbound::new(gateway, &login(record), (id, record.epoch), receipt, &record.line).await
}

const fn login(record: &Record) -> EaLogin {
    EaLogin { account_id: record.account_id, owner_id: record.owner_id, role: record.role }
}
