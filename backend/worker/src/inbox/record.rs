//! Records of the inbound journal ↔ bytes. Pure: knows no file and no clock.
//!
//! A record is one line of text between two line feeds:
//!
//! ```text
//! <crc-32 of the rest> 1 <m|f> <id> <account> <owner> <boot> <epoch> <wall µs> <uptime µs> <the line>
//! ```
//!
//! * A line of an EA holds no line feed, because line feeds cut it. So nothing a
//!   peer sends can look like the edge of a record, also not when the record
//!   around it is damaged.
//! * Each record begins *and* ends with a line feed: a damaged one, wherever the
//!   damage is, costs itself and no neighbour; a torn end of a file costs the
//!   record that was being written.

use bytes::{BufMut, Bytes, BytesMut};
use flotilla_domain::account::CopyRole;
use flotilla_domain::id::{AccountId, OwnerId};
use uuid::Uuid;

/// Format that is written.
const VERSION: &str = "1";
const FIELDS_BEFORE_LINE: usize = 9;

/// A line that its sender will not repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Under which the line is processed: a signal's id, or the key of an
    /// answer's evidence. Whoever finds it stored has nothing left to do.
    pub id: Uuid,
    /// The account that sent it.
    pub account_id: AccountId,
    /// Owner of the account.
    pub owner_id: OwnerId,
    /// What the account was on the wire.
    pub role: CopyRole,
    /// Epoch of the session it came over.
    pub epoch: i64,
    /// When it was read.
    pub moment: Moment,
    /// The line, without its end.
    pub line: Bytes,
}

/// When a line was read, by two clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The run of the machine to which `uptime_us` belongs; nil: unknown.
    pub boot: Uuid,
    /// Microseconds since the machine started. No step of a clock reaches it.
    pub uptime_us: i64,
    /// Microseconds since 1970, by the machine's clock. May jump.
    pub wall_us: i64,
}

/// What was found in the bytes of a segment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Whole records, in the order written.
    pub records: Vec<Record>,
    /// Pieces that are no records: damaged, torn or of an unknown version.
    pub damaged: usize,
}

/// Appends a record, or nothing when its line could not be told from the edge
/// of a record.
pub fn encode(record: &Record, into: &mut BytesMut) -> bool {
    let role = match record.role {
        CopyRole::Master => 'm',
        CopyRole::Follower => 'f',
        CopyRole::None => return false,
    };
    if record.line.contains(&b'\n') {
        return false;
    }
    let Moment { boot, uptime_us, wall_us } = record.moment;
    let head = format!(
        "{VERSION} {role} {} {} {} {} {} {wall_us} {uptime_us} ",
        record.id.simple(),
        record.account_id.uuid().simple(),
        record.owner_id.uuid().simple(),
        boot.simple(),
        record.epoch,
    );
    let crc = checksum(&[head.as_bytes(), &record.line]);
    into.put_slice(format!("\n{crc:08x} {head}").as_bytes());
    into.put_slice(&record.line);
    into.put_u8(b'\n');
    true
}

/// Finds all whole records in the bytes of a segment.
#[must_use]
pub fn decode_all(bytes: &Bytes) -> Found {
    let mut found = Found::default();
    let pieces = bytes.split(|&byte| byte == b'\n').filter(|piece| !piece.is_empty());
    for piece in pieces {
        match decode(bytes, piece) {
            Some(record) => found.records.push(record),
            None => found.damaged += 1,
        }
    }
    found
}

/// `piece`: a part of `bytes`, whose memory the line goes on using.
fn decode(bytes: &Bytes, piece: &[u8]) -> Option<Record> {
    let (crc, rest) = piece.split_at_checked(9)?;
    let crc = u32::from_str_radix(std::str::from_utf8(crc).ok()?.strip_suffix(' ')?, 16).ok()?;
    if checksum(&[rest]) != crc {
        return None;
    }
    let mut fields = rest.splitn(FIELDS_BEFORE_LINE + 1, |&byte| byte == b' ');
    if text(fields.next()?)? != VERSION {
        return None;
    }
    let role = match text(fields.next()?)? {
        "m" => CopyRole::Master,
        "f" => CopyRole::Follower,
        _ => return None,
    };
    let [id, account, owner, boot] =
        [fields.next(), fields.next(), fields.next(), fields.next()].map(|field| identifier(field?));
    let [epoch, wall_us, uptime_us] =
        [fields.next(), fields.next(), fields.next()].map(|field| text(field?)?.parse::<i64>().ok());
    let line = fields.next()?;
    Some(Record {
        id: id?,
        account_id: AccountId::from_uuid(account?),
        owner_id: OwnerId::from_uuid(owner?),
        role,
        epoch: epoch?,
        moment: Moment { boot: boot?, uptime_us: uptime_us?, wall_us: wall_us? },
        line: bytes.slice_ref(line),
    })
}

fn text(field: &[u8]) -> Option<&str> {
    std::str::from_utf8(field).ok()
}

