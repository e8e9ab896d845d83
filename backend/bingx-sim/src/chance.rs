//! Chance that is the same in every run with the same seed.

/// A small generator (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The one of this seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`, which is above zero.
    pub const fn below(&mut self, limit: u64) -> u64 {
        self.draw() % limit
    }

    /// True in so many of a thousand cases.
    pub const fn permille(&mut self, of: u64) -> bool {
        self.below(1_000) < of
    }
}

/// Makes names as the exchange does: of the time, and odd, so that no float holds one.
#[derive(Debug, Clone, Default)]
pub struct Snowflake {
    last: u64,
}

impl Snowflake {
    const EPOCH_MS: i64 = 1_288_834_974_657;

    /// The next name at this time (Unix milliseconds). Always above those before.
    pub fn next(&mut self, now_ms: i64) -> u64 {
        let of_time = u64::try_from(now_ms.saturating_sub(Self::EPOCH_MS)).unwrap_or(0) << 22;
        self.last = (of_time | 1).max(self.last + 2);
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_fits_a_float_and_all_differ() {
        let mut names = Snowflake::default();
        let made: Vec<u64> = (0..1_000).map(|step| names.next(1_700_000_000_000 + step / 10)).collect();

        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(made.iter().all(|name| *name > 1 << 53 && name % 2 == 1));
        assert!(
            made.iter()
                .all(|name| i64::try_from(name >> 22).unwrap() + Snowflake::EPOCH_MS >= 1_700_000_000_000)
        );
    }

    #[test]
    fn a_seed_gives_the_same_numbers() {
        let draw = |seed| {
            let mut chance = Chance::new(seed);
            (chance.draw(), chance.draw())
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }
}
