//! From the first line to a session.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use flotilla_domain::account::CopyRole;
use flotilla_domain::alert::AlertKind;
use flotilla_engine::deadline::HOLD_OPENS_S;
use flotilla_engine::takeover;
use flotilla_protocol::v7::{ClientLine, Credential, ServerLine, decode};
use flotilla_security::api_key::ApiKey;
use flotilla_store::alerts::NewAlert;
use flotilla_store::copy_orders::claim;
use flotilla_store::ea_login::{self, EaLogin};
use flotilla_store::{StoreError, StoreResult, Tx, copy_orders, pair_closes, sessions};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWriteExt, WriteHalf};
use tokio::time::{Instant, timeout, timeout_at};

use crate::absences;
use crate::ea::connection::{Peer, Reader, Stream};
use crate::ea::framing::{Ended, LineReader};
use crate::ea::socket::{Socket, encoded};
use crate::ea::takeovers::Verdict;
use crate::failpoint::{self, Point};
use crate::gateway::Gateway;
use crate::measure::{self, LogIn};
use crate::settle::change;

const AGAIN: Duration = Duration::from_millis(200);
/// Seconds a follower that has just logged in has for naming its master before
/// closes are sent all the same.
const HEAR_FIRST_S: i32 = 3;

/// A right key.
pub(super) struct Key {
    pub login: EaLogin,
    pub hash: [u8; 32],
}

/// Reads lines until one holds a right key; anything else before it is ignored.
///
/// `None`: the connection is over. A wrong key is answered, and its connection
/// held for a while, because EAs try again as soon as it ends.
pub(super) async fn authenticate<S: Stream>(
    gateway: &Gateway,
    reader: &mut Reader<S>,
    output: &mut WriteHalf<S>,
    peer: &Peer,
) -> Option<Key> {
    let text = match timeout_at(peer.deadline, first_key(reader)).await {
        Ok(Ok(text)) => text,
        ended => {
            refuse(peer, ended.ok().and_then(Result::err));
            return None;
        }
    };
    let Ok(found) = timeout_at(peer.deadline, find_patiently(gateway, &text, peer.deadline)).await else {
        tracing::warn!("a key was not looked up in time: too many terminals come at once");
        return None;
    };
    match found {
        Ok(Some(key)) => {
            measure::log_in(LogIn::Accepted);
            return Some(key);
        }
        Ok(None) => {}
        Err(error) => {
            tracing::error!(%error, "a key could not be looked up");
            return None;
        }
    }
    let limits = &gateway.config.limits;
    tokio::time::sleep(gateway.failed_logins.note(
        peer.address,
        limits.wrong_keys_per_minute,
        Instant::now(),
    ))
    .await;
    measure::log_in(LogIn::WrongKey);
    tracing::info!(address = %peer.address, "EA refused: wrong key or inactive account");
    output.write_all(&encoded(&ServerLine::AuthFailed)).await.ok()?;
    hold(gateway, reader).await;
    None
}

/// Keeps a refused connection for a while, because EAs try again as soon as it ends.
pub(super) async fn hold<R: AsyncRead + Unpin>(gateway: &Gateway, reader: &mut LineReader<R>) {
    let _ = timeout(gateway.config.timing.hold_after_wrong_key, ignore(reader)).await;
}

/// Whether two terminals take one follower key from each other so often that
/// neither answers: then the older keeps it for a while, and its owner is told.
pub(super) async fn is_fought_over(gateway: &Arc<Gateway>, login: &EaLogin, address: IpAddr) -> bool {
    let account = login.account_id;
    let is_taken = gateway.sockets.newest(account).is_some_and(|socket| !socket.close.is_cancelled());
    if login.role == CopyRole::Master || !is_taken {
        return false;
    }
    let limit = gateway.config.limits.takeovers_per_minute;
    let hold = gateway.config.timing.hold_after_takeovers;
    match gateway.takeovers.judge(account, limit, hold, Instant::now()) {
        Verdict::Welcome => false,
        Verdict::Refused { is_first } => {
            tracing::warn!(account.id = %account, "EA refused: two terminals fight over one key");
            if is_first {
                absences::raise(gateway, flapping(login, address, limit)).await;
            }
            true
        }
    }
}

fn flapping(login: &EaLogin, address: IpAddr, limit: usize) -> NewAlert {
    NewAlert {
        owner_id: login.owner_id,
        kind: AlertKind::KeyFlapping,
        account_id: Some(login.account_id),
        copy_id: None,
        detail: json!({ "address": address.to_string(), "takeovers": limit }),
        dedupe_key: format!("key_flapping:{}", login.account_id),
    }
}

/// Lines of an EA before its key have no effect; what no EA says ends the connection.
async fn first_key<R: AsyncRead + Unpin>(reader: &mut LineReader<R>) -> Result<Credential, Ended> {
    loop {
        let (line, _) = reader.next().await?;
        match decode(&line) {
            Ok(ClientLine::Auth(text)) => return Ok(text),
            Ok(ClientLine::Unknown) if !line.trim_ascii().is_empty() => return Err(Ended::Foreign),
            Ok(_) | Err(_) => {}
        }
    }
}

