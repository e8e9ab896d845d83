//! Writes one socket's lines.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_engine::deadline::WRITE_WITHIN;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use crate::ea::socket::{Command, OpenMark, Purpose, Queues, Socket};
use crate::failpoint::{self, Point};
use crate::flight::{Clearance, Flights};
use crate::gateway::Gateway;
use crate::measure;
use crate::settle::NotWritten;

/// Bytes that leave in one write; more lines wait for the next.
const WRITE_SIZE: usize = 32 * 1024;

/// Writes lines until the socket is closed, answers before commands, then hands
/// back what it did not write, and the stream.
pub(crate) async fn run<W: AsyncWrite + Unpin>(
    gateway: Arc<Gateway>,
    socket: Arc<Socket>,
    mut output: W,
    mut queues: Queues,
) -> W {
    while let Some(next) = next(&socket, &mut queues).await {
        if matches!(next, Line::PurposeKnown) {
            if socket.purpose() == Purpose::Reporting {
                give_back(&gateway, &socket, &mut queues).await;
            }
            continue;
        }
        let mut batch = Batch::default();
        batch.add(next, &gateway.flights);
        while batch.bytes.len() < WRITE_SIZE {
            let Some(more) = more(&mut queues) else { break };
            batch.add(more, &gateway.flights);
        }
        batch.pass(Point::Writing, Point::CloseWriting);
        match timeout(batch.time_left(gateway.config.timing.write), output.write_all(&batch.bytes)).await {
            Ok(Ok(())) => note_written(&gateway, &batch),
            Ok(Err(_)) | Err(_) => socket.cut_off(),
        }
        // May wait for the database, so after what may be written only now.
        gateway.settler.not_written(batch.stale).await;
    }
    socket.close.cancel();
    give_back(&gateway, &socket, &mut queues).await;
    output
}

enum Line {
    Reply(Bytes),
    Command(Command),
    /// Nothing to write; commands may flow now, or never.
    PurposeKnown,
}

/// The next line; `None` once the socket is closed or takes no commands.
async fn next(socket: &Socket, queues: &mut Queues) -> Option<Line> {
    let purpose = *queues.purpose.borrow_and_update();
    tokio::select! {
        biased;
        () = socket.close.cancelled() => None,
        reply = queues.replies.recv() => reply.map(Line::Reply),
        changed = queues.purpose.changed(), if purpose != Purpose::Reporting => changed.ok().map(|()| Line::PurposeKnown),
        command = queues.commands.recv(), if purpose == Purpose::Trading => command.map(Line::Command),
    }
}

fn more(queues: &mut Queues) -> Option<Line> {
    if let Ok(reply) = queues.replies.try_recv() {
        return Some(Line::Reply(reply));
    }
    if *queues.purpose.borrow() != Purpose::Trading {
        return None;
    }
    queues.commands.try_recv().ok().map(Line::Command)
}

#[derive(Default)]
struct Batch {
    bytes: BytesMut,
    opens: Vec<OpenMark>,
    stale: Vec<NotWritten>,
    /// Commands that are no opens: closes.
    has_closes: bool,
}

impl Batch {
    fn add(&mut self, line: Line, flights: &Flights) {
        match line {
            Line::PurposeKnown => {}
            Line::Reply(line) => self.bytes.extend_from_slice(&line),
            Line::Command(Command { line, open: None }) => {
                self.bytes.extend_from_slice(&line);
                self.has_closes = true;
            }
            Line::Command(Command { line, open: Some(mark) }) => self.add_open(&line, mark, flights),
        }
    }

    /// An open is written within two seconds of its commit or not at all: whoever
    /// takes over after that may rely on it. And it is not written once its
    /// master has left.
    fn add_open(&mut self, line: &Bytes, mark: OpenMark, flights: &Flights) {
        let is_late = mark.clearance.committed.elapsed() >= WRITE_WITHIN;
        let stale = is_late.then_some(ReasonCode::Stale);
        if let Some(reason) = stale.or_else(|| flights.withdrawn(mark.copy)) {
            self.stale.push(NotWritten { copy: mark.copy, reason });
            return;
        }
        self.bytes.extend_from_slice(line);
        self.opens.push(mark);
    }

