//! Sends what was claimed, and tells what changed.

use std::collections::HashSet;
use std::sync::Arc;

use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::{AccountId, TradeId};
use flotilla_domain::lots::Lots;
use flotilla_domain::price::Price;
use flotilla_engine::deadline::CLOSE_REPEATS_S;
use flotilla_protocol::v7::ServerLine;
use flotilla_store::changes::ChangeKind;
use flotilla_store::copy_orders::claim::{ClaimedOpen, Closes, DueClose, Opens, claim_closes, claim_opens};
use flotilla_store::copy_orders::settle::CopyChange;
use flotilla_store::pair_closes::PairClose;
use flotilla_store::{StoreError, sessions};
use tokio::time::Instant;
use uuid::Uuid;

use crate::ea::socket::{Command, OpenMark, Socket, encoded};
use crate::failpoint::{self, Point};
use crate::flight::{Clearance, Way};
use crate::gateway::Gateway;
use crate::measure;
use crate::settle::NotWritten;

/// Queues the lines of claimed opens, each to the session it was claimed for.
///
pub(crate) async fn send_opens(gateway: &Gateway, opens: &[ClaimedOpen], clearance: &Clearance) {
    let unwritten = opens.iter().filter_map(|open| send_open(gateway, open, clearance)).collect();
    gateway.settler.not_written(unwritten).await;
}

fn send_open(gateway: &Gateway, open: &ClaimedOpen, clearance: &Clearance) -> Option<NotWritten> {
    let not_written = |reason| Some(NotWritten { copy: open.copy_id, reason });
    let socket = gateway.sockets.newest(open.follower_id).filter(|socket| socket.epoch() == open.epoch);
    let Some(socket) = socket else { return not_written(ReasonCode::Offline) };
    let Some(line) = open_line(open) else {
        tracing::error!(copy.id = %open.copy_id, "a stored copy cannot be put on the wire");
        return not_written(ReasonCode::Limit);
    };
    let mark = OpenMark { copy: open.copy_id, clearance: clearance.clone() };
    match socket.command(Command { line: encoded(&line), open: Some(mark) }) {
        Ok(()) => None,
        Err(_) => not_written(ReasonCode::Offline),
    }
}

fn open_line(open: &ClaimedOpen) -> Option<ServerLine> {
    let stop = |value: Option<rust_decimal::Decimal>| value.map(Price::new).transpose().ok();
    Some(ServerLine::Open {
        side: open.side,
        symbol: open.symbol.clone(),
        price: Price::new(open.price).ok()?,
        lots: Lots::new(open.lots).ok()?,
        stop_loss: stop(open.stop_loss)?,
        take_profit: stop(open.take_profit)?,
        master_ticket: open.master_ticket,
    })
}

/// Queues closes. One that cannot be queued is repeated later, like one that
/// gets no answer.
pub(crate) fn send_closes(gateway: &Gateway, closes: &[DueClose]) {
    for close in closes {
        let line = ServerLine::Close {
            symbol: close.symbol.clone(),
            ticket: close.follower_ticket,
            master_ticket: close.master_ticket,
        };
        if let Some(socket) = gateway.sockets.newest(close.follower_id) {
            let _ = socket.command(Command { line: encoded(&line), open: None });
        }
    }
}

/// Tells one connection of a master to close a trade: any of its charts can.
pub(crate) fn send_sync_close(gateway: &Gateway, close: &PairClose) {
    let line = ServerLine::SyncClose { ticket: close.ticket, reason: close.words.clone() };
    if let Some(socket) = gateway.sockets.newest(close.master_id) {
        let _ = socket.command(Command { line: encoded(&line), open: None });
    }
}

/// Tells a terminal to close all positions of its chart's symbol.
pub(crate) fn send_close_all(socket: &Socket, reason: &str) {
    let line = ServerLine::CloseAll { reason: reason.to_owned() };
    let _ = socket.command(Command { line: encoded(&line), open: None });
}

/// Claims and sends what waits for a follower: its closes, then opens that are
/// still fresh.
pub(crate) async fn resume(gateway: Arc<Gateway>, follower: AccountId) {
    let chunk = gateway.config.limits.claim_chunk;
    let claimed = gateway
        .converse(async |tx| {
            let closes = claim_closes(tx, gateway.node, Closes::Of(follower), &CLOSE_REPEATS_S).await?;
            let opens = if gateway.draining.is_cancelled() {
                Vec::new()
            } else {
                claim_opens(tx, gateway.node, Opens::Follower(follower), chunk).await?
            };
            pass_claims(&closes, &opens, Point::ClosesClaiming, Point::Claiming);
            Ok::<_, StoreError>((closes, opens, Instant::now()))
        })
        .await;
    match claimed {
        Ok((closes, opens, committed)) => {
            pass_claims(&closes, &opens, Point::ClosesClaimed, Point::Claimed);
            send_closes(&gateway, &closes);
            send_opens(&gateway, &opens, &Clearance::late(committed)).await;
            tell_claims(&gateway, &closes, &opens);
        }
        Err(error) => {
            tracing::error!(%error, account.id = %follower, "waiting commands could not be claimed");
        }
    }
}

