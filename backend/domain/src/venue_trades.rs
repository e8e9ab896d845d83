//! Trades, made from the fills of an account at an exchange.
//!
//! A trade goes from flat to flat: the first fill that opens a position begins it, the one that empties it ends it. What
//! closes something of which no entry is known makes no trade.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::side::Side;
use crate::text_enum::text_enum;
use crate::trade::{Direction, Execution};

/// Decimals of what is divided here.
const SCALE: u32 = 10;

text_enum! {
    /// Which position of a contract a fill works on.
    Slot, "slot" {
        /// The long one of hedge mode.
        Long = "LONG",
        /// The short one of hedge mode.
        Short = "SHORT",
        /// The only one of one-way mode.
        Both = "BOTH",
    }
}

/// One fill of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VenueFill {
    /// The order.
    pub order_id: String,
    /// The exchange's name of the fill.
    pub trade_id: String,
    /// Contract.
    pub symbol: String,
    /// Which position.
    pub slot: Slot,
    /// Buys or sells.
    pub side: Side,
    /// In the base currency.
    pub quantity: Decimal,
    /// Price.
    pub price: Decimal,
    /// Above zero is paid.
    pub fee: Decimal,
    /// When.
    pub at: DateTime<Utc>,
}

/// Funding that was paid or received for a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Funding {
    /// When.
    pub at: DateTime<Utc>,
    /// Below zero is paid.
    pub amount: Decimal,
}

/// A position from entry to exit, or to now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundTrip {
    /// The order that began it: its name for ever.
    pub opened_by: String,
    /// Which way it profits.
    pub direction: Direction,
    /// All that was entered.
    pub quantity: Decimal,
    /// What is left of it.
    pub open: Decimal,
    /// Average entry price.
    pub entry_price: Decimal,
    /// Average exit price, of what was left.
    pub exit_price: Option<Decimal>,
    /// First entry.
    pub entry_at: DateTime<Utc>,
    /// Last exit, once nothing is left.
    pub exit_at: Option<DateTime<Utc>>,
    /// Fees; above zero is paid.
    pub fees: Decimal,
    /// Funding; below zero is paid.
    pub funding: Decimal,
    /// What it brought with fees and funding, once nothing is left.
    pub pnl: Option<Decimal>,
    /// Fills, oldest first.
    pub executions: Vec<Execution>,
}

/// Sums of a trade that goes on.
#[derive(Debug)]
struct Running {
    trip: RoundTrip,
    /// Price times quantity of entries and of exits.
    paid: Decimal,
    received: Decimal,
    exited: Decimal,
}

/// Makes trades of one contract and slot from its fills.
///
/// * `held`: the position before the first of them, below zero for a short one. Until it is empty nothing is known of
///   its entry, and no trade is made.
/// * `fills`: all since then, oldest first.
/// * `funding`: of the contract; each counts for the trade that was open then.
#[must_use]
pub fn round_trips(held: Decimal, fills: &[VenueFill], funding: &[Funding]) -> Vec<RoundTrip> {
    let mut trips = Vec::new();
    let mut unknown = held;
    let mut running: Option<Running> = None;
    for fill in fills {
        let signed = if fill.side == Side::Buy { fill.quantity } else { -fill.quantity };
        let mut rest = signed;
        if !unknown.is_zero() {
            if is_against(unknown, rest) {
                let closed = rest.abs().min(unknown.abs());
                unknown -= closed.copysign_of(unknown);
                rest -= closed.copysign_of(signed);
            } else {
                unknown += rest;
                rest = Decimal::ZERO;
            }
        }
        if let Some(trip) = running.take() {
            let position = trip.position();
            if is_against(position, rest) {
                let closed = rest.abs().min(position.abs());
                rest -= closed.copysign_of(signed);
                let trip = trip.exit(fill, closed);
                if trip.trip.open.is_zero() {
                    trips.push(trip.end());
                } else {
                    running = Some(trip);
                }
            } else {
                running = Some(trip.enter(fill, rest.abs()));
                rest = Decimal::ZERO;
            }
        }
        if running.is_none() && opens(fill.slot, rest) {
            running = Some(Running::begin(fill, rest).enter(fill, rest.abs()));
        }
    }
    trips.extend(running.map(|running| running.trip));
    for trip in &mut trips {
        trip.add_funding(funding);
    }
    trips
}

