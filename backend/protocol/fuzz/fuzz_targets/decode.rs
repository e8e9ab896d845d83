//! Any line is read or refused, and an open that was read leaves as one line of eight fields.
#![no_main]

use bytes::BytesMut;
use flotilla_protocol::v7::{ClientLine, ServerLine, decode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &[u8]| {
    let Ok(ClientLine::SignalOpen(open)) = decode(line) else { return };
    let mut sent = BytesMut::new();
    ServerLine::Open {
        side: open.side,
        symbol: open.symbol,
        price: open.price,
        lots: open.lots,
        stop_loss: open.stop_loss,
        take_profit: open.take_profit,
        master_ticket: open.ticket,
    }
    .encode(&mut sent);
    assert_eq!(sent.iter().filter(|&&byte| byte == b'|').count(), 7);
    assert_eq!(sent.iter().position(|&byte| byte == b'\n'), Some(sent.len() - 1));
});
