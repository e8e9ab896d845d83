//! Connections that only report: they tell figures and take no commands.
//!
//! A reporter sends `REPORT_ONLY` in one packet with its key. Then it never speaks for its account's session, and the
//! EA beside it notices nothing. One that waits for `AUTH_OK` first has entered the session for a moment, which is
//! given back.

use std::sync::Arc;

use flotilla_protocol::v7::ClientLine;
use tokio::time::Instant;

use crate::ea::connection::Line;
use crate::ea::positions::Positions;
use crate::ea::socket::Socket;
use crate::ea::{follower, handshake};
use crate::figures::{self, frame::Frame};
use crate::gateway::Gateway;
use crate::measure::{self, Outcome};
use crate::resets;

/// What says that a connection only reports.
pub(super) const WORD: &[u8] = b"REPORT_ONLY";
/// Reporters of one account at once; the oldest makes room.
const BESIDE: usize = 8;

/// Enters a connection that turned out to report only.
pub(super) fn enter(gateway: &Arc<Gateway>, socket: &Arc<Socket>) {
    if let Some(oldest) = gateway.reporters.stand_beside(socket, BESIDE) {
        oldest.close.cancel();
    }
    tokio::spawn(resets::tell(Arc::clone(gateway), vec![socket.login.account_id]));
}

/// Acts on a line of a reporter.
pub(super) async fn obey(
    gateway: &Arc<Gateway>,
    socket: &Arc<Socket>,
    positions: &mut Positions,
    decoded: ClientLine,
    line: &Line,
) {
    match decoded {
        ClientLine::Auth(text) => handshake::repeat(socket, &text).await,
        ClientLine::CheckStatus => follower::check_status(gateway, socket).await,
        ClientLine::Ping | ClientLine::Unknown | ClientLine::ReportOnly => {}
        other => {
            let verb = measure::verb(&other);
            if !report(gateway, socket, positions, other, line.read_at) {
                gateway.refusals.note(&socket.login, format!("{verb}: not from a reporter"));
                measure::line(verb, Outcome::OfAnotherRole);
                tracing::warn!(verb, "line refused: not from a reporter");
            }
        }
    }
}

/// Takes in what any connection may tell of its account; false: the line is something else.
pub(super) fn report(
    gateway: &Arc<Gateway>,
    socket: &Socket,
    positions: &mut Positions,
    decoded: ClientLine,
    read_at: Instant,
) -> bool {
    match decoded {
        ClientLine::Account(report) => {
            let (open, pending) = (positions.known(read_at), positions.pending(read_at));
            let frame = Frame::new(report, open, read_at).with_pending(pending);
            figures::hear(gateway, socket, frame);
        }
        ClientLine::PositionsBegin { is_connected } => positions.begin(is_connected),
        ClientLine::Position(position) => positions.add(position),
        ClientLine::PositionsEnd { count, pending } => positions.end((count, pending), read_at),
        ClientLine::Symbol(symbol) => positions.learn(symbol),
        _ => return false,
    }
    true
}
