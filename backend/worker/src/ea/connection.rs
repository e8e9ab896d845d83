//! One connection, from its first byte to its last.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use flotilla_domain::account::CopyRole;
use flotilla_engine::stop_out::is_stop_out;
use flotilla_protocol::v7::{ClientLine, ServerLine, decode};
use flotilla_store::{figures, sessions};
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::ea::chart::{self, Chart};
use crate::ea::framing::{LineLimits, LineReader, Patience};
use crate::ea::handshake::{self, Key};
use crate::ea::listener::Place;
use crate::ea::pace::Pace;
use crate::ea::socket::{Purpose, Socket};
use crate::ea::{follower, market, master, writer};
use crate::gateway::Gateway;

pub(super) type Reader = LineReader<OwnedReadHalf>;

/// A line and when it was read.
pub(crate) struct Line {
    pub bytes: Bytes,
    pub read_at: Instant,
}

/// Serves a connection until it ends.
pub(crate) async fn serve(gateway: Arc<Gateway>, stream: TcpStream, address: IpAddr, place: Place) {
    let (input, mut output) = stream.into_split();
    let timing = &gateway.config.timing;
    let before = gateway.config.limits.line_before_auth;
    let patience = Patience { finish_line: timing.finish_line, idle: timing.idle };
    let mut reader = LineReader::new(input, LineLimits { line: before, snapshot: before }, patience);

    let Some(key) = handshake::authenticate(&gateway, &mut reader, &mut output, address).await else {
        drop(place);
        return;
    };
    drop(place);
    let limits = &gateway.config.limits;
    reader.set_limits(LineLimits { line: limits.line, snapshot: limits.snapshot_line });
    converse(&gateway, reader, output, key).await;
}

async fn converse(gateway: &Arc<Gateway>, mut reader: Reader, output: OwnedWriteHalf, key: Key) {
    let close = CancellationToken::new();
    let capacity = gateway.config.limits.queued_commands;
    let (socket, queues) = Socket::new(gateway.number(), key.login, key.hash, capacity, close);
    let socket = Arc::new(socket);
    let writer = tokio::spawn(writer::run(Arc::clone(gateway), Arc::clone(&socket), output, queues));

    match handshake::enter(gateway, &socket).await {
        Ok(displaced) => {
            tracing::info!(account.id = %key.login.account_id, session.epoch = socket.epoch(), "EA connected");
            socket.reply(&ServerLine::AuthOk).await;
            follow_lines(gateway, &mut reader, &socket, displaced).await;
        }
        Err(error) => tracing::error!(%error, account.id = %key.login.account_id, "EA cannot be let in"),
    }

    if gateway.resets() {
        reset(&reader);
    }
    socket.close.cancel();
    let _ = writer.await;
    leave(gateway, &socket).await;
}

/// Reads lines and acts on each before the next, so that their order holds.
async fn follow_lines(
    gateway: &Arc<Gateway>,
    reader: &mut Reader,
    socket: &Arc<Socket>,
    displaced: Option<Arc<Socket>>,
) {
    let mut displaced = Displaced { socket: Arc::clone(socket), older: displaced };
    let mut pace = Pace::new(&gateway.config.limits, Instant::now());
    let mut chart = Chart::default();
    let grace = tokio::time::sleep(gateway.config.timing.role_grace);
    tokio::pin!(grace);
    loop {
        let line = tokio::select! {
            biased;
            () = socket.close.cancelled() => return,
            () = stops_reading(gateway, socket) => return,
            line = reader.next() => line,
            () = &mut grace, if socket.purpose() == Purpose::Unknown => {
                displaced.trade();
                continue;
            }
        };
        let (bytes, read_at) = match line {
            Ok(line) => line,
            Err(ended) => {
                tracing::debug!(account.id = %socket.login.account_id, ?ended, "EA connection ends");
                return;
            }
        };
        socket.hear();
        act(gateway, socket, &mut displaced, &mut chart, Line { bytes, read_at }).await;
        let wait = pace.take(Instant::now());
        if wait > Duration::ZERO {
            tokio::time::sleep(wait).await;
        }
    }
}

/// A draining worker reads nothing more from masters: what is not read is sent
/// again after the connection was reset.
async fn stops_reading(gateway: &Gateway, socket: &Socket) {
    match socket.login.role {
        CopyRole::Master => gateway.draining.cancelled().await,
        CopyRole::Follower | CopyRole::None => std::future::pending().await,
    }
}

/// The older connection of a follower, until it is clear what the newer is for.
struct Displaced {
    socket: Arc<Socket>,
    older: Option<Arc<Socket>>,
}

impl Displaced {
    /// The newer one trades: the older is over.
    fn trade(&mut self) {
        self.socket.settle_purpose(Purpose::Trading);
        if let Some(older) = self.older.take() {
            older.close.cancel();
        }
    }
}

async fn act(
    gateway: &Arc<Gateway>,
    socket: &Arc<Socket>,
    displaced: &mut Displaced,
    chart: &mut Chart,
    line: Line,
) {
    let decoded = match decode(&line.bytes) {
        Ok(decoded) => decoded,
        Err(error) => {
            tracing::warn!(account.id = %socket.login.account_id, %error, "line refused");
            ClientLine::Unknown
        }
    };
    if decoded == ClientLine::ReportOnly {
        report_only(gateway, socket, displaced.older.take()).await;
        return;
    }
    if !matches!(decoded, ClientLine::Auth(_)) {
        displaced.trade();
    }
    obey(gateway, socket, chart, decoded, line).await;
}

