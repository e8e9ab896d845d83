//! Who is told live, and who is read now and then.
//!
//! An exchange takes so many streams from one address and no more. The places go to masters first, whom others wait
//! for, then to accounts with open copies, among equals to whoever has one already, then to whoever came first. The others are read at a pace at
//! which all of them together take a third of what the address may ask.

use std::collections::HashMap;
use std::time::Duration;

use flotilla_domain::id::AccountId;

/// Streams that BingX takes from one address, by the smaller of the numbers that it has published.
pub const STREAMS_PER_ADDRESS: usize = 60;
/// The shortest time between two reads of an account that has no stream.
const SHORTEST_S: usize = 10;
/// Accounts of one address that are read in a second. Each read asks some questions twice, and 30 a second of each kind
/// are let through.
const READ_IN_A_SECOND: usize = 5;

/// How an account is heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// By a stream.
    Live,
    /// By reads, so far apart.
    Polled(Duration),
}

impl Manner {
    /// Seconds between reads; `None` where it is told live.
    pub fn polled_every_s(self) -> Option<i32> {
        match self {
            Self::Live => None,
            Self::Polled(every) => i32::try_from(every.as_secs()).ok(),
        }
    }
}

/// An account that wants a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub account: AccountId,
    /// The address that it leaves from.
    pub egress: String,
    /// Others follow what happens there.
    pub is_master: bool,
    /// It has open copies.
    pub has_copies: bool,
    /// It has a stream now.
    pub is_live: bool,
}

/// Shares the places of each address out; `candidates`: in the order of their coming.
pub(super) fn shared_out(candidates: &[Candidate], places: usize) -> HashMap<AccountId, Manner> {
    let mut by_egress: HashMap<&str, Vec<&Candidate>> = HashMap::new();
    for one in candidates {
        by_egress.entry(&one.egress).or_default().push(one);
    }
    let mut manners = HashMap::with_capacity(candidates.len());
    for mut queue in by_egress.into_values() {
        // A stable sort: equals stay in the order of their coming.
        queue.sort_by_key(|one| (!one.is_master, !one.has_copies, !one.is_live));
        let every = pace(queue.len().saturating_sub(places));
        manners.extend(queue.into_iter().enumerate().map(|(index, one)| {
            let manner = if index < places { Manner::Live } else { Manner::Polled(every) };
            (one.account, manner)
        }));
    }
    manners
}

/// In whole tens of seconds, so that it changes rarely.
fn pace(polled: usize) -> Duration {
    let seconds = polled.div_ceil(READ_IN_A_SECOND).next_multiple_of(SHORTEST_S).max(SHORTEST_S);
    Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn candidate(number: u128, has_copies: bool, is_live: bool) -> Candidate {
        let account = AccountId::from_uuid(Uuid::from_u128(number));
        Candidate { account, egress: "a".to_owned(), is_master: false, has_copies, is_live }
    }

    fn live(candidates: &[Candidate], places: usize) -> Vec<u128> {
        let manners = shared_out(candidates, places);
        let mut live: Vec<u128> = manners
            .iter()
            .filter(|(_, manner)| **manner == Manner::Live)
            .map(|(account, _)| account.uuid().as_u128())
            .collect();
        live.sort_unstable();
        live
    }

    #[test]
    fn places_go_to_who_has_copies_then_to_those_who_have_one_then_to_those_who_came_first() {
        let all = [
            candidate(1, false, false),
            candidate(2, false, true),
            candidate(3, true, false),
            candidate(4, false, false),
            candidate(5, true, true),
        ];

        assert_eq!(live(&all, 1), [5]);
        assert_eq!(live(&all, 2), [3, 5]);
        assert_eq!(live(&all, 3), [2, 3, 5]);
        assert_eq!(live(&all, 4), [1, 2, 3, 5]);
        assert_eq!(live(&all, 9), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_master_that_comes_last_has_a_place_before_all_who_copy() {
        let master = Candidate { is_master: true, ..candidate(9, false, false) };
        assert_eq!(live(&[candidate(1, true, true), candidate(2, true, true), master], 1), [9]);
    }

    #[test]
    fn each_address_has_places_of_its_own() {
        let other = Candidate { egress: "b".to_owned(), ..candidate(2, false, false) };
        assert_eq!(live(&[candidate(1, false, false), other], 1), [1, 2]);
    }

    #[test]
    fn the_more_are_read_the_further_apart() {
        let seconds = |polled| pace(polled).as_secs();
        assert_eq!([1, 50, 51, 1_000].map(seconds), [10, 10, 20, 200]);
    }
}