    /// How long writing it may take: what is of an open may not follow later than its beginning.
    fn time_left(&self, most: Duration) -> Duration {
        let left = |mark: &OpenMark| WRITE_WITHIN.saturating_sub(mark.clearance.committed.elapsed());
        self.opens.iter().map(left).fold(most, Duration::min)
    }

    fn pass(&self, with_opens: Point, with_closes: Point) {
        if !self.opens.is_empty() {
            failpoint::pass(with_opens);
        }
        if self.has_closes {
            failpoint::pass(with_closes);
        }
    }
}

fn note_written(gateway: &Gateway, batch: &Batch) {
    let now = Instant::now();
    for open in &batch.opens {
        let Clearance { committed, way } = &open.clearance;
        gateway.flights.note(open.copy, *committed, now);
        measure::written(now.saturating_duration_since(*committed));
        if let Some(way) = way {
            way.written(now);
        }
    }
    batch.pass(Point::Sent, Point::CloseSent);
}

/// Commands nobody wrote: of a socket that turned out to report only they go to
/// the account's trading socket, else their copies are told.
async fn give_back(gateway: &Gateway, socket: &Socket, queues: &mut Queues) {
    queues.commands.close();
    let heir = gateway.sockets.newest(socket.login.account_id).filter(|heir| heir.number != socket.number);
    let mut unwritten = Vec::new();
    while let Ok(command) = queues.commands.try_recv() {
        let refused = match (&heir, socket.purpose()) {
            (Some(heir), Purpose::Reporting) => heir.command(command).err(),
            _ => Some(command),
        };
        let open = refused.and_then(|command| command.open);
        unwritten.extend(open.map(|mark| NotWritten { copy: mark.copy, reason: ReasonCode::Offline }));
    }
    gateway.settler.not_written(unwritten).await;
}

#[cfg(test)]
mod tests {
    use flotilla_domain::id::CopyId;
    use uuid::Uuid;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_open_is_written_in_time_or_not_at_all() {
        let clearance = Clearance::late(Instant::now());
        let flights = Flights::default();
        let open = |number| opening(number, &clearance);
        let mut batch = Batch::default();

        batch.add(open(1), &flights);
        tokio::time::advance(WRITE_WITHIN.saturating_sub(Duration::from_millis(1))).await;
        batch.add(open(2), &flights);
        tokio::time::advance(Duration::from_millis(1)).await;
        batch.add(open(3), &flights);
        batch.add(Line::Command(Command { line: Bytes::from_static(b"CMD_CLOSE\n"), open: None }), &flights);

        assert_eq!(batch.bytes, b"CMD_OPEN\nCMD_OPEN\nCMD_CLOSE\n"[..]);
        assert_eq!(batch.stale.iter().map(|open| open.copy.uuid().as_u128()).collect::<Vec<_>>(), [3]);
    }

    #[tokio::test]
    async fn an_open_whose_master_has_left_is_not_written() {
        let clearance = Clearance::late(Instant::now());
        let flights = Flights::default();
        let mut batch = Batch::default();

        flights.withdraw(copy(1), ReasonCode::MasterClosed);
        batch.add(opening(1, &clearance), &flights);
        batch.add(opening(2, &clearance), &flights);

        assert_eq!(batch.bytes, b"CMD_OPEN\n"[..]);
        let told: Vec<_> = batch.stale.iter().map(|open| (open.copy, open.reason)).collect();
        assert_eq!(told, [(copy(1), ReasonCode::MasterClosed)]);
    }

    fn copy(number: u128) -> CopyId {
        CopyId::from_uuid(Uuid::from_u128(number))
    }

    fn opening(number: u128, clearance: &Clearance) -> Line {
        let line = Bytes::from_static(b"CMD_OPEN\n");
        let mark = OpenMark { copy: copy(number), clearance: clearance.clone() };
        Line::Command(Command { line, open: Some(mark) })
    }
}