/// What is left of fills once what copies of ours hold is taken away: orders of ours, and what something else closed of
/// them.
///
/// * `fills`: of one contract and slot, oldest first.
/// * What closes without being ours takes from what is not ours first, as the books do: only where the position is then
///   smaller than the copies, they lost it.
#[must_use]
pub fn foreign(fills: &[VenueFill], is_ours: impl Fn(&str) -> bool) -> Vec<VenueFill> {
    let (mut own, mut other) = (Decimal::ZERO, Decimal::ZERO);
    let mut left = Vec::new();
    for fill in fills {
        let signed = if fill.side == Side::Buy { fill.quantity } else { -fill.quantity };
        if is_ours(&fill.order_id) {
            own += signed;
            continue;
        }
        let closed = against(other, signed);
        let taken = against(own, signed - closed);
        own += taken;
        let kept = signed - taken;
        other += kept;
        if !kept.is_zero() {
            let share = kept.checked_div(signed).unwrap_or(Decimal::ONE);
            left.push(VenueFill {
                quantity: kept.abs(),
                fee: (fill.fee * share).round_dp(SCALE),
                ..fill.clone()
            });
        }
        if !other.is_zero() && !opens(fill.slot, other) {
            // What closes something that was held before the first fill.
            other = Decimal::ZERO;
        }
    }
    left
}

/// Coins that fills of one contract and slot add up to at a time.
#[must_use]
pub fn held(fills: &[VenueFill], at: DateTime<Utc>) -> Decimal {
    let signed = |fill: &VenueFill| if fill.side == Side::Buy { fill.quantity } else { -fill.quantity };
    fills.iter().filter(|fill| fill.at <= at).map(signed).sum::<Decimal>().abs()
}

/// The part of a change that makes a position smaller, with the sign of the change.
fn against(position: Decimal, change: Decimal) -> Decimal {
    if is_against(position, change) {
        change.abs().min(position.abs()).copysign_of(change)
    } else {
        Decimal::ZERO
    }
}

trait CopySign {
    fn copysign_of(self, other: Decimal) -> Decimal;
}

impl CopySign for Decimal {
    /// This magnitude with the sign of another.
    fn copysign_of(self, other: Decimal) -> Decimal {
        if other.is_sign_negative() { -self.abs() } else { self.abs() }
    }
}

/// Whether a change makes a position smaller.
fn is_against(position: Decimal, change: Decimal) -> bool {
    !change.is_zero() && position.is_sign_negative() != change.is_sign_negative()
}

/// Whether what is left of a fill opens a position: in hedge mode the other side only closes.
const fn opens(slot: Slot, rest: Decimal) -> bool {
    if rest.is_zero() {
        return false;
    }
    match slot {
        Slot::Both => true,
        Slot::Long => !rest.is_sign_negative(),
        Slot::Short => rest.is_sign_negative(),
    }
}

impl Running {
    fn begin(fill: &VenueFill, rest: Decimal) -> Self {
        let direction = if rest.is_sign_negative() { Direction::Short } else { Direction::Long };
        Self {
            trip: RoundTrip {
                opened_by: fill.order_id.clone(),
                direction,
                quantity: Decimal::ZERO,
                open: Decimal::ZERO,
                entry_price: fill.price,
                exit_price: None,
                entry_at: fill.at,
                exit_at: None,
                fees: Decimal::ZERO,
                funding: Decimal::ZERO,
                pnl: None,
                executions: Vec::new(),
            },
            paid: Decimal::ZERO,
            received: Decimal::ZERO,
            exited: Decimal::ZERO,
        }
    }

