//! The audit trail of one owner: a chain in which every row names the hash of the one before.
//!
//! The chain makes edits, removals and reorderings visible to whoever walks it. It cannot show
//! that the *end* was cut off: for that, compare with a [`ChainHead`] kept outside the database.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::id::{OwnerId, UserId};

/// SHA-256 of an audit row.
pub type AuditHash = [u8; 32];

/// What the first row of every chain names as its predecessor.
pub const FIRST_PREV_HASH: AuditHash = [0; 32];

/// Separates these hashes from any other use of SHA-256; the number is the format of the row.
const DOMAIN: &[u8] = b"flotilla audit row 1";

/// One audited action, as it enters the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Tenant whose chain this is.
    pub owner_id: OwnerId,
    /// Place in the owner's chain: 1, 2, 3 … without gaps.
    pub seq: i64,
    /// Time of the action; microseconds count, anything finer is ignored.
    pub at: DateTime<Utc>,
    /// Who acted; `None` when the system did.
    pub actor_id: Option<UserId>,
    /// What was done, as in `account_archived`.
    pub action: String,
    /// Kind of thing it was done to, as in `account`; `None` when there is no single one.
    pub target_kind: Option<String>,
    /// The thing itself; `None` when there is no single one.
    pub target_id: Option<Uuid>,
    /// JSON text with what else is worth knowing, never secrets. Store it as text: the chain covers
    /// its bytes, and a `jsonb` column would give back other ones.
    pub detail: String,
    /// Hash of the row before, [`FIRST_PREV_HASH`] for the first.
    pub prev_hash: AuditHash,
}

/// A row as it was stored: the entry and the hash written beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// The audited action.
    pub entry: AuditEntry,
    /// What [`AuditEntry::hash`] returned when the row was written.
    pub hash: AuditHash,
}

/// The last row of a chain, as noted outside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    /// Place of that row; 0 means the chain was empty.
    pub seq: i64,
    /// Its hash; [`FIRST_PREV_HASH`] for an empty chain.
    pub hash: AuditHash,
}

/// The first row at which a chain is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("row {seq}: {fault}")]
pub struct FirstBadRow {
    /// Place in the chain, counted from 1.
    pub seq: i64,
    /// What is wrong there.
    pub fault: ChainFault,
}

/// What can be wrong with a row of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// No row has this place, a later one exists.
    #[error("missing")]
    Missing,
    /// The row does not name the hash of the row before it.
    #[error("does not follow the row before it")]
    NotLinked,
    /// The row's content does not give the hash stored beside it.
    #[error("content was changed")]
    Edited,
    /// The chain ends before this row, which a noted head says existed.
    #[error("cut off, the chain ended later when its head was noted")]
    CutOff,
    /// The row is intact but not the one whose hash was noted.
    #[error("replaced, its hash is not the one noted outside")]
    Replaced,
}

impl ChainHead {
    /// Head of a chain without rows.
    pub const EMPTY: Self = Self { seq: 0, hash: FIRST_PREV_HASH };
}

impl AuditEntry {
    /// Hash of this row; it covers every field and, through `prev_hash`, all rows before.
    #[must_use]
    pub fn hash(&self) -> AuditHash {
        let mut digest = Sha256::new();
        digest.update(DOMAIN);
        digest.update(self.canonical_bytes());
        digest.finalize().into()
    }

    /// The fields in order, each as length (32 bits, big endian) and bytes; an absent field is the
    /// length `0xffff_ffff` without bytes.
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        put(&mut bytes, &self.prev_hash);
        put(&mut bytes, Uuid::from(self.owner_id).as_bytes());
        put(&mut bytes, &self.seq.to_be_bytes());
        put(&mut bytes, &self.at.timestamp_micros().to_be_bytes());
        put_optional(&mut bytes, self.actor_id.map(Uuid::from).as_ref().map(Uuid::as_bytes));
        put(&mut bytes, self.action.as_bytes());
        put_optional(&mut bytes, self.target_kind.as_deref());
        put_optional(&mut bytes, self.target_id.as_ref().map(Uuid::as_bytes));
        put(&mut bytes, self.detail.as_bytes());
        bytes
    }
}

fn put(bytes: &mut Vec<u8>, field: &[u8]) {
    // No row comes near 4 GiB; the mark of an absent field stays out of reach.
    let length = u32::try_from(field.len()).unwrap_or(u32::MAX - 1);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(field);
}

