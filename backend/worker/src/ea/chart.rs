//! The chart on which one connection of a master stands, and its lists of tickets.
//!
//! A master sends its list before the first price that tells the chart's
//! symbol. The list is answered at once and waits for that price.

use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::account::CopyRole;
use flotilla_domain::symbol::Symbol;
use flotilla_domain::ticket::Ticket;
use flotilla_protocol::v7::ServerLine;
use flotilla_store::master_lists;
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use uuid::Uuid;

use crate::ea::connection::refused_by_role;
use crate::ea::socket::Socket;
use crate::gateway::Gateway;
use crate::lists::{self, MasterList};

/// What a connection has told of its chart, beside its prices.
#[derive(Debug, Default)]
pub(super) struct Chart {
    /// What its signals call the symbol.
    signal_symbol: Option<Symbol>,
    /// Whether all of this is stored.
    is_saved: bool,
    waiting: Option<Waiting>,
}

/// A list that waits for the first price.
#[derive(Debug)]
struct Waiting {
    list: MasterList,
    read_at: Instant,
}

impl Chart {
    /// The list to be judged now that a price came, if one waits and is not too old.
    fn take_waiting(&mut self, now: Instant, patience: Duration) -> Option<MasterList> {
        let waiting = self.waiting.take()?;
        (now.saturating_duration_since(waiting.read_at) <= patience).then_some(waiting.list)
    }

    /// Notes the symbol of a signal.
    fn signal(&mut self, symbol: &Symbol) {
        if self.signal_symbol.is_none() {
            self.signal_symbol = Some(symbol.clone());
            self.is_saved = false;
        }
    }
}

/// A master listed the open tickets of its chart.
pub(super) async fn list(
    gateway: &Arc<Gateway>,
    socket: &Socket,
    chart: &mut Chart,
    tickets: Vec<Ticket>,
    read_at: Instant,
) {
    if socket.login.role != CopyRole::Master {
        return refused_by_role(gateway, socket, "MASTER_SNAPSHOT");
    }
    socket.reply(&ServerLine::SnapshotOk).await;
    let (login, epoch) = (socket.login, socket.epoch());
    // In tasks of their own: a transaction is never left half-way because its connection ended.
    let kept = tokio::spawn(lists::keep(Arc::clone(gateway), login, epoch, tickets)).await;
    let Ok(Some(list)) = kept else { return };
    match socket.chart_symbol() {
        Some(_) => judge(gateway, socket, chart, list).await,
        // The next price tells, or lets it go: prices of several symbols are of no chart.
        None => chart.waiting = Some(Waiting { list, read_at }),
    }
}

/// A price of the chart came; the socket's ticker has it.
pub(super) async fn price(gateway: &Arc<Gateway>, socket: &Socket, chart: &mut Chart, read_at: Instant) {
    if socket.login.role != CopyRole::Master {
        return;
    }
    let list = chart.take_waiting(read_at, gateway.config.timing.hold_list);
    save(gateway, socket, chart).await;
    if let Some(list) = list {
        judge(gateway, socket, chart, list).await;
    }
}

/// A signal of the chart came.
pub(super) async fn signal(gateway: &Arc<Gateway>, socket: &Socket, chart: &mut Chart, symbol: &Symbol) {
    if socket.login.role == CopyRole::Master {
        chart.signal(symbol);
        save(gateway, socket, chart).await;
    }
}

/// Trades are tied to the chart by what is stored here, so it is tried with
/// every price until it is.
async fn save(gateway: &Arc<Gateway>, socket: &Socket, chart: &mut Chart) {
    let Some(symbol) = socket.chart_symbol().filter(|_| !chart.is_saved) else { return };
    let stored = master_lists::Chart {
        epoch: socket.epoch(),
        lineage: lineage(socket, &symbol),
        symbol,
        signal_symbol: chart.signal_symbol.clone(),
    };
    let saving = tokio::spawn(lists::save_chart(Arc::clone(gateway), socket.login, stored));
    chart.is_saved = saving.await.unwrap_or(false);
}

async fn judge(gateway: &Arc<Gateway>, socket: &Socket, chart: &Chart, list: MasterList) {
    let Some(symbol) = socket.chart_symbol().filter(|_| chart.is_saved) else { return };
    let chart = (socket.epoch(), lineage(socket, &symbol));
    let _ = tokio::spawn(lists::master(Arc::clone(gateway), socket.login, chart, list)).await;
}

/// Connections of one account, key and chart symbol are of one lineage: each
/// sees the trades of all.
fn lineage(socket: &Socket, symbol: &Symbol) -> Uuid {
    let digest = Sha256::new()
        .chain_update(socket.login.account_id.uuid().as_bytes())
        .chain_update(socket.key_hash)
        .chain_update(symbol.as_str().as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(byte, of_digest)| *byte = of_digest);
    Uuid::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use flotilla_store::snapshots::StoredSnapshot;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn waiting(read_at: Instant) -> Waiting {
        let snapshot = StoredSnapshot { id: 1, received_at: DateTime::UNIX_EPOCH, previous_at: None };
        Waiting { list: MasterList { snapshot, tickets: Vec::new() }, read_at }
    }

    #[test]
    fn a_list_waits_for_the_first_price_and_not_for_ever() {
        let now = Instant::now();
        for (after, is_judged) in [(PATIENCE, true), (PATIENCE + Duration::from_millis(1), false)] {
            let mut chart = Chart { waiting: Some(waiting(now)), ..Chart::default() };
            assert_eq!(chart.take_waiting(now + after, PATIENCE).is_some(), is_judged);
            assert!(chart.waiting.is_none());
        }
    }
}