    fn position(&self) -> Decimal {
        if self.trip.direction == Direction::Long { self.trip.open } else { -self.trip.open }
    }

    fn enter(mut self, fill: &VenueFill, quantity: Decimal) -> Self {
        self.paid += quantity * fill.price;
        self.trip.quantity += quantity;
        self.trip.open += quantity;
        self.trip.entry_price = average(self.paid, self.trip.quantity, fill.price);
        self.execute(fill, quantity);
        self
    }

    fn exit(mut self, fill: &VenueFill, quantity: Decimal) -> Self {
        self.received += quantity * fill.price;
        self.exited += quantity;
        self.trip.open -= quantity;
        self.trip.exit_price = Some(average(self.received, self.exited, fill.price));
        self.trip.exit_at = Some(fill.at);
        self.execute(fill, quantity);
        self
    }

    /// A fill that ends one trade and begins another is shared by both, and so is its fee.
    fn execute(&mut self, fill: &VenueFill, quantity: Decimal) {
        let share = quantity.checked_div(fill.quantity).unwrap_or(Decimal::ONE);
        let fees = (fill.fee * share).round_dp(SCALE);
        self.trip.fees += fees;
        let (side, price) = (fill.side, Some(fill.price));
        self.trip.executions.push(Execution { side, quantity, price, at: fill.at, fees });
    }

    fn end(self) -> RoundTrip {
        let gained = self.received - self.paid;
        let pnl = if self.trip.direction == Direction::Long { gained } else { -gained };
        RoundTrip { pnl: Some((pnl - self.trip.fees).round_dp(SCALE)), ..self.trip }
    }
}

impl RoundTrip {
    fn add_funding(&mut self, funding: &[Funding]) {
        let ended = self.exit_at.filter(|_| self.open.is_zero());
        let is_mine = |one: &&Funding| one.at >= self.entry_at && ended.is_none_or(|end| one.at <= end);
        self.funding = funding.iter().filter(is_mine).map(|one| one.amount).sum();
        self.pnl = self.pnl.map(|pnl| pnl + self.funding);
        self.exit_at = ended;
    }
}