async fn obey(
    gateway: &Arc<Gateway>,
    socket: &Arc<Socket>,
    chart: &mut Chart,
    decoded: ClientLine,
    line: Line,
) {
    match decoded {
        ClientLine::Auth(text) => handshake::repeat(socket, &text).await,
        ClientLine::Subscribe(token) => follower::subscribe(gateway, socket, &token).await,
        ClientLine::CheckStatus => follower::check_status(gateway, socket).await,
        ClientLine::SignalOpen(signal) => {
            chart::signal(gateway, socket, chart, &signal.symbol).await;
            master::open(gateway, socket, signal, line).await;
        }
        ClientLine::SignalClose(signal) => {
            chart::signal(gateway, socket, chart, &signal.symbol).await;
            master::close(gateway, socket, signal, line).await;
        }
        ClientLine::SetMode(mode) => master::set_mode(gateway, socket, mode).await,
        ClientLine::Ack { master_ticket, evidence } => {
            follower::answered_master(gateway, socket, master_ticket, evidence, line).await;
        }
        ClientLine::AckCloseOther { ticket, evidence } => {
            follower::answered_own(gateway, socket, ticket, evidence, line).await;
        }
        ClientLine::MasterSnapshot(tickets) => {
            chart::list(gateway, socket, chart, tickets, line.read_at).await;
        }
        ClientLine::FollowerSnapshot(tickets) => follower::list(gateway, socket, tickets).await,
        ClientLine::Account(report) if socket.take_figures(line.read_at) => {
            save_figures(gateway, socket, report).await;
        }
        ClientLine::InitSymbol { symbol, contract_size, digits } => {
            market::init_symbol(gateway, socket, symbol, contract_size, digits).await;
        }
        ClientLine::Price(price) => {
            socket.ticker().price(&price, line.read_at);
            chart::price(gateway, socket, chart, &price.symbol, line.read_at).await;
        }
        ClientLine::StopOutAlert(words) => stop_out(gateway, socket, &words),
        ClientLine::Account(_) | ClientLine::ReportOnly | ClientLine::Ping | ClientLine::Unknown => {}
    }
}

/// Passed on once an episode, beside the lines that follow: alerts come in storms.
fn stop_out(gateway: &Arc<Gateway>, socket: &Socket, words: &str) {
    let login = socket.login;
    if is_stop_out(words) && gateway.stop_outs.begins(login.account_id, Instant::now()) {
        tokio::spawn(crate::stop_out::propagate(Arc::clone(gateway), login));
    }
}

/// A line that only the other role may send: nothing is written, nothing answered.
pub(super) fn refused_by_role(socket: &Socket) {
    tracing::warn!(account.id = %socket.login.account_id, role = %socket.login.role, "line refused: not for this role");
}

async fn save_figures(gateway: &Gateway, socket: &Socket, report: flotilla_protocol::v7::AccountReport) {
    let (account, owner) = (socket.login.account_id, socket.login.owner_id);
    let reported = figures::ReportedFigures {
        balance: report.balance,
        equity: report.equity,
        margin: report.margin,
        free_margin: report.free_margin,
        currency: report.currency,
        leverage: report.leverage,
    };
    match gateway.db.open(async |tx| figures::save(tx, account, owner, &reported).await).await {
        Ok(()) => gateway.hint_account(&socket.login),
        Err(error) => tracing::warn!(%error, account.id = %account, "figures were not stored"),
    }
}

/// Gives the account back to the connection before it, or to none.
async fn report_only(gateway: &Gateway, socket: &Arc<Socket>, older: Option<Arc<Socket>>) {
    if !socket.settle_purpose(Purpose::Reporting) {
        return;
    }
    gateway.sockets.leave(socket);
    match older.filter(|older| !older.close.is_cancelled()) {
        Some(older) => {
            older.set_epoch(socket.epoch());
            gateway.sockets.enter(&older);
        }
        None => leave_session(gateway, socket).await,
    }
}

async fn leave(gateway: &Gateway, socket: &Socket) {
    let spoke = gateway.sockets.leave(socket);
    let chart = socket.chart_symbol();
    tracing::info!(account.id = %socket.login.account_id, session.epoch = socket.epoch(), ?chart, "EA disconnected");
    if spoke {
        leave_session(gateway, socket).await;
    }
}

/// A follower's claims are moved on after the answers it sent before.
async fn leave_session(gateway: &Gateway, socket: &Socket) {
    if socket.is_follower() {
        gateway.settler.session_ended(socket.login, socket.epoch()).await;
        return;
    }
    let (account, node) = (socket.login.account_id, gateway.node);
    match gateway.db.open(async |tx| sessions::leave(tx, account, node, None).await).await {
        Ok(_) => gateway.hint_account(&socket.login),
        Err(error) => tracing::warn!(%error, account.id = %account, "the end of a session was not stored"),
    }
}

/// Makes the peer's next send fail, so that it reconnects and sends again what
/// was not read.
fn reset(reader: &Reader) {
    let _ = SockRef::from(reader.input().as_ref()).set_linger(Some(Duration::ZERO));
}
