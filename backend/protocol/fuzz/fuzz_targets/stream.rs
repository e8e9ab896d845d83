//! Any stream is cut into lines that hold no line end, and what stays behind is within the limit.
#![no_main]

use bytes::BytesMut;
use flotilla_protocol::line::next_line;
use flotilla_protocol::v7::decode;
use libfuzzer_sys::fuzz_target;

const MAX: usize = 256;

fuzz_target!(|packets: Vec<Vec<u8>>| {
    let mut buf = BytesMut::new();
    for packet in packets {
        buf.extend_from_slice(&packet);
        loop {
            match next_line(&mut buf, MAX) {
                Ok(Some(line)) => {
                    assert!(line.len() <= MAX && !line.contains(&b'\n'));
                    let _ = decode(&line);
                }
                Ok(None) => break,
                Err(_) => return,
            }
        }
        assert!(buf.len() <= MAX);
    }
});