fn average(sum: Decimal, quantity: Decimal, otherwise: Decimal) -> Decimal {
    sum.checked_div(quantity).map_or(otherwise, |price| price.round_dp(SCALE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + s, 0).unwrap()
    }

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// `side quantity @ price`, a fee of one in a thousand, one a second.
    fn fills(slot: Slot, texts: &[&str]) -> Vec<VenueFill> {
        let fill = |(index, text): (usize, &&str)| {
            let words: Vec<&str> = text.split_whitespace().collect();
            let (quantity, price) = (number(words[1]), number(words[2]));
            VenueFill {
                order_id: format!("o{index}"),
                trade_id: format!("t{index}"),
                symbol: "BTC-USDT".into(),
                slot,
                side: words[0].parse().unwrap(),
                quantity,
                price,
                fee: quantity * price / Decimal::ONE_THOUSAND,
                at: at(i64::try_from(index).unwrap()),
            }
        };
        texts.iter().enumerate().map(fill).collect()
    }

    fn told(trips: &[RoundTrip]) -> Vec<String> {
        let text = |number: Decimal| number.normalize().to_string();
        let tell = |trip: &RoundTrip| {
            format!(
                "{} {} {} of {} at {} exit {} pnl {}",
                trip.opened_by,
                trip.direction,
                text(trip.open),
                text(trip.quantity),
                text(trip.entry_price),
                trip.exit_price.map_or_else(|| "-".into(), text),
                trip.pnl.map_or_else(|| "-".into(), text)
            )
        };
        trips.iter().map(tell).collect()
    }

    #[test]
    fn a_trade_goes_from_flat_to_flat_with_its_averages_and_fees() {
        let fills =
            fills(Slot::Long, &["BUY 1 100", "BUY 1 110", "SELL 1.5 120", "SELL 0.5 100", "BUY 2 90"]);

        let trips = round_trips(Decimal::ZERO, &fills, &[]);

        let expected = ["o0 LONG 0 of 2 at 105 exit 115 pnl 19.56", "o4 LONG 2 of 2 at 90 exit - pnl -"];
        assert_eq!(told(&trips), expected);
        assert_eq!(trips[0].executions.len(), 4);
    }

    #[test]
    fn in_one_way_mode_a_fill_may_end_one_trade_and_begin_the_opposite() {
        let fills = fills(Slot::Both, &["SELL 1 100", "BUY 3 90", "SELL 2 95"]);

        let trips = round_trips(Decimal::ZERO, &fills, &[]);

        let expected = ["o0 SHORT 0 of 1 at 100 exit 90 pnl 9.81", "o1 LONG 0 of 2 at 90 exit 95 pnl 9.63"];
        assert_eq!(told(&trips), expected);
    }

    #[test]
    fn what_was_entered_before_the_history_begins_makes_no_trade() {
        let fills = fills(Slot::Long, &["SELL 1 100", "BUY 1 90", "SELL 2 95", "BUY 1 80"]);
        let trips = round_trips(number("2"), &fills, &[]);
        assert_eq!(told(&trips), ["o3 LONG 1 of 1 at 80 exit - pnl -"]);

        // Nothing is known, and nothing is closed that was never opened.
        let trips = round_trips(Decimal::ZERO, &fills, &[]);
        assert_eq!(told(&trips)[0], "o1 LONG 0 of 1 at 90 exit 95 pnl 4.815");
    }

    #[test]
    fn funding_counts_for_the_trade_that_was_open() {
        let fills = fills(Slot::Long, &["BUY 1 100", "SELL 1 100", "BUY 1 100"]);
        let paid = |s: i64, amount: &str| Funding { at: at(s), amount: number(amount) };

        let trips = round_trips(Decimal::ZERO, &fills, &[paid(0, "-0.5"), paid(5, "0.25")]);

        assert_eq!(told(&trips)[0], "o0 LONG 0 of 1 at 100 exit 100 pnl -0.7");
        assert_eq!(trips[1].funding, number("0.25"));
    }

    #[test]
    fn what_copies_hold_is_no_trade_of_its_own_whoever_closes_it() {
        let told = |slot, texts: &[&str], orders: &[&str]| -> Vec<String> {
            let left = foreign(&fills(slot, texts), |order| orders.contains(&order));
            told(&round_trips(Decimal::ZERO, &left, &[]))
        };

        // Opened and closed by us; opened by us and closed by its stop.
        assert_eq!(told(Slot::Both, &["BUY 1 100", "SELL 1 110"], &["o0", "o1"]), [""; 0]);
        assert_eq!(told(Slot::Both, &["BUY 1 100", "SELL 1 110"], &["o0"]), [""; 0]);
        // The owner's own comes and goes beside it, and is closed before ours is.
        let texts = ["BUY 1 100", "BUY 1 100", "SELL 1 110", "SELL 1 90"];
        let own = ["o1 LONG 0 of 1 at 100 exit 110 pnl 9.79"];
        assert_eq!(told(Slot::Both, &texts, &["o0"]), own);
        assert_eq!(told(Slot::Long, &texts, &["o0", "o3"]), own);
        // A fill that takes ours and turns the position over.
        let over = told(Slot::Both, &["BUY 1 100", "SELL 3 100"], &["o0"]);
        assert_eq!(over, ["o1 SHORT 2 of 2 at 100 exit - pnl -"]);
        // In hedge mode what closes more than is known opens nothing.
        assert_eq!(told(Slot::Long, &["BUY 1 100", "SELL 3 100"], &["o0"]), [""; 0]);
    }
}
