//! One connection, from its first byte to its last.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use flotilla_engine::stop_out::is_stop_out;
use flotilla_protocol::v7::{ClientLine, ServerLine, decode};
use flotilla_store::sessions;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tracing::field::Empty;
use tracing::{Instrument, Span};

use crate::addresses;
use crate::ea::chart::{self, Chart};
use crate::ea::framing::{LineLimits, LineReader, Patience};
use crate::ea::handshake::{self, Key};
use crate::ea::listener::Place;
use crate::ea::pace::Pace;
use crate::ea::positions::Positions;
use crate::ea::socket::{Purpose, Socket};
use crate::ea::{follower, market, master, reporter, writer};
use crate::gateway::Gateway;
use crate::measure::{self, Outcome, Session};

/// How long the next line may take that a peer has sent before its connection is reset.
const REST_WITHIN: Duration = Duration::from_millis(10);
/// For a stream to end in good order.
const FAREWELL: Duration = Duration::from_secs(1);

pub(super) type Reader<S> = LineReader<ReadHalf<S>>;

/// What a connection runs over: plain or encrypted.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// The socket beneath.
    fn tcp(&self) -> &TcpStream;
}

impl Stream for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Stream for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// A line and when it was read.
pub(crate) struct Line {
    pub bytes: Bytes,
    pub read_at: Instant,
}

/// Who connected.
pub(crate) struct Peer {
    pub address: IpAddr,
    /// Until when it has to present a key.
    pub deadline: Instant,
    /// Held until it has.
    pub place: Place,
}

/// Serves a connection until it ends.
pub(crate) async fn serve<S: Stream>(gateway: Arc<Gateway>, stream: S, peer: Peer) {
    let (input, mut output) = tokio::io::split(stream);
    let timing = &gateway.config.timing;
    let before = gateway.config.limits.line_before_auth;
    let patience = Patience { finish_line: timing.finish_line, idle: timing.idle };
    let mut reader =
        LineReader::new(input, LineLimits { line: before, snapshot: before }, patience).text_only();

    let key = tokio::select! {
        key = handshake::authenticate(&gateway, &mut reader, &mut output, &peer) => key,
        () = gateway.closing.cancelled() => None,
    };
    let Some(key) = key else {
        return;
    };
    addresses::watch(&gateway, key.login, peer.address);
    let is_reporter = reader.holds(reporter::WORD);
    if !is_reporter && handshake::is_fought_over(&gateway, &key.login, peer.address).await {
        // Held, because its terminal tries again as soon as it ends.
        handshake::hold(&gateway, &mut reader).await;
        return;
    }
    reader.take_bytes();
    // Known: its place is for the next stranger.
    drop(peer.place);
    let limits = &gateway.config.limits;
    reader.set_limits(LineLimits { line: limits.line, snapshot: limits.snapshot_line });
    let number = gateway.number();
    let span = tracing::info_span!("ea", number, account.id = %key.login.account_id, session.epoch = Empty);
    converse(&gateway, (reader, output), key, number, is_reporter).instrument(span).await;
}

async fn converse<S: Stream>(
    gateway: &Arc<Gateway>,
    (mut reader, output): (Reader<S>, WriteHalf<S>),
    key: Key,
    number: u64,
    is_reporter: bool,
) {
    let _session = Session::begin((!is_reporter).then_some(key.login.role));
    let close = CancellationToken::new();
    let capacity = gateway.config.limits.queued_commands;
    let (socket, queues) = Socket::new(number, key.login, key.hash, capacity, close);
    let socket = Arc::new(socket);
    if is_reporter {
        socket.report_only();
    }
    let writing = writer::run(Arc::clone(gateway), Arc::clone(&socket), output, queues);
    let writer = tokio::spawn(writing.in_current_span());

    if is_reporter {
        tracing::info!("EA connected, to report only");
        socket.reply(&ServerLine::AuthOk).await;
        reporter::enter(gateway, &socket);
        follow_lines(gateway, &mut reader, &socket, None).await;
    } else {
        enter(gateway, &mut reader, &socket).await;
    }

    socket.close.cancel();
    if let Ok(output) = writer.await {
        end(reader.into_input().unsplit(output), gateway.resets()).await;
    }
    leave(gateway, &socket).await;
}

