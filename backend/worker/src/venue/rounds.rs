//! Whose books are compared next with what the exchange lists.
//!
//! Each account from time to time, as many in a second as leave two thirds of what an address may ask there to those
//! who open, close or are told of nothing live. Where something happened an account is looked at at once, and its
//! turn comes later.

use std::collections::HashMap;
use std::time::Duration;

use flotilla_domain::id::AccountId;
use tokio::time::Instant;

/// Accounts of one address that are compared in a second: 30 reads of positions a second are let through.
const COMPARED_IN_A_SECOND: usize = 8;

/// When each account was compared last.
#[derive(Debug, Default)]
pub(super) struct Rounds {
    last: HashMap<AccountId, Instant>,
}

impl Rounds {
    /// Accounts whose turn it is, of each address those that have waited longest; they count as compared. One that was
    /// not there before was compared when it came.
    ///
    /// * `served`: each with its address.
    /// * `least`: the shortest time between two comparisons of an account.
    pub fn take_due(
        &mut self,
        served: &[(AccountId, &str)],
        least: Duration,
        now: Instant,
    ) -> Vec<AccountId> {
        let mut by_egress: HashMap<&str, Vec<(Instant, AccountId)>> = HashMap::new();
        let mut compared = HashMap::with_capacity(served.len());
        for (account, egress) in served {
            let at = self.last.get(account).copied().unwrap_or(now);
            compared.insert(*account, at);
            by_egress.entry(*egress).or_default().push((at, *account));
        }
        self.last = compared;
        let mut due = Vec::new();
        for mut queue in by_egress.into_values() {
            let every = pace(queue.len(), least);
            queue.sort_unstable();
            let of_it = queue.into_iter().filter(|(at, _)| *at + every <= now).map(|(_, account)| account);
            due.extend(of_it.take(COMPARED_IN_A_SECOND));
        }
        for account in &due {
            self.note(*account, now);
        }
        due
    }

    /// An account is compared now.
    pub fn note(&mut self, account: AccountId, now: Instant) {
        self.last.insert(account, now);
    }
}

/// Between two comparisons of one of so many accounts.
fn pace(accounts: usize, least: Duration) -> Duration {
    let seconds = accounts / COMPARED_IN_A_SECOND;
    least.max(Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use uuid::Uuid;

    use super::*;

    const LEAST: Duration = Duration::from_secs(30);

    fn accounts(count: u128) -> Vec<(AccountId, &'static str)> {
        (0..count).map(|number| (AccountId::from_uuid(Uuid::from_u128(number)), "a")).collect()
    }

    #[test]
    fn many_accounts_of_an_address_are_compared_one_after_the_other_and_none_is_left_out() {
        let (served, mut rounds, began) = (accounts(1_000), Rounds::default(), Instant::now());
        let mut seen = HashSet::new();
        for second in 0..=250 {
            let due = rounds.take_due(&served, LEAST, began + Duration::from_secs(second));
            assert!(due.len() <= 8, "{} in second {second}", due.len());
            assert_eq!(due.is_empty(), second < 125);
            seen.extend(due);
        }
        assert_eq!(seen.len(), 1_000);
    }

    #[test]
    fn few_are_compared_as_often_as_is_wished_and_later_where_they_were_just_now() {
        let (mut served, mut rounds, began) = (accounts(3), Rounds::default(), Instant::now());
        served.push((AccountId::from_uuid(Uuid::from_u128(9)), "b"));
        let at = |second| began + Duration::from_secs(second);
        assert!(rounds.take_due(&served, LEAST, at(0)).is_empty());
        let (nudged, _) = served[1];
        rounds.note(nudged, at(10));

        let due: HashSet<AccountId> = rounds.take_due(&served, LEAST, at(30)).into_iter().collect();
        let all: HashSet<AccountId> = served.iter().map(|(account, _)| *account).collect();
        assert_eq!(all.difference(&due).collect::<Vec<_>>(), [&nudged]);
        assert_eq!(rounds.take_due(&served, LEAST, at(40)), [nudged]);
        assert!(rounds.take_due(&served[..1], LEAST, at(59)).is_empty());
    }
}