fn put_optional(bytes: &mut Vec<u8>, field: Option<impl AsRef<[u8]>>) {
    match field {
        Some(field) => put(bytes, field.as_ref()),
        None => bytes.extend_from_slice(&u32::MAX.to_be_bytes()),
    }
}

/// Hash of the row that follows one with hash `prev`: sets the link, then hashes.
///
/// * `prev`: hash of the row before, [`FIRST_PREV_HASH`] for the first.
/// * The caller gives `row` the next place and stores the row with this hash.
#[must_use]
pub fn next_hash(prev: AuditHash, row: &mut AuditEntry) -> AuditHash {
    row.prev_hash = prev;
    row.hash()
}

/// Walks the chain of one owner row by row, so that a long chain need not be in memory.
#[derive(Debug, Clone, Copy)]
pub struct ChainWalk {
    last: ChainHead,
    noted: Option<ChainHead>,
}

impl ChainWalk {
    /// Starts before the first row; `noted` is the head kept outside the database, if there is one.
    #[must_use]
    pub const fn new(noted: Option<ChainHead>) -> Self {
        Self { last: ChainHead::EMPTY, noted }
    }

    /// Takes the next row; rows come in ascending order of `seq`.
    ///
    /// # Errors
    ///
    /// [`FirstBadRow`] when the row is not the one that must come here; stop then.
    pub fn step(&mut self, row: &AuditRow) -> Result<(), FirstBadRow> {
        let due = self.last.seq.saturating_add(1);
        let bad = |fault| Err(FirstBadRow { seq: due, fault });
        if row.entry.seq != due {
            return bad(ChainFault::Missing);
        }
        if row.entry.hash() != row.hash {
            return bad(ChainFault::Edited);
        }
        if row.entry.prev_hash != self.last.hash {
            return bad(ChainFault::NotLinked);
        }
        if self.noted.is_some_and(|head| head.seq == due && head.hash != row.hash) {
            return bad(ChainFault::Replaced);
        }
        self.last = ChainHead { seq: due, hash: row.hash };
        Ok(())
    }

    /// Ends the walk and returns the head of the chain.
    ///
    /// # Errors
    ///
    /// [`FirstBadRow`] when the noted head is further on than the chain reaches.
    pub fn finish(self) -> Result<ChainHead, FirstBadRow> {
        match self.noted {
            Some(head) if head.seq > self.last.seq => {
                Err(FirstBadRow { seq: self.last.seq.saturating_add(1), fault: ChainFault::CutOff })
            }
            _ => Ok(self.last),
        }
    }
}

