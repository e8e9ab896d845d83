//! What BingX says when it refuses, sorted into what a client can do about it.
//!
//! A code alone is not trusted: codes were renumbered, and some mean several
//! things. Where one does, the text decides; where neither is known, the answer
//! is [`ErrorClass::Unknown`], which leaves an order in doubt instead of dead.

use std::fmt;

/// What a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// Wrong or missing signature: a bug, or the wrong secret. Never repeat.
    Signature,
    /// The key is missing, wrong, not allowed, or not from this address. Suspend the connection, tell its owner.
    Key,
    /// Time missing or too far off. Once more after reading the server's time.
    Clock,
    /// Too many requests. Later.
    Rate,
    /// Their side is busy. A read may be repeated; an order is in doubt.
    Busy,
    /// A parameter is wrong. Never repeat.
    Parameters,
    /// The contract is unknown, paused or closed. Read the contracts again.
    Symbol,
    /// Not enough margin.
    Margin,
    /// Too small, too large, or too much leverage.
    Size,
    /// A price outside what is allowed.
    Price,
    /// An order for the other position mode, or a switch that is refused. Read the mode again.
    PositionMode,
    /// No such position, or not enough of it. Read it again.
    Position,
    /// Something about an order that exists, or does not. Read it again.
    Order,
    /// A stop or target on the wrong side of the price, or one too many.
    Trigger,
    /// The client order id was used: an order of that name was accepted before.
    Duplicate,
    /// Trading is suspended for the account or the API.
    Suspension,
    /// A subscription is refused.
    Stream,
    /// A code that nobody has seen. An order is in doubt.
    Unknown,
}

impl ErrorClass {
    /// Whether a refused *write* may have been carried out all the same.
    #[must_use]
    pub const fn leaves_doubt(self) -> bool {
        matches!(self, Self::Busy | Self::Duplicate | Self::Unknown)
    }

    /// Whether a refusal is about the account, the contract or the moment, and not about what was asked: any other
    /// order would fare no better now.
    #[must_use]
    pub const fn passes(self) -> bool {
        matches!(
            self,
            Self::Rate
                | Self::Clock
                | Self::PositionMode
                | Self::Key
                | Self::Signature
                | Self::Suspension
                | Self::Symbol
        )
    }
}

/// A refusal: code, text, class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VenueError {
    /// BingX's number; 0 where it gave none.
    pub code: i64,
    /// BingX's words, cut to 300 characters.
    pub message: String,
    /// What it is about.
    pub class: ErrorClass,
}

impl VenueError {
    /// Sorts a code and its text into a class.
    #[must_use]
    pub fn new(code: i64, message: &str) -> Self {
        Self { code, message: message.chars().take(300).collect(), class: classify(code, message) }
    }

    /// The order that was meant does not exist.
    #[must_use]
    pub fn means_no_such_order(&self) -> bool {
        let text = self.message.to_ascii_lowercase();
        self.class == ErrorClass::Order
            && (matches!(self.code, 80_016 | 109_421)
                || (text.contains("order") && text.contains("not exist")))
    }

    /// As the answer to an order: one of this name was sent a moment ago.
    #[must_use]
    pub const fn means_same_order(&self) -> bool {
        // Of a cancel it means that it was asked for a moment ago.
        self.code == 109_201 || matches!(self.class, ErrorClass::Duplicate)
    }

    /// As the answer to an order: one that is filled, or is being processed, which may be one of this name; or a number
    /// that stands for a used name among others, and words that say nothing.
    #[must_use]
    pub fn may_mean_same_order(&self) -> bool {
        self.means_already_filled()
            || self.code == 80_019
            || self.code == 101_400 && by_text(&self.message).is_none()
    }

    /// As the answer to a stop or target: the price is past its trigger. By its number, or, of one that says nothing by
    /// itself, by its words.
    #[must_use]
    pub const fn means_past_trigger(&self) -> bool {
        let words_decide = by_code(self.code).1;
        matches!(self.code, 110_411..=110_414) || (words_decide && matches!(self.class, ErrorClass::Trigger))
    }

    /// As the answer to a stop or target: others stand, and there may not be more of them, or they close all there is.
    #[must_use]
    pub const fn means_others_stand(&self) -> bool {
        matches!(self.code, 110_203 | 110_206)
    }

    /// The order that was meant is filled already.
    #[must_use]
    pub fn means_already_filled(&self) -> bool {
        matches!(self.code, 80_018 | 109_422)
    }
}

impl fmt::Display for VenueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for VenueError {}