fn identifier(field: &[u8]) -> Option<Uuid> {
    Uuid::try_parse_ascii(field).ok()
}

fn checksum(parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn line() -> impl Strategy<Value = Bytes> {
        let any_byte_but_the_end = any::<u8>().prop_map(|byte| if byte == b'\n' { b'|' } else { byte });
        vec(any_byte_but_the_end, 0..200).prop_map(Bytes::from)
    }

    fn record() -> impl Strategy<Value = Record> {
        let ids = any::<[u128; 4]>().prop_map(|ids| ids.map(Uuid::from_u128));
        let numbers = any::<[i64; 3]>();
        (ids, numbers, any::<bool>(), line()).prop_map(|(ids, numbers, is_master, line)| {
            let ([id, account, owner, boot], [epoch, uptime_us, wall_us]) = (ids, numbers);
            Record {
                id,
                account_id: AccountId::from_uuid(account),
                owner_id: OwnerId::from_uuid(owner),
                role: if is_master { CopyRole::Master } else { CopyRole::Follower },
                epoch,
                moment: Moment { boot, uptime_us, wall_us },
                line,
            }
        })
    }

    fn written(records: &[Record]) -> (Vec<u8>, Vec<usize>) {
        let mut bytes = BytesMut::new();
        let mut ends = Vec::new();
        for record in records {
            assert!(encode(record, &mut bytes));
            ends.push(bytes.len());
        }
        (bytes.to_vec(), ends)
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_again(records in vec(record(), 0..8)) {
            let (bytes, _) = written(&records);

            let found = decode_all(&bytes.into());

            prop_assert_eq!(found, Found { records, damaged: 0 });
        }

        #[test]
        fn a_torn_end_costs_the_record_that_was_being_written(
            records in vec(record(), 1..6),
            cut in any::<prop::sample::Index>(),
        ) {
            let (mut bytes, ends) = written(&records);
            bytes.truncate(cut.index(bytes.len()));
            // Only the line feed at the end of a record may be missing.
            let whole = ends.iter().filter(|&&end| end <= bytes.len() + 1).count();

            let found = decode_all(&bytes.into());

            prop_assert_eq!(&found.records, &records[..whole]);
            prop_assert!(found.damaged <= 1);
        }

        #[test]
        fn what_is_written_after_a_torn_record_is_read(
            torn in record(),
            after in record(),
            cut in any::<prop::sample::Index>(),
        ) {
            let (mut bytes, ends) = written(std::slice::from_ref(&torn));
            bytes.truncate(cut.index(ends[0] - 1));
            bytes.extend(written(std::slice::from_ref(&after)).0);

            prop_assert_eq!(decode_all(&bytes.into()).records, [after]);
        }

        #[test]
        fn a_damaged_byte_costs_its_record_and_no_other(
            records in vec(record(), 1..6),
            place in any::<prop::sample::Index>(),
            change in 1_u8..,
        ) {
            let (mut bytes, ends) = written(&records);
            let place = place.index(bytes.len());
            bytes[place] ^= change;
            let hit = ends.iter().position(|&end| place < end).unwrap();

            let found = decode_all(&bytes.into()).records;

            let others: Vec<_> =
                records.iter().enumerate().filter(|(index, _)| *index != hit).map(|(_, r)| r.clone()).collect();
            prop_assert!(found == others || found == records, "{found:?}");
        }

        #[test]
        fn anything_at_all_is_read_without_harm(bytes in vec(any::<u8>(), 0..2_000)) {
            let found = decode_all(&Bytes::from(bytes));

            prop_assert!(found.records.is_empty());
        }

        #[test]
        fn a_record_inside_a_line_is_no_record(outer in record(), inner in record(), cut in 0_usize..200) {
            let (forged, _) = written(&[inner]);
            let line: Vec<u8> = forged.into_iter().filter(|&byte| byte != b'\n').collect();
            let outer = Record { line: line.into(), ..outer };
            let (mut bytes, _) = written(std::slice::from_ref(&outer));
            bytes.truncate(bytes.len().saturating_sub(cut));

            let found = decode_all(&bytes.into()).records;

            prop_assert!(found.is_empty() || found == [outer]);
        }
    }

    #[test]
    fn a_line_with_a_line_feed_is_not_written() {
        let line = Bytes::from_static(b"ACK_OPEN|1|2\n3|4");
        let moment = Moment { boot: Uuid::nil(), uptime_us: 0, wall_us: 0 };
        let (account_id, owner_id) = (AccountId::from_uuid(Uuid::nil()), OwnerId::from_uuid(Uuid::nil()));
        let record = Record {
            id: Uuid::nil(),
            account_id,
            owner_id,
            role: CopyRole::Follower,
            epoch: 1,
            moment,
            line,
        };
        let mut bytes = BytesMut::new();

        assert!(!encode(&record, &mut bytes));
        assert!(bytes.is_empty());
    }
}