/// `ended`: nothing when the time was over.
fn refuse(peer: &Peer, ended: Option<Ended>) {
    let address = peer.address;
    match ended {
        Some(Ended::Foreign | Ended::TooLong) => {
            measure::log_in(LogIn::Foreign);
            tracing::info!(%address, "EA refused: what it says is nothing an EA says");
        }
        Some(Ended::Gone | Ended::Unfinished | Ended::Idle) | None => {
            measure::log_in(LogIn::Unfinished);
            tracing::debug!(%address, ?ended, "connection ended before a key");
        }
    }
}

async fn ignore<R: AsyncRead + Unpin>(reader: &mut LineReader<R>) {
    while reader.next().await.is_ok() {}
}

/// A master may have sent a signal behind its key, once and never again: while
/// the database is away for a moment, its connection is held.
async fn find_patiently(gateway: &Gateway, text: &str, deadline: Instant) -> StoreResult<Option<Key>> {
    loop {
        match find(gateway, text).await {
            Err(error) if error.is_undecided() && Instant::now() + AGAIN < deadline => {
                tokio::time::sleep(AGAIN).await;
            }
            done => return done,
        }
    }
}

async fn find(gateway: &Gateway, text: &str) -> StoreResult<Option<Key>> {
    let Ok(key) = ApiKey::parse(text) else { return Ok(None) };
    let hash = key.hash();
    let login = gateway.converse(async |tx| ea_login::find(tx, &hash).await).await?;
    Ok(login.map(|login| Key { login, hash }))
}

/// Raises the session of a new connection and enters it among the account's.
///
/// The connection is entered before the commit: a signal that sees the new
/// epoch finds its connection. Claims of a follower's older sessions may have
/// been sent, so they become unconfirmed.
pub(super) async fn enter(gateway: &Arc<Gateway>, socket: &Arc<Socket>) -> StoreResult<Entered> {
    socket.ask();
    let older = Arc::new(OnceLock::new());
    let is_copying = {
        let (gateway, socket, older) = (Arc::clone(gateway), Arc::clone(socket), Arc::clone(&older));
        let raising =
            async move { gateway.converse(async |tx| raise(tx, &gateway, &socket, &older).await).await };
        tokio::spawn(raising).await.map_err(|_| StoreError::NotFound("outcome of a log-in")).flatten()
    };
    let older = older.get().cloned();
    match is_copying {
        Ok(is_copying) => {
            failpoint::pass(Point::Entered);
            gateway.hint_account(&socket.login);
            gateway.dirty.follower_or_master(socket.login.account_id);
            Ok(Entered { older, is_copying })
        }
        Err(error) => {
            gateway.sockets.leave(socket);
            // It was displaced all the same, and no commands would reach it: its terminal connects again.
            if let Some(older) = older {
                older.cut_off();
                gateway.settler.session_ended(older.login, older.epoch()).await;
            }
            // Should the commit have been kept, nobody is connected under that epoch.
            if socket.is_follower() && socket.epoch() > 0 {
                gateway.settler.session_ended(socket.login, socket.epoch()).await;
            }
            Err(error)
        }
    }
}

/// A session that was raised.
pub(super) struct Entered {
    /// The follower's connection before this one.
    pub older: Option<Arc<Socket>>,
    /// Whether copies reach the account.
    pub is_copying: bool,
}

/// Whether copies reach the account. `older`: takes the connection that was displaced, whatever becomes of the commit.
async fn raise(
    tx: &mut Tx,
    gateway: &Gateway,
    socket: &Arc<Socket>,
    older: &OnceLock<Arc<Socket>>,
) -> StoreResult<bool> {
    let login = &socket.login;
    let epoch = sessions::raise(tx, login, gateway.node, !socket.is_follower()).await?;
    socket.set_epoch(epoch);
    if !socket.is_follower() {
        pair_closes::hasten(tx, login.account_id).await?;
        failpoint::pass(Point::Entering);
        gateway.sockets.enter(socket);
        return Ok(false);
    }
    let claimed = copy_orders::lock_claimed_until(tx, login.account_id, epoch - 1).await?;
    let lost: Vec<_> = claimed
        .iter()
        .filter_map(|locked| takeover::lost(&locked.order, epoch - 1).map(|edge| change(&locked.order, edge)))
        .collect();
    if !lost.is_empty() {
        copy_orders::settle::settle(tx, &lost).await?;
    }
    sessions::hold_opens(tx, login.account_id, HOLD_OPENS_S).await?;
    claim::defer_closes(tx, login.account_id, HEAR_FIRST_S).await?;
    let standing = ea_login::list_standings(tx, &[login.account_id]).await?;
    let is_copying = standing.iter().any(|standing| standing.is_copying);
    failpoint::pass(Point::Entering);
    if let Some(displaced) = gateway.sockets.enter(socket) {
        let _ = older.set(displaced);
    }
    Ok(is_copying)
}

/// A second `AUTH` on one connection: the same key is welcome again, another
/// one ends it.
pub(super) async fn repeat(socket: &Socket, text: &str) {
    match ApiKey::parse(text) {
        Ok(key) if key.matches(&socket.key_hash) => socket.reply(&ServerLine::AuthOk).await,
        _ => socket.close.cancel(),
    }
}