/// Texts, in small letters, that say more than the code. The first that fits counts.
const TEXTS: &[(&str, ErrorClass)] = &[
    ("timestamp is invalid", ErrorClass::Clock),
    ("timestamp mismatch", ErrorClass::Clock),
    ("signature", ErrorClass::Signature),
    ("ip whitelist", ErrorClass::Key),
    ("clientorderid cannot be repeated", ErrorClass::Duplicate),
    ("clientorderid repeat", ErrorClass::Duplicate),
    ("duplicate clientorderid", ErrorClass::Duplicate),
    ("clientorderid already", ErrorClass::Duplicate),
    ("clientorderid has been used", ErrorClass::Duplicate),
    ("one-way mode", ErrorClass::PositionMode),
    ("hedge mode", ErrorClass::PositionMode),
    ("position mode", ErrorClass::PositionMode),
    ("position not exist", ErrorClass::Position),
    ("position does not exist", ErrorClass::Position),
    ("no position to close", ErrorClass::Position),
    ("pending orders", ErrorClass::Position),
    ("order not exist", ErrorClass::Order),
    ("order does not exist", ErrorClass::Order),
    ("order is already filled", ErrorClass::Order),
    ("not exist, please verify it", ErrorClass::Symbol),
    ("symbol not exist", ErrorClass::Symbol),
    ("symbol is not exist", ErrorClass::Symbol),
    ("trading is suspended", ErrorClass::Symbol),
    ("not available for trading", ErrorClass::Symbol),
    ("insufficient margin", ErrorClass::Margin),
    ("margin not enough", ErrorClass::Margin),
    ("margin is not enough", ErrorClass::Margin),
    ("insufficient balance", ErrorClass::Margin),
    ("balance not enough", ErrorClass::Margin),
    ("insufficient funds", ErrorClass::Margin),
    ("minimum nominal value", ErrorClass::Size),
    ("minimum order", ErrorClass::Size),
    ("minimum quantity", ErrorClass::Size),
    ("maximum position value", ErrorClass::Size),
    ("current position limit", ErrorClass::Size),
    ("order size has reached", ErrorClass::Size),
    // Of triggers there are these two, both of a price that is past: see `means_past_trigger`.
    ("stop loss price should", ErrorClass::Trigger),
    ("take profit price should", ErrorClass::Trigger),
    ("temporarily disabled", ErrorClass::Suspension),
    ("copy trading", ErrorClass::Suspension),
    ("copy-trading", ErrorClass::Suspension),
    ("risk forbidden", ErrorClass::Suspension),
    ("service has some errors", ErrorClass::Busy),
    ("rpc timeout", ErrorClass::Busy),
    ("system busy", ErrorClass::Busy),
    ("assets are being processed", ErrorClass::Busy),
    ("invalid parameters", ErrorClass::Parameters),
    ("field is required", ErrorClass::Parameters),
    ("is must", ErrorClass::Parameters),
    ("mismatch type", ErrorClass::Parameters),
];

/// Sorts a code and its text into a class.
fn classify(code: i64, message: &str) -> ErrorClass {
    let (class, text_decides) = by_code(code);
    if !text_decides {
        return class;
    }
    by_text(message).unwrap_or(class)
}

fn by_text(message: &str) -> Option<ErrorClass> {
    let text = message.to_ascii_lowercase();
    TEXTS.iter().find(|(part, _)| text.contains(part)).map(|(_, class)| *class)
}