/// Followers about whose copies these changes ended a doubt.
pub(crate) fn ended_doubts(changes: &[CopyChange]) -> Vec<AccountId> {
    let ended = changes.iter().filter(|change| change.copy.state == CopyState::Unconfirmed);
    let followers: HashSet<AccountId> = ended.map(|change| change.copy.follower_id).collect();
    followers.into_iter().collect()
}

/// Sends what waited for the end of doubts about copies of these followers.
///
/// In a transaction of its own, because a log-in locks the session before the
/// copies. Should it fail, opens are held until their time has passed.
pub(crate) async fn after_doubts(gateway: Arc<Gateway>, followers: Vec<AccountId>) {
    match gateway.db.open(async |tx| sessions::release_clear(tx, &followers).await).await {
        Ok(clear) => {
            for follower in clear {
                resume(Arc::clone(&gateway), follower).await;
            }
        }
        Err(error) => tracing::warn!(%error, "opens are held a while longer"),
    }
}

/// Claims and sends the planned rest of a fan-out, one chunk a commit.
///
/// `planned`: in the order of their followers' turns.
pub(crate) async fn send_rest(gateway: &Gateway, planned: &[Uuid], way: Option<&Arc<Way>>) {
    let chunk = gateway.config.limits.claim_chunk;
    for copies in planned.chunks(usize::try_from(chunk).unwrap_or(1).max(1)) {
        if gateway.draining.is_cancelled() {
            // The next worker sends what is still fresh.
            return;
        }
        let claimed = gateway
            .db
            .open(async |tx| {
                let opens = claim_opens(tx, gateway.node, Opens::Copies(copies), chunk).await?;
                failpoint::pass(Point::Claiming);
                Ok((opens, Instant::now()))
            })
            .await;
        match claimed {
            Ok((opens, committed)) => {
                failpoint::pass(Point::Claimed);
                send_opens(gateway, &opens, &Clearance { committed, way: way.cloned() }).await;
                measure::copies(Some(CopyState::Planned), CopyState::Claimed, opens.len());
            }
            Err::<_, StoreError>(error) => {
                // What stays planned is skipped when its age limit has passed.
                tracing::error!(%error, "the rest of a signal could not be claimed");
                return;
            }
        }
    }
}

fn pass_claims(closes: &[DueClose], opens: &[ClaimedOpen], of_closes: Point, of_opens: Point) {
    if !closes.is_empty() {
        failpoint::pass(of_closes);
    }
    if !opens.is_empty() {
        failpoint::pass(of_opens);
    }
}

/// Hints at copies that moved, their trades, and what is counted of them.
pub(crate) fn tell_changes(gateway: &Gateway, changes: &[CopyChange], trades: &[(Uuid, TradeId)]) {
    for change in changes {
        let copy = &change.copy;
        gateway.flights.forget(copy.id);
        measure::copies(Some(copy.state), change.to, 1);
        gateway.hint(ChangeKind::Copy, copy.owner_id, copy.follower_id, copy.id.uuid());
        gateway.dirty.copy(copy.signal_id, copy.master_id);
        if let Some((_, trade)) = trades.iter().find(|(of, _)| *of == copy.id.uuid()) {
            gateway.hint(ChangeKind::Trade, copy.owner_id, copy.follower_id, trade.uuid());
        }
    }
}

/// Hints at copies that were claimed.
pub(crate) fn tell_claims(gateway: &Gateway, closes: &[DueClose], opens: &[ClaimedOpen]) {
    measure::copies(Some(CopyState::Planned), CopyState::Claimed, opens.len());
    let first = closes.iter().filter(|close| close.is_first).count();
    measure::copies(Some(CopyState::Open), CopyState::Closing, first);
    for close in closes {
        gateway.hint(ChangeKind::Copy, close.owner_id, close.follower_id, close.copy_id.uuid());
    }
    for open in opens {
        gateway.hint(ChangeKind::Copy, open.owner_id, open.follower_id, open.copy_id.uuid());
    }
}