/// Lets a connection speak for its account.
async fn enter<R: AsyncRead + Unpin>(
    gateway: &Arc<Gateway>,
    reader: &mut LineReader<R>,
    socket: &Arc<Socket>,
) {
    match handshake::enter(gateway, socket).await {
        Ok(entered) => {
            Span::current().record("session.epoch", socket.epoch());
            tracing::info!("EA connected");
            socket.answer(&ServerLine::AuthOk, Some(entered.is_copying)).await;
            follow_lines(gateway, reader, socket, entered.older).await;
        }
        Err(error) => tracing::error!(%error, "EA cannot be let in"),
    }
}

/// Ends the stream: in good order, or so that the peer's next send fails. Then
/// it reconnects and sends again what was not read.
async fn end<S: Stream>(mut stream: S, resets: bool) {
    if resets {
        let _ = SockRef::from(stream.tcp()).set_linger(Some(Duration::ZERO));
    } else {
        // A peer that takes nothing more is not waited for.
        let _ = timeout(FAREWELL, stream.shutdown()).await;
    }
}

/// Reads lines and acts on each before the next, so that their order holds.
async fn follow_lines<R: AsyncRead + Unpin>(
    gateway: &Arc<Gateway>,
    reader: &mut LineReader<R>,
    socket: &Arc<Socket>,
    displaced: Option<Arc<Socket>>,
) {
    let mut talk = Talk::new(displaced);
    listen(gateway, reader, socket, &mut talk).await;
    // Whoever ended before it spoke leaves nobody behind who is connected and gets no commands.
    talk.end_older(gateway, socket);
}

