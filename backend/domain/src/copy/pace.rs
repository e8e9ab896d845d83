//! How long a signal takes to reach all followers at an exchange that counts
//! orders by source address.

/// So many orders in any stretch of time. Both above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnLimit {
    /// Orders.
    pub requests: u32,
    /// Milliseconds.
    pub per_ms: u32,
}

/// A source address, and how many followers of one master share it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedWay {
    /// What each order counts against.
    pub limits: Vec<TurnLimit>,
    /// Followers, whose orders leave one after the other.
    pub followers: u32,
}

/// How long one signal takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Followers, over all addresses.
    pub followers: u32,
    /// Milliseconds until the last order has its turn.
    pub last_after_ms: u64,
    /// Followers whose turn comes after their age limit.
    pub too_late: u32,
}

impl SharedWay {
    /// When the last order has its turn. What was sent before is not counted.
    #[must_use]
    pub fn last_after_ms(&self) -> u64 {
        let before = self.followers.saturating_sub(1);
        let turn = |limit: &TurnLimit| {
            u64::from(before.checked_div(limit.requests).unwrap_or(0)) * u64::from(limit.per_ms)
        };
        self.limits.iter().map(turn).max().unwrap_or(0)
    }

    /// How many have their turn within so many milliseconds.
    #[must_use]
    pub fn in_time(&self, max_age_ms: u32) -> u32 {
        let turns = |limit: &TurnLimit| {
            let stretches = max_age_ms.checked_div(limit.per_ms).unwrap_or(u32::MAX).saturating_add(1);
            stretches.saturating_mul(limit.requests)
        };
        self.limits.iter().map(turns).min().unwrap_or(u32::MAX).min(self.followers)
    }
}

/// The pace of the next signal once one more follows, where he makes it the
/// slowest: which address he gets is not known yet. `None` without an address.
#[must_use]
pub fn joined(mut ways: Vec<SharedWay>, max_age_ms: u32) -> Option<Pace> {
    let slowest = ways.iter_mut().max_by_key(|way| {
        let with_one_more = SharedWay { followers: way.followers.saturating_add(1), ..(**way).clone() };
        (with_one_more.last_after_ms(), way.followers)
    })?;
    slowest.followers = slowest.followers.saturating_add(1);
    let sum = |of: &dyn Fn(&SharedWay) -> u32| ways.iter().map(of).fold(0, u32::saturating_add);
    Some(Pace {
        followers: sum(&|way| way.followers),
        last_after_ms: ways.iter().map(SharedWay::last_after_ms).max().unwrap_or(0),
        too_late: sum(&|way| way.followers - way.in_time(max_age_ms)),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn way(limits: &[(u32, u32)], followers: u32) -> SharedWay {
        let limits = limits.iter().map(|&(requests, per_ms)| TurnLimit { requests, per_ms }).collect();
        SharedWay { limits, followers }
    }

    #[rstest]
    #[case::alone(1, 0, 1)]
    #[case::all_at_once(3, 0, 3)]
    #[case::one_waits(4, 2_400, 4)]
    #[case::the_last_of_a_thousand(1_000, 799_200, 78)]
    fn orders_leave_by_handfuls(#[case] followers: u32, #[case] last_ms: u64, #[case] within_a_minute: u32) {
        let shared = way(&[(3, 2_400)], followers);

        assert_eq!((shared.last_after_ms(), shared.in_time(60_000)), (last_ms, within_a_minute));
    }

    #[test]
    fn the_narrowest_limit_decides() {
        let shared = way(&[(10, 1_000), (300, 10_500)], 900);

        assert_eq!((shared.last_after_ms(), shared.in_time(60_000)), (89_000, 610));
        assert_eq!(way(&[], 900).in_time(0), 900);
    }

    #[test]
    fn who_joins_is_thought_to_join_the_slowest() {
        let ways = vec![way(&[(1, 1_000)], 10), way(&[(100, 1_000)], 90)];

        let pace = joined(ways, 5_000);

        assert_eq!(pace, Some(Pace { followers: 101, last_after_ms: 10_000, too_late: 5 }));
        assert_eq!(joined(Vec::new(), 5_000), None);
    }

    proptest! {
        /// Counted one by one.
        #[test]
        fn as_if_each_had_waited(
            limits in proptest::collection::vec((1_u32..50, 1_u32..20_000), 1..4),
            followers in 1_u32..3_000,
            max_age_ms in 0_u32..120_000,
        ) {
            let turn = |at: u32| limits.iter().map(|(requests, per_ms)| u64::from(at / requests) * u64::from(*per_ms)).max().unwrap();
            let turns: Vec<u64> = (0..followers).map(turn).collect();
            let shared = way(&limits, followers);

            prop_assert_eq!(shared.last_after_ms(), *turns.last().unwrap());
            let in_time = turns.iter().filter(|turn| **turn <= u64::from(max_age_ms)).count();
            prop_assert_eq!(usize::try_from(shared.in_time(max_age_ms)).unwrap(), in_time);
        }
    }
}
