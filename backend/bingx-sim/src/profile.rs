//! Which of its manners the exchange shows: they changed over the years, and nobody knows all of today's.

use serde::Deserialize;

use crate::chance::Chance;

/// Shapes and codes of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Era {
    /// Short echo, old codes.
    #[serde(rename = "2023")]
    Y2023,
    /// Long echo, exits as text in it, old codes.
    #[serde(rename = "2024")]
    Y2024,
    /// Long echo, codes renumbered.
    #[serde(rename = "2025-10")]
    Y2025,
    /// Both spellings of the client's id, codes renumbered again.
    #[serde(rename = "2026")]
    Y2026,
    /// All of them at random, and more: codes as text, no `data`, fields that nobody knows, a flat echo.
    #[serde(rename = "messy")]
    Messy,
}

impl Era {
    /// The time whose manners one answer has: this one, or for the messy one any of them.
    #[must_use]
    pub fn of_one_answer(self, chance: &mut Chance) -> Self {
        match self {
            Self::Messy => match chance.below(4) {
                0 => Self::Y2023,
                1 => Self::Y2024,
                2 => Self::Y2025,
                _ => Self::Y2026,
            },
            era => era,
        }
    }
}

/// Order of candles, and what is wrong with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Candles {
    /// Newest first, the running one on top.
    NewestFirst,
    /// Oldest first, the running one at the end.
    OldestFirst,
    /// Newest first, one missing.
    Gap,
    /// Newest first, one twice.
    Twice,
}

/// How tight the limits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitProfile {
    /// None, to measure clients by.
    Off,
    /// Per account and endpoint, and the groups of 2025 per address.
    Groups,
    /// Also one, two or three a second per address and endpoint, as the text of 2026 can be read.
    Strict,
}

/// What can be switched while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// Shapes and codes.
    pub era: Era,
    /// Candles.
    pub candles: Candles,
    /// Limits.
    pub limits: LimitProfile,
    /// A wrong time is told as 109400 and not as 100421.
    pub clock_as_109400: bool,
    /// Longest time between a request's stamp and its arrival; shorter where the request says so.
    pub window_ms: i64,
    /// Orders are told to streams as `TRADE_UPDATE`, as the newest page prints, and not as `ORDER_TRADE_UPDATE`.
    pub short_event_name: bool,
    /// How far a limit price may be from the mark price, as a fraction in thousandths.
    pub band_permille: i64,
    /// WebSocket connections that one address may have, unless limits are off.
    pub streams_per_address: usize,
    /// Milliseconds from ping to ping of a WebSocket connection that is made from now on.
    pub ping_every_ms: u64,
    /// Funding rate of each eight hours, in millionths of a position's value.
    pub funding_ppm: i64,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            era: Era::Y2025,
            candles: Candles::NewestFirst,
            limits: LimitProfile::Groups,
            clock_as_109400: false,
            window_ms: 5_000,
            short_event_name: false,
            band_permille: 200,
            streams_per_address: 60,
            ping_every_ms: 5_000,
            funding_ppm: 100,
        }
    }
}

/// A refusal: code and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Number.
    pub code: i64,
    /// Words.
    pub text: String,
}

/// A refusal by its code and words.
pub fn refusal(code: i64, text: impl Into<String>) -> Refusal {
    Refusal { code, text: text.into() }
}

/// A refusal whose code depends on the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The same at all times.
    Fixed(Refusal),
    /// One code before October 2025, another after.
    Renumbered(i64, i64, String),
    /// About the position mode: 109400, later 109414.
    Mode(String),
    /// A parameter: 80014, later 109414.
    Parameter(String),
}

impl Fault {
    /// The code and text of this time.
    pub fn at(&self, era: Era) -> Refusal {
        let is_old = matches!(era, Era::Y2023 | Era::Y2024);
        match self {
            Self::Fixed(refusal) => refusal.clone(),
            Self::Renumbered(old, new, text) => refusal(if is_old { *old } else { *new }, text.clone()),
            Self::Mode(text) => refusal(if era == Era::Y2026 { 109_414 } else { 109_400 }, text.clone()),
            Self::Parameter(text) => {
                refusal(if is_old { 80_014 } else { 109_414 }, format!("Invalid parameters, err:{text}"))
            }
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Fixed(refusal)
    }
}

/// A required field that is missing.
pub fn missing(name: &str) -> Fault {
    Fault::Parameter(format!("{name}: This field is required."))
}
