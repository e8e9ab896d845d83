//! What masters say.

use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::account::CopyRole;
use flotilla_domain::copy::mode::CopyMode;
use flotilla_domain::id::SignalId;
use flotilla_domain::signal::{CloseSignal, OpenSignal};
use flotilla_protocol::v7::ServerLine;
use flotilla_store::wire_subscriptions::{self, ModeSet};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::Instrument;
use uuid::Uuid;

use crate::ea::connection::{Line, refused_by_role};
use crate::ea::socket::Socket;
use crate::failpoint::{self, Point};
use crate::gateway::Gateway;
use crate::inbox::Receipt;
use crate::ingest::{self, Inbound};

/// A master's line holds up its next one while it is stored and sent, but not
/// for longer: then the database is away, and what comes next is journalled too.
pub(super) const HOLD: Duration = Duration::from_secs(1);

/// A master entered: the next line waits until it is stored and sent.
pub(super) async fn open(gateway: &Arc<Gateway>, socket: &Socket, signal: OpenSignal, line: Line) {
    if let Some(inbound) = receive(gateway, socket, line).await {
        socket.ticker().signal(&signal.symbol, signal.price.value());
        // In a task of its own: a transaction is never left half-way because its connection ended.
        hold(
            socket,
            gateway.signals.spawn(ingest::open(Arc::clone(gateway), inbound, signal).in_current_span()),
        )
        .await;
    }
}

/// A master left: the next line waits until it is stored and sent.
pub(super) async fn close(gateway: &Arc<Gateway>, socket: &Socket, signal: CloseSignal, line: Line) {
    if let Some(inbound) = receive(gateway, socket, line).await {
        hold(
            socket,
            gateway.signals.spawn(ingest::close(Arc::clone(gateway), inbound, signal).in_current_span()),
        )
        .await;
    }
}

/// Sends the line on its way into the journal and takes its place in the queue.
async fn receive(gateway: &Gateway, socket: &Socket, line: Line) -> Option<Inbound> {
    if socket.login.role != CopyRole::Master {
        refused_by_role(gateway, socket, "SIGNAL");
        return None;
    }
    failpoint::pass(Point::SignalRead);
    let (id, epoch) = (SignalId::from_uuid(Uuid::now_v7()), socket.epoch());
    let entry = gateway.inbox.append(&socket.login, epoch, id.uuid(), (line.bytes.clone(), line.read_at));
    let receipt = Receipt::fresh(entry, line.read_at);
    Some(Inbound::new(gateway, &socket.login, (id, epoch), receipt, &line.bytes).await)
}

async fn hold(socket: &Socket, storing: JoinHandle<()>) {
    tokio::select! {
        biased;
        _ = timeout(HOLD, storing) => {}
        () = socket.close.cancelled() => {}
    }
}

/// A master's EA set its copy mode; `None`: one nobody knows.
pub(super) async fn set_mode(gateway: &Gateway, socket: &Socket, mode: Option<CopyMode>) {
    let is_master = socket.login.role == CopyRole::Master;
    let Some(mode) = mode.filter(|_| is_master) else {
        return socket.reply(&ServerLine::ModeChangeFailed).await;
    };
    let account = socket.login.account_id;
    let set = gateway.db.open(async |tx| wire_subscriptions::set_mode(tx, account, mode).await).await;
    match set {
        Ok(ModeSet::Changed) => {
            gateway.hint_account(&socket.login);
            socket.reply(&ServerLine::ModeUpdated(mode)).await;
        }
        Ok(ModeSet::Unchanged) => socket.reply(&ServerLine::ModeUpdated(mode)).await,
        Ok(ModeSet::SeveralFollowers) => socket.reply(&ServerLine::ModeChangeFailed).await,
        Err(error) => {
            tracing::error!(%error, account.id = %account, "the copy mode was not stored");
            socket.reply(&ServerLine::ModeChangeFailed).await;
        }
    }
}