async fn listen<R: AsyncRead + Unpin>(
    gateway: &Arc<Gateway>,
    reader: &mut LineReader<R>,
    socket: &Arc<Socket>,
    talk: &mut Talk,
) {
    let mut pace = Pace::new(&gateway.config.limits, Instant::now());
    let grace = tokio::time::sleep(gateway.config.timing.role_grace);
    tokio::pin!(grace);
    loop {
        let line = tokio::select! {
            biased;
            () = socket.close.cancelled() => {
                if gateway.resets() || socket.reads_rest() {
                    read_rest(gateway, reader, socket, talk).await;
                }
                return;
            }
            line = reader.next() => line,
            () = &mut grace, if socket.purpose() == Purpose::Unknown => {
                talk.trade(gateway, socket);
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
        act(gateway, socket, talk, Line { bytes, read_at }).await;
        let wait = pace.take(Instant::now());
        if wait > Duration::ZERO {
            tokio::time::sleep(wait).await;
        }
    }
}

/// What the peer has sent already it will not send again: before its connection
/// is reset, it is read and journalled. Of a follower that goes on over another
/// connection only answers are: that is where it follows and lists.
async fn read_rest<R: AsyncRead + Unpin>(
    gateway: &Arc<Gateway>,
    reader: &mut LineReader<R>,
    socket: &Arc<Socket>,
    talk: &mut Talk,
) {
    for _ in 0..gateway.config.limits.line_burst {
        let Ok(Ok((bytes, read_at))) = timeout(REST_WITHIN, reader.next()).await else { return };
        if !socket.is_follower() || gateway.resets() || is_answer(&bytes) {
            act(gateway, socket, talk, Line { bytes, read_at }).await;
        }
    }
}

/// Whether a line tells what became of an order or a position.
fn is_answer(line: &[u8]) -> bool {
    matches!(decode(line), Ok(ClientLine::Ack { .. } | ClientLine::AckCloseOther { .. }))
}

/// What a connection has said so far.
#[derive(Default)]
struct Talk {
    /// The older connection of a follower, until it is clear what this one is for.
    older: Option<Arc<Socket>>,
    /// Whether it said anything but its key: only its first line may make it a reporter.
    has_spoken: bool,
    chart: Chart,
    positions: Positions,
}

impl Talk {
    fn new(older: Option<Arc<Socket>>) -> Self {
        Self { older, ..Self::default() }
    }

    /// This connection trades: the older is over.
    fn trade(&mut self, gateway: &Gateway, socket: &Socket) {
        socket.settle_purpose(Purpose::Trading);
        self.end_older(gateway, socket);
    }

    /// The older connection does not speak for its account any more: its terminal connects again once it is closed.
    /// One that turned out to report only goes on.
    fn end_older(&mut self, gateway: &Gateway, socket: &Socket) {
        if let Some(older) = self.older.take().filter(|older| older.purpose() != Purpose::Reporting) {
            gateway.takeovers.note(socket.login.account_id, Instant::now());
            older.cut_off();
        }
    }
}

async fn act(gateway: &Arc<Gateway>, socket: &Arc<Socket>, talk: &mut Talk, line: Line) {
    let decoded = match decode(&line.bytes) {
        Ok(decoded) => {
            measure::line(measure::verb(&decoded), Outcome::Read);
            decoded
        }
        Err(error) => {
            measure::line(measure::refused_verb(&error), Outcome::Unreadable);
            gateway.refusals.note(&socket.login, error.to_string());
            tracing::warn!(%error, "line refused");
            ClientLine::Unknown
        }
    };
    if socket.purpose() == Purpose::Reporting {
        return reporter::obey(gateway, socket, &mut talk.positions, decoded, &line).await;
    }
    let is_first = !talk.has_spoken;
    talk.has_spoken |= !matches!(decoded, ClientLine::Auth(_));
    if decoded == ClientLine::ReportOnly {
        if is_first {
            report_only(gateway, socket, talk.older.take()).await;
        }
        return;
    }
    if talk.has_spoken {
        talk.trade(gateway, socket);
    }
    obey(gateway, socket, talk, decoded, line).await;
}

async fn obey(
    gateway: &Arc<Gateway>,
    socket: &Arc<Socket>,
    Talk { chart, positions, .. }: &mut Talk,
    decoded: ClientLine,
    line: Line,
) {
    match decoded {
        ClientLine::Auth(text) => handshake::repeat(socket, &text).await,
        ClientLine::Subscribe(token) => follower::subscribe(gateway, socket, &token).await,
        ClientLine::CheckStatus => follower::check_status(gateway, socket).await,
        ClientLine::SignalOpen(signal) => {
            let symbol = signal.symbol.clone();
            master::open(gateway, socket, signal, line).await;
            chart::signal(gateway, socket, chart, symbol);
        }
        ClientLine::SignalClose(signal) => {
            let symbol = signal.symbol.clone();
            master::close(gateway, socket, signal, line).await;
            chart::signal(gateway, socket, chart, symbol);
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
        ClientLine::InitSymbol { symbol, contract_size, digits } => {
            market::init_symbol(gateway, socket, symbol, contract_size, digits).await;
        }
        ClientLine::Price(price) => {
            socket.ticker().price(&price, line.read_at);
            chart::price(gateway, socket, chart, line.read_at).await;
        }
        ClientLine::StopOutAlert(words) => stop_out(gateway, socket, &words),
        ClientLine::ReportOnly | ClientLine::Ping | ClientLine::Unknown => {}
        reported => {
            reporter::report(gateway, socket, positions, reported, line.read_at);
        }
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
pub(super) fn refused_by_role(gateway: &Gateway, socket: &Socket, verb: &'static str) {
    let role = socket.login.role;
    gateway.refusals.note(&socket.login, format!("{verb}: not from a {role}"));
    measure::line(verb, Outcome::OfAnotherRole);
    tracing::warn!(%role, "line refused: not for this role");
}

/// Gives the account back to the connection before it, or to none. Should its
/// first line have come so late that it was taken for a follower, what was
/// written to it is in doubt, and that follower comes back by itself.
async fn report_only(gateway: &Arc<Gateway>, socket: &Arc<Socket>, older: Option<Arc<Socket>>) {
    let older = older.filter(|older| !older.close.is_cancelled() && older.purpose() != Purpose::Reporting);
    let is_given_back = older.as_ref().is_some_and(|older| gateway.sockets.give_back(socket, older));
    if !is_given_back {
        gateway.sockets.leave(socket);
    }
    // Only now, for its writer looks who takes the commands that wait here.
    socket.report_only();
    reporter::enter(gateway, socket);
    match older {
        // It may have left before it was entered again.
        Some(older) if is_given_back => {
            if older.close.is_cancelled() && gateway.sockets.leave(&older) {
                leave_session(gateway, &older).await;
            }
        }
        // A newer one has the place, and this one must not stay without it.
        Some(older) => older.cut_off(),
        None => leave_session(gateway, socket).await,
    }
}

async fn leave(gateway: &Gateway, socket: &Socket) {
    gateway.figures.leave(socket.login.account_id, socket.number);
    gateway.reporters.leave(socket);
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
    match gateway.converse(async |tx| sessions::leave(tx, account, node, None).await).await {
        Ok(_) => gateway.hint_account(&socket.login),
        Err(error) => tracing::warn!(%error, account.id = %account, "the end of a session was not stored"),
    }
}