/// What a code means, and whether its text may mean something else.
///
/// A code whose meanings contradict each other is unknown as long as its text says nothing.
const fn by_code(code: i64) -> (ErrorClass, bool) {
    use ErrorClass as C;
    match code {
        100_001 | 100_412 => (C::Signature, false),
        100_413 | 100_004 | 100_419 | 100_414 | 101_210 | 101_484 | 101_483 | 104_414 => (C::Key, false),
        100_421 => (C::Clock, false),
        100_410 | 109_429 | 109_403 => (C::Rate, false),
        80_012 | 109_500 => (C::Busy, true),
        100_500 | 101_500 | 109_701 | 110_500 | 101_214 | 101_219 | 101_412 => (C::Busy, false),
        80_014 | 101_400 | 109_400 | 109_414 | 100_400 => (C::Parameters, true),
        100_404 | 110_400 | 110_426 => (C::Parameters, false),
        109_425 | 109_415 | 101_415 | 101_514 | 101_515 | 110_280 | 109_417 | 101_413 | 104_424 => {
            (C::Symbol, false)
        }
        101_204 | 101_206 | 110_424 | 101_253 | 102_201 | 100_202 => (C::Margin, false),
        110_425 => (C::Size, true),
        110_422 | 101_202 | 101_485 | 110_203 | 101_209 | 110_287 | 101_429 | 112_414 | 101_201 | 101_222
        | 101_414 | 101_424 => (C::Size, false),
        101_211 | 110_402 | 101_215 | 101_460 | 101_461 => (C::Price, false),
        109_401 | 104_103 | 104_108 => (C::PositionMode, false),
        80_017 | 109_420 | 101_205 | 101_290 | 109_430 | 101_479 => (C::Position, false),
        80_013 | 80_016 | 80_018 | 80_019 | 109_421 | 109_422 | 109_201 | 110_206 => (C::Order, false),
        110_406 | 110_407 | 110_411..=110_415 | 110_418..=110_420 | 110_427 | 110_428 => (C::Trigger, false),
        101_481 => (C::Duplicate, false),
        80_020 => (C::Suspension, false),
        80_015 | 80_403 => (C::Stream, false),
        // 80001, 101212 and 101419 among them: their meanings contradict each other.
        _ => (C::Unknown, true),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(80_001, "service has some errors", ErrorClass::Busy)]
    #[case(80_001, "margin not enough", ErrorClass::Margin)]
    #[case(80_001, "", ErrorClass::Unknown)]
    #[case(109_400, "timestamp is invalid", ErrorClass::Clock)]
    #[case(109_400, "margin is not enough", ErrorClass::Margin)]
    #[case(109_400, "In the Hedge mode, the 'ReduceOnly' field can not be filled.", ErrorClass::PositionMode)]
    #[case(
        109_414,
        "In the One-way mode, the 'PositionSide' field can only be set to BOTH.",
        ErrorClass::PositionMode
    )]
    #[case(109_414, "order not exist", ErrorClass::Order)]
    #[case(109_414, "Invalid parameters, err:endTs: This field is required.", ErrorClass::Parameters)]
    #[case(
        80_014,
        "Due to the large market fluctuations, API orders are temporarily disabled",
        ErrorClass::Suspension
    )]
    #[case(109_500, "symbol not exist", ErrorClass::Symbol)]
    #[case(101_212, "pending orders block it", ErrorClass::Position)]
    #[case(101_212, "Insufficient balance", ErrorClass::Margin)]
    #[case(101_212, "", ErrorClass::Unknown)]
    #[case(999_999, "something new", ErrorClass::Unknown)]
    #[case(101_481, "clientOrderID cannot be repeated", ErrorClass::Duplicate)]
    fn code_and_text_make_the_class(#[case] code: i64, #[case] text: &str, #[case] class: ErrorClass) {
        assert_eq!(VenueError::new(code, text).class, class);
    }

    #[test]
    fn an_order_stays_in_doubt_where_the_answer_may_be_wrong() {
        for class in [ErrorClass::Busy, ErrorClass::Unknown, ErrorClass::Duplicate] {
            assert!(class.leaves_doubt());
        }
        assert!(!ErrorClass::Margin.leaves_doubt());
    }

    #[rstest]
    #[case(110_411, "", true)]
    #[case(110_414, "", true)]
    #[case(80_001, "Stop Loss price should be lower than the current price", true)]
    #[case(80_001, "Take Profit price should be greater than the current price", true)]
    #[case(80_001, "Insufficient margin", false)]
    #[case(80_001, "", false)]
    #[case(110_406, "", false)]
    #[case(110_407, "", false)]
    #[case(110_415, "", false)]
    #[case(110_427, "Stop Loss price should be lower than the current price", false)]
    #[case(101_211, "", false)]
    #[case(101_460, "", false)]
    fn not_every_refusal_of_a_trigger_says_that_the_price_is_past_it(
        #[case] code: i64,
        #[case] text: &str,
        #[case] past: bool,
    ) {
        assert_eq!(VenueError::new(code, text).means_past_trigger(), past);
    }

    #[rstest]
    #[case(80_016, "order not exist", true)]
    #[case(109_421, "", true)]
    #[case(109_414, "order not exist", true)]
    #[case(109_425, "X-USDT not exist, please verify it in api", false)]
    #[case(80_018, "order is already filled", false)]
    fn only_a_missing_order_is_missing(#[case] code: i64, #[case] text: &str, #[case] missing: bool) {
        assert_eq!(VenueError::new(code, text).means_no_such_order(), missing);
    }
}