/// Checks a whole chain; see [`ChainWalk`].
///
/// * `rows`: of one owner, ascending by `seq`, from the first on.
///
/// # Errors
///
/// [`FirstBadRow`], the first place at which the chain is not what was written.
pub fn verify<'a>(
    rows: impl IntoIterator<Item = &'a AuditRow>,
    noted: Option<ChainHead>,
) -> Result<ChainHead, FirstBadRow> {
    let mut walk = ChainWalk::new(noted);
    rows.into_iter().try_for_each(|row| walk.step(row))?;
    walk.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// N83: what was done to the chain, and the first bad row the walk must name.
    fn verdict(change: impl FnOnce(&mut Vec<AuditRow>), noted: Option<ChainHead>) -> (i64, ChainFault) {
        let mut rows = chain(5);
        change(&mut rows);
        let bad = verify(&rows, noted).expect_err("the change must be seen");
        (bad.seq, bad.fault)
    }

    fn chain(length: i64) -> Vec<AuditRow> {
        let mut prev = FIRST_PREV_HASH;
        (1..=length)
            .map(|seq| {
                let mut entry = entry(seq);
                let hash = next_hash(prev, &mut entry);
                prev = hash;
                AuditRow { entry, hash }
            })
            .collect()
    }

    fn entry(seq: i64) -> AuditEntry {
        AuditEntry {
            owner_id: Uuid::from_u128(7).into(),
            seq,
            at: DateTime::from_timestamp_micros(1_790_000_000_000_000 + seq).expect("in range"),
            actor_id: (seq != 2).then(|| Uuid::from_u128(9).into()),
            action: "account_renamed".to_owned(),
            target_kind: Some("account".to_owned()),
            target_id: Some(Uuid::from_u128(11)),
            detail: format!(r#"{{"name":"gold {seq}"}}"#),
            prev_hash: FIRST_PREV_HASH,
        }
    }

    fn head_of(rows: &[AuditRow]) -> ChainHead {
        verify(rows, None).expect("intact")
    }

    #[test]
    fn an_intact_chain_gives_its_head() {
        let rows = chain(5);

        let head = verify(&rows, Some(head_of(&rows[..3]))).expect("intact");

        assert_eq!(head, ChainHead { seq: 5, hash: rows[4].hash });
        assert_eq!(verify(&[], None), Ok(ChainHead::EMPTY));
    }

    #[test]
    fn n83_an_edited_row_is_named() {
        let edited = verdict(|rows| rows[2].entry.detail = "{}".to_owned(), None);
        let edited_with_new_hash = verdict(
            |rows| {
                rows[2].entry.detail = "{}".to_owned();
                rows[2].hash = rows[2].entry.hash();
            },
            None,
        );

        assert_eq!(edited, (3, ChainFault::Edited));
        assert_eq!(edited_with_new_hash, (4, ChainFault::NotLinked));
    }

    #[test]
    fn n83_a_removed_row_is_named() {
        let removed = verdict(|rows| drop(rows.remove(2)), None);
        let first_removed = verdict(|rows| drop(rows.remove(0)), None);

        assert_eq!(removed, (3, ChainFault::Missing));
        assert_eq!(first_removed, (1, ChainFault::Missing));
    }

    #[test]
    fn n83_reordered_rows_are_named() {
        let places_swapped = verdict(
            |rows| {
                rows.swap(1, 2);
                rows[1].entry.seq = 2;
                rows[2].entry.seq = 3;
            },
            None,
        );
        let hashes_written_anew = verdict(
            |rows| {
                rows.swap(1, 2);
                for (row, seq) in rows[1..3].iter_mut().zip(2..) {
                    row.entry.seq = seq;
                    row.hash = row.entry.hash();
                }
            },
            None,
        );

        assert_eq!(places_swapped, (2, ChainFault::Edited));
        assert_eq!(hashes_written_anew, (2, ChainFault::NotLinked));
    }

    #[test]
    fn n83_a_cut_tail_is_named_against_a_noted_head() {
        let noted = Some(head_of(&chain(5)));

        let cut = verdict(|rows| rows.truncate(3), noted);
        let emptied = verdict(Vec::clear, noted);

        assert_eq!(cut, (4, ChainFault::CutOff));
        assert_eq!(emptied, (1, ChainFault::CutOff));
    }

    #[test]
    fn n83_a_chain_written_anew_differs_from_the_noted_head() {
        let noted = Some(head_of(&chain(5)));
        let forge = |rows: &mut Vec<AuditRow>| {
            let mut prev = FIRST_PREV_HASH;
            for row in rows {
                row.entry.action = "nothing_happened".to_owned();
                row.hash = next_hash(prev, &mut row.entry);
                prev = row.hash;
            }
        };

        let forged = verdict(forge, noted);

        assert_eq!(forged, (5, ChainFault::Replaced));
    }

    #[test]
    fn bytes_of_neighbouring_fields_do_not_run_together() {
        let mut one = entry(1);
        let mut other = entry(1);
        one.action = "ab".to_owned();
        one.target_kind = Some("c".to_owned());
        other.action = "a".to_owned();
        other.target_kind = Some("bc".to_owned());

        assert_ne!(one.hash(), other.hash());
    }

    #[test]
    fn every_field_changes_the_hash() {
        let changes: [fn(&mut AuditEntry); 9] = [
            |row| row.owner_id = Uuid::from_u128(8).into(),
            |row| row.seq += 1,
            |row| row.at += chrono::TimeDelta::microseconds(1),
            |row| row.actor_id = None,
            |row| row.action.push('x'),
            |row| row.target_kind = None,
            |row| row.target_id = None,
            |row| row.detail.push(' '),
            |row| row.prev_hash = [1; 32],
        ];

        for (number, change) in changes.into_iter().enumerate() {
            let mut row = entry(1);
            change(&mut row);
            assert_ne!(row.hash(), entry(1).hash(), "change {number}");
        }
    }
}
