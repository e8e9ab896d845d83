//! What masters say.

use std::sync::Arc;

use flotilla_domain::account::CopyRole;
use flotilla_domain::copy::mode::CopyMode;
use flotilla_domain::id::SignalId;
use flotilla_domain::signal::{CloseSignal, OpenSignal};
use flotilla_protocol::v7::ServerLine;
use flotilla_store::signals::Origin;
use flotilla_store::wire_subscriptions::{self, ModeSet};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::ea::connection::{Line, refused_by_role};
use crate::ea::socket::Socket;
use crate::failpoint::{self, Point};
use crate::gateway::Gateway;
use crate::ingest;

/// A master entered: the next line waits until it is stored and sent.
pub(super) async fn open(gateway: &Arc<Gateway>, socket: &Socket, signal: OpenSignal, line: Line) {
    if socket.login.role != CopyRole::Master {
        return refused_by_role(socket);
    }
    failpoint::pass(Point::SignalRead);
    socket.ticker().signal(&signal.symbol, signal.price.value());
    let origin = origin(socket, &line);
    failpoint::pass(Point::SignalJournalled);
    // In a task of its own: a transaction is never left half-way because its connection ended.
    let _ = tokio::spawn(ingest::open(Arc::clone(gateway), origin, line.read_at, signal)).await;
}

/// A master left: the next line waits until it is stored and sent.
pub(super) async fn close(gateway: &Arc<Gateway>, socket: &Socket, signal: CloseSignal, line: Line) {
    if socket.login.role != CopyRole::Master {
        return refused_by_role(socket);
    }
    failpoint::pass(Point::SignalRead);
    let origin = origin(socket, &line);
    failpoint::pass(Point::SignalJournalled);
    let _ = tokio::spawn(ingest::close(Arc::clone(gateway), origin, line.read_at, signal)).await;
}

fn origin(socket: &Socket, line: &Line) -> Origin {
    Origin {
        signal_id: SignalId::from_uuid(Uuid::now_v7()),
        master_id: socket.login.account_id,
        owner_id: socket.login.owner_id,
        epoch: socket.epoch(),
        line_hash: Sha256::digest(line.bytes.trim_ascii()).into(),
        age_us: 0,
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
