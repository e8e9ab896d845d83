//! Cutting lines out of a stream of bytes.

use bytes::{Buf, Bytes, BytesMut};

use crate::error::DecodeError;

/// Cuts the next line out of `buf`, without its `\n` or `\r\n`.
///
/// * `max`: longest line in bytes, not counting its `\n`.
/// * `Ok(None)` means "read more bytes"; the unfinished line stays in `buf`.
///
/// # Errors
///
/// [`DecodeError::TooLong`] when no line ends within `max` bytes. After it the
/// boundary of the next line is unknown: disconnect.
pub fn next_line(buf: &mut BytesMut, max: usize) -> Result<Option<Bytes>, DecodeError> {
    match buf.iter().take(max.saturating_add(1)).position(|&byte| byte == b'\n') {
        None if buf.len() > max => Err(DecodeError::TooLong(max)),
        None => Ok(None),
        Some(end) => {
            let mut line = buf.split_to(end).freeze();
            buf.advance(1);
            if line.ends_with(b"\r") {
                line.truncate(end.saturating_sub(1));
            }
            Ok(Some(line))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_ends_with_either_end_and_the_rest_stays() {
        let mut buf = BytesMut::from(&b"AUTH:k\r\nPING\n\nCHECK_ST"[..]);

        assert_eq!(next_line(&mut buf, 64), Ok(Some(Bytes::from_static(b"AUTH:k"))));
        assert_eq!(next_line(&mut buf, 64), Ok(Some(Bytes::from_static(b"PING"))));
        assert_eq!(next_line(&mut buf, 64), Ok(Some(Bytes::new())));
        assert_eq!(next_line(&mut buf, 64), Ok(None));
        assert_eq!(buf, b"CHECK_ST"[..]);
    }

    #[test]
    fn a_line_of_exactly_the_limit_passes_and_one_byte_more_does_not() {
        assert_eq!(next_line(&mut BytesMut::from(&b"1234\n"[..]), 4), Ok(Some(Bytes::from_static(b"1234"))));
        assert_eq!(next_line(&mut BytesMut::from(&b"1234"[..]), 4), Ok(None));
        assert_eq!(next_line(&mut BytesMut::from(&b"12345"[..]), 4), Err(DecodeError::TooLong(4)));
        assert_eq!(next_line(&mut BytesMut::from(&b"12345\n"[..]), 4), Err(DecodeError::TooLong(4)));
    }

    proptest! {
        #[test]
        fn packets_may_be_split_anywhere(lines in prop::collection::vec("[ -~]{0,40}", 0..20), cut in 1usize..50) {
            let stream: Vec<u8> = lines.iter().flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect();
            let mut buf = BytesMut::new();
            let mut read = Vec::new();

            for packet in stream.chunks(cut) {
                buf.extend_from_slice(packet);
                while let Some(line) = next_line(&mut buf, 64).unwrap() {
                    read.push(String::from_utf8(line.to_vec()).unwrap());
                }
            }

            prop_assert_eq!(read, lines);
        }
    }
}
