//! What must hold for any bytes. Shared by the targets of cargo-fuzz and by the harness that runs with the tests.

use bytes::BytesMut;
use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::risk::amount::is_bounded;
use flotilla_domain::risk::phase::is_currency;
use flotilla_domain::symbol::PROTOCOL_WORDS;
use flotilla_domain::ticket::Ticket;
use flotilla_protocol::line::next_line;
use flotilla_protocol::v7::{AccountReport, ClientLine, ServerLine, Watched, decode};

const MAX: usize = 256;

/// Any line is read or refused, and what was read leaves as one sound line.
pub fn line(line: &[u8]) {
    match decode(line) {
        Ok(ClientLine::SignalOpen(open)) => sound_open(&ServerLine::Open {
            side: open.side,
            symbol: open.symbol,
            price: open.price,
            lots: open.lots,
            stop_loss: open.stop_loss,
            take_profit: open.take_profit,
            master_ticket: open.ticket,
        }),
        Ok(ClientLine::Ack { master_ticket, evidence: Evidence::OpenRefused { reason } }) => {
            let sent = encoded(&ServerLine::SyncClose { ticket: master_ticket, reason });
            assert_eq!(sent.split('|').count(), 3, "{sent}");
        }
        Ok(ClientLine::MasterSnapshot(tickets) | ClientLine::FollowerSnapshot(tickets)) => {
            sound_list(line, &tickets);
        }
        Ok(ClientLine::Account(report)) => sound_figures(&report),
        Ok(ClientLine::Position(report)) => {
            assert!([report.profit, report.swap, report.lots.value()].into_iter().all(is_bounded));
        }
        Ok(_) | Err(_) => {}
    }
}

/// Any stream is cut into lines that hold no line end, whatever the packets, and what stays behind is within the limit.
///
/// The first byte of each packet is its length.
pub fn stream(bytes: &[u8]) {
    let mut rest = bytes;
    let (mut buf, mut whole) = (BytesMut::new(), Vec::new());
    let mut lines = Vec::new();
    while let Some((&length, after)) = rest.split_first() {
        let (packet, after) = after.split_at(usize::from(length).min(after.len()));
        rest = after;
        buf.extend_from_slice(packet);
        whole.extend_from_slice(packet);
        loop {
            match next_line(&mut buf, MAX) {
                Ok(Some(line)) => {
                    assert!(line.len() <= MAX && !line.contains(&b'\n'));
                    let _ = decode(&line);
                    lines.push(line.to_vec());
                }
                Ok(None) => break,
                Err(_) => return,
            }
        }
        assert!(buf.len() <= MAX);
    }
    let mut at_once = BytesMut::from(whole.as_slice());
    for line in lines {
        assert_eq!(next_line(&mut at_once, MAX).expect("read before").expect("read before"), line);
    }
    assert_eq!(at_once, buf);
}

/// A list of tickets is whole or refused: acting on half of it would close what is open.
pub fn list(words: &[u8]) {
    for verb in ["MASTER_SNAPSHOT:", "SLAVE_SNAPSHOT:"] {
        line(&[verb.as_bytes(), words].concat());
    }
}

fn sound_open(open: &ServerLine) {
    let sent = encoded(open);
    let fields: Vec<&str> = sent.split('|').collect();
    assert_eq!(fields.len(), 8, "{sent}");
    assert!(matches!(fields.get(1), Some(&("BUY" | "SELL"))), "{sent}");
    for number in fields.iter().skip(3).take(4) {
        assert!(number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'), "{sent}");
    }
    for word in PROTOCOL_WORDS {
        assert!(!fields.iter().skip(1).any(|field| field.contains(word)), "{sent}");
    }
}

fn sound_list(line: &[u8], tickets: &[Ticket]) {
    let text = String::from_utf8_lossy(line);
    let (_, list) = text.split_once(':').expect("a list has a verb");
    let named = list.split(',').filter(|word| !word.trim().is_empty());
    let distinct: std::collections::BTreeSet<i64> =
        named.map(|word| word.trim().parse().expect("a list that was taken holds numbers only")).collect();
    let taken: std::collections::BTreeSet<i64> = tickets.iter().map(|ticket| ticket.value()).collect();
    assert_eq!(distinct, taken, "{text}");
    assert_eq!(taken.len(), tickets.len(), "duplicates collapse: {text}");
}

/// What the risk engine could not read back would stop an account's risk for good.
fn sound_figures(report: &AccountReport) {
    let AccountReport { balance, equity, margin, free_margin, .. } = report;
    assert!([balance, equity, margin, free_margin].into_iter().all(|amount| is_bounded(*amount)));
    assert!(is_currency(&report.currency));
    if let Some(Watched { high, low, .. }) = report.watched {
        assert!(is_bounded(high) && is_bounded(low) && low <= high);
    }
}

/// What leaves: one line, without its end.
fn encoded(line: &ServerLine) -> String {
    let mut sent = BytesMut::new();
    line.encode(&mut sent);
    let sent = String::from_utf8(sent.to_vec()).expect("text");
    assert_eq!(sent.matches(['\n', '\r']).count(), 1, "{sent:?}");
    sent.strip_suffix('\n').expect("one end, at the end").to_owned()
}
