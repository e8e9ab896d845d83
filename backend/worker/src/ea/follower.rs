//! What followers say.

use std::sync::Arc;

use flotilla_domain::account::CopyRole;
use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::ticket::Ticket;
use flotilla_engine::matching::Named;
use flotilla_protocol::v7::{ServerLine, SubscribeError};
use flotilla_store::ea_login::{self, EaLogin};
use flotilla_store::wire_subscriptions::{self, Subscribed};
use flotilla_store::{StoreResult, Tx};
use uuid::Uuid;

use crate::dispatch;
use crate::ea::connection::{Line, refused_by_role};
use crate::ea::socket::Socket;
use crate::failpoint::{self, Point};
use crate::gateway::Gateway;
use crate::inbox::Receipt;
use crate::lists;
use crate::settle::Heard;

/// A follower named a master: it is answered, then told what waits for it,
/// closes before opens.
pub(super) async fn subscribe(gateway: &Arc<Gateway>, socket: &Arc<Socket>, token: &str) {
    if socket.login.role != CopyRole::Follower {
        return socket.reply(&ServerLine::SubscribeFailed(SubscribeError::MasterNotFound)).await;
    }
    let login = socket.login;
    socket.ask();
    let subscribed = gateway.converse(async |tx| subscribe_in(tx, &login, token).await).await;
    match subscribed {
        Ok((Subscribed::Follows { masters }, is_copying)) => {
            gateway.dirty.masters(masters);
            gateway.hint_account(&login);
            socket.answer(&ServerLine::SubscribeOk, Some(is_copying)).await;
        }
        Ok((Subscribed::MasterNotFound, _)) => {
            socket.answer(&ServerLine::SubscribeFailed(SubscribeError::MasterNotFound), None).await;
        }
        Ok((Subscribed::HasPartner, _)) => {
            let refusal = ServerLine::SubscribeFailed(SubscribeError::MasterAlreadyHasPartner);
            socket.answer(&refusal, None).await;
        }
        Err(error) => {
            tracing::error!(%error, account.id = %login.account_id, "a follow was not stored");
            socket.close.cancel();
            return;
        }
    }
    // In a task of its own: a claim is never left half-way because its connection ended.
    let _ = tokio::spawn(dispatch::resume(Arc::clone(gateway), login.account_id)).await;
}

async fn subscribe_in(tx: &mut Tx, login: &EaLogin, token: &str) -> StoreResult<(Subscribed, bool)> {
    let subscribed = wire_subscriptions::subscribe(tx, login, token).await?;
    let standing = ea_login::list_standings(tx, &[login.account_id]).await?;
    Ok((subscribed, standing.iter().any(|standing| standing.is_copying)))
}

/// Whether copies reach this account; masters are told no, as ever.
pub(super) async fn check_status(gateway: &Gateway, socket: &Socket) {
    let account = socket.login.account_id;
    socket.ask();
    let standing = gateway.converse(async |tx| ea_login::list_standings(tx, &[account]).await).await;
    match standing {
        Ok(standing) => {
            let is_copying = standing.iter().any(|standing| standing.is_copying);
            let status = if is_copying { ServerLine::StatusActive } else { ServerLine::StatusInactive };
            socket.answer(&status, Some(is_copying)).await;
        }
        Err(error) => {
            tracing::error!(%error, account.id = %account, "the status could not be looked up");
            socket.close.cancel();
        }
    }
}

/// An answer that names the master's ticket.
pub(super) async fn answered_master(
    gateway: &Gateway,
    socket: &Socket,
    ticket: Ticket,
    evidence: Evidence,
    line: Line,
) {
    hear(gateway, socket, Named::MasterTicket(ticket), evidence, line).await;
}

/// An answer that names the follower's own ticket.
pub(super) async fn answered_own(
    gateway: &Gateway,
    socket: &Socket,
    ticket: Ticket,
    evidence: Evidence,
    line: Line,
) {
    hear(gateway, socket, Named::FollowerTicket(ticket), evidence, line).await;
}

async fn hear(gateway: &Gateway, socket: &Socket, named: Named, evidence: Evidence, line: Line) {
    if socket.login.role != CopyRole::Follower {
        return refused_by_role(gateway, socket, "ACK");
    }
    failpoint::pass(Point::AnswerRead);
    let (id, epoch) = (Uuid::now_v7(), socket.epoch());
    let entry = gateway.inbox.append(&socket.login, epoch, id, (line.bytes.clone(), line.read_at));
    let receipt = Receipt::fresh(entry, line.read_at);
    let said = (named, evidence);
    gateway.settler.heard(Heard::new(socket.login, epoch, (id, receipt), said, &line.bytes)).await;
}

/// A follower listed its open tickets: it is answered at once, and judged when
/// what it said before is settled.
pub(super) async fn list(gateway: &Arc<Gateway>, socket: &Socket, tickets: Vec<Ticket>) {
    if socket.login.role != CopyRole::Follower {
        return refused_by_role(gateway, socket, "SLAVE_SNAPSHOT");
    }
    socket.reply(&ServerLine::SnapshotOk).await;
    tokio::select! {
        () = gateway.settler.all_settled() => {}
        // Nothing is concluded from a list whose connection is over: the next one has another.
        () = socket.close.cancelled() => return,
    }
    // In a task of its own: a transaction is never left half-way because its connection ended.
    let list = lists::follower(Arc::clone(gateway), socket.login, socket.epoch(), tickets);
    let _ = tokio::spawn(list).await;
}
