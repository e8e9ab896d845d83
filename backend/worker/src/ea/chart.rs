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
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tracing::Instrument;
use uuid::Uuid;

use crate::ea::connection::refused_by_role;
use crate::ea::master::HOLD;
use crate::ea::socket::Socket;
use crate::gateway::Gateway;
use crate::lists::{self, MasterList};

/// What a connection has told of its chart, beside its prices.
///
/// It is stored and judged in tasks, one after the other, so that signals are read and journalled however long that
/// takes.
#[derive(Debug, Default)]
pub(super) struct Chart {
    known: Known,
    /// Has what is known until it ends.
    under_way: Option<JoinHandle<Known>>,
    /// What its first signal calls the symbol: told once, so that it outlives a task that breaks off.
    signal_symbol: Option<Symbol>,
}

impl Chart {
    /// Does `work` after what is under way, whether or not this connection still lasts then: a transaction is never left
    /// half-way.
    fn go_on<F>(&mut self, gateway: &Gateway, work: impl FnOnce(Known) -> F + Send + 'static)
    where
        F: Future<Output = Known> + Send + 'static,
    {
        let known = std::mem::take(&mut self.known);
        let before = self.under_way.take();
        let signal_symbol = self.signal_symbol.clone();
        let task = async move {
            let known = match before {
                Some(before) => before.await.unwrap_or_default(),
                None => known,
            };
            work(known.named(signal_symbol)).await
        };
        self.under_way = Some(gateway.signals.spawn(task.in_current_span()));
    }

    /// Lets what is under way hold up the next line, but not for long.
    async fn hold(&mut self, socket: &Socket) {
        let Some(task) = &mut self.under_way else { return };
        let known = tokio::select! {
            biased;
            done = timeout(HOLD, task) => done.ok().map(Result::unwrap_or_default),
            () = socket.close.cancelled() => None,
        };
        self.take_back(known);
    }

    /// Whether nothing is under way.
    async fn is_idle(&mut self) -> bool {
        let known = match &mut self.under_way {
            None => return true,
            Some(task) if task.is_finished() => task.await.unwrap_or_default(),
            Some(_) => return false,
        };
        self.take_back(Some(known));
        true
    }

    fn take_back(&mut self, known: Option<Known>) {
        if let Some(known) = known {
            self.known = known;
            self.under_way = None;
        }
    }
}

/// What is known of a chart.
#[derive(Debug, Default)]
struct Known {
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

impl Known {
    /// With what signals call the symbol; saved again where that is news.
    fn named(self, signal_symbol: Option<Symbol>) -> Self {
        let is_saved = self.is_saved && self.signal_symbol == signal_symbol;
        Self { signal_symbol, is_saved, ..self }
    }

    /// The list to be judged now that a price came, if one waits and is not too old.
    fn take_waiting(&mut self, now: Instant, patience: Duration) -> Option<MasterList> {
        let waiting = self.waiting.take()?;
        (now.saturating_duration_since(waiting.read_at) <= patience).then_some(waiting.list)
    }

    /// A list came.
    async fn list(
        mut self,
        gateway: Arc<Gateway>,
        socket: Arc<Socket>,
        tickets: Vec<Ticket>,
        read_at: Instant,
    ) -> Self {
        let Some(list) = lists::keep(Arc::clone(&gateway), socket.login, socket.epoch(), tickets).await
        else {
            return self;
        };
        self.waiting = Some(Waiting { list, read_at });
        // Else the next price tells, or lets it go: prices of several symbols are of no chart.
        if socket.chart_symbol().is_some() { self.price(gateway, socket, read_at).await } else { self }
    }

    /// The chart's symbol may be known now.
    async fn price(mut self, gateway: Arc<Gateway>, socket: Arc<Socket>, read_at: Instant) -> Self {
        let list = self.take_waiting(read_at, gateway.config.timing.hold_list);
        self = self.save(Arc::clone(&gateway), Arc::clone(&socket)).await;
        if let Some(list) = list {
            self.judge(gateway, &socket, list).await;
        }
        self
    }

    /// Trades are tied to the chart by what is stored here, so it is tried with
    /// every price until it is.
    async fn save(mut self, gateway: Arc<Gateway>, socket: Arc<Socket>) -> Self {
        let Some(symbol) = socket.chart_symbol().filter(|_| !self.is_saved) else { return self };
        let stored = master_lists::Chart {
            epoch: socket.epoch(),
            lineage: lineage(&socket, &symbol),
            symbol,
            signal_symbol: self.signal_symbol.clone(),
        };
        self.is_saved = lists::save_chart(gateway, socket.login, stored).await;
        self
    }

    async fn judge(&self, gateway: Arc<Gateway>, socket: &Socket, list: MasterList) {
        let Some(symbol) = socket.chart_symbol().filter(|_| self.is_saved) else { return };
        let chart = (socket.epoch(), lineage(socket, &symbol));
        lists::master(gateway, socket.login, chart, list).await;
    }
}

/// A master listed the open tickets of its chart.
pub(super) async fn list(
    gateway: &Arc<Gateway>,
    socket: &Arc<Socket>,
    chart: &mut Chart,
    tickets: Vec<Ticket>,
    read_at: Instant,
) {
    if socket.login.role != CopyRole::Master {
        return refused_by_role(gateway, socket, "MASTER_SNAPSHOT");
    }
    socket.reply(&ServerLine::SnapshotOk).await;
    let (worker, of) = (Arc::clone(gateway), Arc::clone(socket));
    chart.go_on(gateway, move |known| known.list(worker, of, tickets, read_at));
    chart.hold(socket).await;
}

/// A price of the chart came; the socket's ticker has it.
pub(super) async fn price(gateway: &Arc<Gateway>, socket: &Arc<Socket>, chart: &mut Chart, read_at: Instant) {
    // While something is under way, the next price will do.
    if socket.login.role != CopyRole::Master || !chart.is_idle().await {
        return;
    }
    if chart.known.is_saved && chart.known.waiting.is_none() {
        return;
    }
    let (worker, of) = (Arc::clone(gateway), Arc::clone(socket));
    chart.go_on(gateway, move |known| known.price(worker, of, read_at));
    chart.hold(socket).await;
}

/// A signal of the chart came, which is on its way.
pub(super) fn signal(gateway: &Arc<Gateway>, socket: &Arc<Socket>, chart: &mut Chart, symbol: Symbol) {
    if socket.login.role != CopyRole::Master || chart.signal_symbol.is_some() {
        return;
    }
    chart.signal_symbol = Some(symbol);
    let (worker, of) = (Arc::clone(gateway), Arc::clone(socket));
    chart.go_on(gateway, move |known| known.save(worker, of));
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
            let mut chart = Known { waiting: Some(waiting(now)), ..Known::default() };
            assert_eq!(chart.take_waiting(now + after, PATIENCE).is_some(), is_judged);
            assert!(chart.waiting.is_none());
        }
    }

    #[test]
    fn what_signals_call_the_symbol_is_saved_once_and_again_after_a_task_that_broke_off() {
        let told = Symbol::new("EURUSD.r").ok();
        let saved = Known { is_saved: true, ..Known::default() };
        assert!(saved.named(None).is_saved);
        let news = Known { is_saved: true, ..Known::default() }.named(told.clone());
        assert!(!news.is_saved);
        assert!(Known { is_saved: true, ..news }.named(told.clone()).is_saved);
        assert_eq!(Known::default().named(told.clone()).signal_symbol, told);
    }
}
