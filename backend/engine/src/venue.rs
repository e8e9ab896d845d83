//! Orders at an exchange: what an answer says of one, and what that does to its copy.
//!
//! An exchange can be asked, so nothing stays in doubt: an order that it does not
//! know after it could have appeared is dead, and may be sent again under the
//! same name as long as its copy is wanted and fresh. Never under another: should
//! the first turn up after all, the exchange refuses the second. One that was
//! turned away for a reason that passes goes again, under the same conditions.
//!
//! One that it took and then shows nowhere is waited for, as histories are read late, and then given up: where its
//! position has coins that nothing explains, a person says whose they are.
//!
//! * [`heard`]: an order and an answer → the order, and what is done next.
//! * [`opened`], [`closed`]: an order that moved → the edge of its copy.
//! * [`taken`]: what others took of positions → of which copies.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::copy::coins::lots_of;
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::copy::venue_order::{Leg, VenueOrder, VenueOrderState};
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;

use crate::cause::Cause;
use crate::transition::Transition;

/// Time after which an order that was sent cannot be accepted any more: it leaves
/// within two seconds of its commit, and the exchange takes it within five of its
/// time stamp; two more for clocks.
pub const FENCE: TimeDelta = TimeDelta::seconds(9);

/// How often the exchange must not know an order after that.
const ABSENCES: i32 = 2;

/// Between questions for an order: after the first, the second and so on; the
/// last for all further ones.
pub const QUESTIONS: [Duration; 6] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// How long an order that the exchange took may be shown nowhere, neither among its orders nor among its fills.
///
/// It was taken, so it is no matter of a fence: lists lag behind, and nobody says by how much at most. While that lasts
/// an open blocks its copy alone, and waits for long. A close leaves a position open that is not wanted any more: it waits
/// as long as it takes until a position is believed that nothing explains. A second one in vain would close of others.
#[must_use]
pub const fn shown_within(leg: Leg) -> TimeDelta {
    match leg {
        Leg::Open => TimeDelta::minutes(10),
        Leg::Close | Leg::External => TimeDelta::minutes(2),
    }
}

/// Between the first absence that counts and the one that decides.
const ONCE_MORE: Duration = Duration::from_millis(500);

/// The same for an order that was taken: two looks in a moment may have one answer, or one failure, in common.
const SHOWN_NOWHERE_ONCE_MORE: Duration = Duration::from_secs(5);

/// How long to wait with the next question for an order.
///
/// `asked`: questions so far. An order in doubt is asked for right when it cannot
/// appear any more, and soon after that once more, so that it is known what
/// became of it.
#[must_use]
pub fn ask_in(order: &VenueOrder, now: DateTime<Utc>, asked: usize) -> Duration {
    let usual = QUESTIONS.get(asked).or(QUESTIONS.last()).copied().unwrap_or(ONCE_MORE);
    match order.state {
        VenueOrderState::Unknown => {}
        VenueOrderState::Accepted if order.absences > 0 => return SHOWN_NOWHERE_ONCE_MORE,
        _ => return usual,
    }
    let fence = order.sent_at + FENCE - now;
    match fence.to_std() {
        Ok(left) if left > Duration::ZERO => usual.min(left),
        _ if order.absences > 0 => ONCE_MORE,
        _ => usual,
    }
}

/// What the exchange said about an order, or did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It has it, and it is not over.
    Working(Filling),
    /// It is over; nothing filled means that nothing came of it.
    Over(Filling),
    /// It refused it.
    Refused {
        /// Its words.
        words: String,
    },
    /// It was certainly not sent.
    NotSent {
        /// Why.
        reason: ReasonCode,
        /// In which words.
        words: String,
    },
    /// It was certainly not taken, for a reason that passes: too many requests, no connection, the other position mode.
    NotNow {
        /// Why.
        reason: ReasonCode,
        /// In which words.
        words: String,
    },
    /// Nothing that could be understood.
    Doubt {
        /// What happened instead.
        words: String,
    },
    /// It knows no such order.
    Absent,
    /// It took it, and no list shows it: not the open orders, not the past ones, not the fills.
    Nowhere {
        /// Coins of the position beyond what copies hold by their orders: what one opened may be among them. Below
        /// zero, so many are missing: what one closed may be.
        beyond: Decimal,
    },
}

/// How far an order is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filling {
    /// The exchange's name.
    pub order_id: String,
    /// Coins.
    pub filled: Decimal,
    /// Average price of those.
    pub average_price: Option<Decimal>,
}

/// What is done next about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it is over.
    Rest,
    /// The exchange is asked for it, later.
    Ask,
    /// It is sent again, under its name.
    Send,
}

/// What is known of an order after an answer.
///
/// * `is_wanted`: whether its copy still wants what it does, and it is fresh.
/// * What was filled never becomes less, and what is over stays over.
#[must_use]
pub fn heard(order: &VenueOrder, answer: &Answer, now: DateTime<Utc>, is_wanted: bool) -> (VenueOrder, Next) {
    let mut after = order.clone();
    if order.state.is_over() && !is_late_fill(order, answer) {
        return (after, Next::Rest);
    }
    match answer {
        Answer::Working(filling) => {
            filled(&mut after, filling);
            after.state = VenueOrderState::Accepted;
            // It is shown: what was not found before says nothing any more.
            after.absences = 0;
        }
        Answer::Over(filling) => {
            filled(&mut after, filling);
            let has_filled = after.filled > Decimal::ZERO;
            after.state = if has_filled { VenueOrderState::Filled } else { VenueOrderState::Refused };
        }
        Answer::NotNow { words, .. } if is_wanted && may_wait(order) => {
            after.state = VenueOrderState::Intended;
            after.words = Some(words.clone());
            return (after, Next::Send);
        }
        Answer::Refused { words } | Answer::NotSent { words, .. } | Answer::NotNow { words, .. } => {
            // Parts that were filled before are held all the same.
            let has_filled = after.filled > Decimal::ZERO;
            after.state = if has_filled { VenueOrderState::Filled } else { VenueOrderState::Refused };
            after.words = Some(words.clone());
        }
        Answer::Doubt { words } => {
            if order.state != VenueOrderState::Accepted {
                after.state = VenueOrderState::Unknown;
            }
            after.words = Some(words.clone());
        }
        Answer::Absent => return absent(after, now, is_wanted),
        Answer::Nowhere { beyond } => return nowhere(after, *beyond, now),
    }
    let next = if after.state.is_over() { Next::Rest } else { Next::Ask };
    (after, next)
}

/// An order that opens waits as long as it is fresh. One that closes is judged anew, by the position there is then.
fn may_wait(order: &VenueOrder) -> bool {
    order.leg == Leg::Open
        && matches!(order.state, VenueOrderState::Intended | VenueOrderState::Unknown)
        && order.filled.is_zero()
}

/// Evidence beats state: an order that counted as dead and was filled is filled.
fn is_late_fill(order: &VenueOrder, answer: &Answer) -> bool {
    let (Answer::Working(filling) | Answer::Over(filling)) = answer else { return false };
    filling.filled > order.filled
}

fn filled(order: &mut VenueOrder, filling: &Filling) {
    order.order_id = Some(filling.order_id.clone());
    let filled = filling.filled.min(order.quantity);
    if filled >= order.filled {
        order.filled = filled;
        order.average_price = filling.average_price.or(order.average_price);
    }
}

fn absent(mut order: VenueOrder, now: DateTime<Utc>, is_wanted: bool) -> (VenueOrder, Next) {
    // What it has had once does not vanish: histories are read late. That it is shown nowhere is another answer.
    if order.state == VenueOrderState::Accepted {
        return (order, Next::Ask);
    }
    order.state = VenueOrderState::Unknown;
    if now < order.sent_at + FENCE {
        return (order, Next::Ask);
    }
    order.absences += 1;
    if order.absences < ABSENCES {
        return (order, Next::Ask);
    }
    if is_wanted {
        return (order, Next::Send);
    }
    order.state = VenueOrderState::Dead;
    (order, Next::Rest)
}

/// It was taken once, so it is never sent again. What was seen of it stays true, and what is missing of its position it
/// has closed: another close would be of what is not its copy's.
fn nowhere(mut order: VenueOrder, beyond: Decimal, now: DateTime<Utc>) -> (VenueOrder, Next) {
    if order.state != VenueOrderState::Accepted || now < order.sent_at + shown_within(order.leg) {
        return (order, Next::Ask);
    }
    order.absences += 1;
    if order.absences < ABSENCES {
        return (order, Next::Ask);
    }
    if order.leg == Leg::Close && beyond < Decimal::ZERO {
        order.filled = (order.filled - beyond).min(order.quantity);
    }
    let has_filled = order.filled > Decimal::ZERO;
    order.state = if has_filled { VenueOrderState::Filled } else { VenueOrderState::Dead };
    order.words = Some("no list shows it".to_owned());
    (order, Next::Rest)
}

/// The order as it is sent again, with a new time stamp.
#[must_use]
pub fn sent_again(order: &VenueOrder, now: DateTime<Utc>, epoch: i64) -> VenueOrder {
    VenueOrder {
        state: VenueOrderState::Intended,
        sendings: order.sendings + 1,
        sent_at: now,
        absences: 0,
        epoch,
        ..order.clone()
    }
}

/// The edge of a copy whose opening order is now `order`.
///
/// `held`: coins that the copy holds. `answer`: what made the order so.
#[must_use]
pub fn opened(copy: &CopyOrder, order: &VenueOrder, held: Decimal, answer: &Answer) -> Option<Transition> {
    let ticket = order.order_id.as_deref().and_then(|id| id.parse::<Ticket>().ok());
    match order.state {
        VenueOrderState::Filled => to_open(copy, order, held, ticket),
        VenueOrderState::Accepted if copy.state == CopyState::Claimed => {
            let mut edge = Transition::new(copy, CopyState::Received, Cause::AckOpen);
            edge.ticket = ticket;
            Some(edge)
        }
        VenueOrderState::Dead if matches!(answer, Answer::Nowhere { beyond } if *beyond > Decimal::ZERO) => {
            to_person(copy)
        }
        VenueOrderState::Refused | VenueOrderState::Dead => to_failed(copy, order, answer),
        VenueOrderState::Unknown if matches!(copy.state, CopyState::Claimed | CopyState::Received) => {
            let edge = Transition::new(copy, CopyState::Unconfirmed, Cause::Deadline);
            Some(worded(edge.because(ReasonCode::Silent), order.words.as_deref()))
        }
        _ => None,
    }
}

fn to_open(
    copy: &CopyOrder,
    order: &VenueOrder,
    held: Decimal,
    ticket: Option<Ticket>,
) -> Option<Transition> {
    let is_late = match copy.state {
        CopyState::Claimed | CopyState::Received | CopyState::Unconfirmed | CopyState::Attention => false,
        CopyState::Failed | CopyState::Skipped | CopyState::Closed => true,
        CopyState::Planned | CopyState::Open | CopyState::Closing => return None,
    };
    let mut edge = Transition::new(copy, CopyState::Open, Cause::AckOpen);
    edge.ticket = ticket;
    edge.open_lots = Some(lots_of(held, order.units));
    if is_late {
        edge = edge.because(ReasonCode::LateEvidence);
    }
    if order.filled < order.quantity {
        edge = edge.in_words(format!("{} / {}", order.filled.normalize(), order.quantity.normalize()));
    }
    Some(edge)
}

/// The evidence is contradictory: no list shows the order, and its position has more than copies account for.
fn to_person(copy: &CopyOrder) -> Option<Transition> {
    let edge = match copy.state {
        // By the time this is known the copy has long been in doubt.
        CopyState::Unconfirmed => Some((CopyState::Attention, Cause::NotListed)),
        CopyState::Claimed | CopyState::Received => Some((CopyState::Unconfirmed, Cause::Deadline)),
        _ => None,
    };
    edge.map(|(to, cause)| Transition::new(copy, to, cause).because(ReasonCode::Ambiguous))
}

fn to_failed(copy: &CopyOrder, order: &VenueOrder, answer: &Answer) -> Option<Transition> {
    if !matches!(copy.state, CopyState::Claimed | CopyState::Received | CopyState::Unconfirmed) {
        return None;
    }
    // What was ever in doubt may have been taken after all: it is not refused, and a late fill is looked out for.
    let was_in_doubt = order.absences > 0 || copy.state == CopyState::Unconfirmed;
    let was_sent = was_in_doubt || order.sendings > 1;
    let (cause, reason) = match answer {
        Answer::NotNow { reason: ReasonCode::Refused, .. } if !was_in_doubt => {
            (Cause::AckOpenFail, ReasonCode::Refused)
        }
        Answer::NotSent { .. } | Answer::NotNow { .. } if was_sent => {
            (Cause::NotListed, ReasonCode::NotOpened)
        }
        Answer::NotSent { reason, .. } | Answer::NotNow { reason, .. } => (Cause::NotWritten, *reason),
        Answer::Absent | Answer::Nowhere { .. } => (Cause::NotListed, ReasonCode::NotOpened),
        _ => (Cause::AckOpenFail, ReasonCode::Refused),
    };
    let edge = Transition::new(copy, CopyState::Failed, cause).because(reason);
    Some(worded(edge, order.words.as_deref()))
}

fn worded(edge: Transition, words: Option<&str>) -> Transition {
    match words {
        Some(words) if !words.is_empty() => edge.in_words(words),
        _ => edge,
    }
}

/// The edge of a copy whose closing order is now `order`.
///
/// `held`: coins that the copy still holds.
#[must_use]
pub fn closed(copy: &CopyOrder, order: &VenueOrder, held: Decimal) -> Option<Transition> {
    if !matches!(copy.state, CopyState::Open | CopyState::Closing | CopyState::Attention) {
        return None;
    }
    match order.state {
        VenueOrderState::Filled => {
            let is_part = copy.state == CopyState::Open && held > Decimal::ZERO;
            let cause = if is_part { Cause::AckReduce } else { Cause::AckClose };
            Some(reduced(copy, (held, order.units), cause))
        }
        // A part of an open copy, or what was to be all of it.
        VenueOrderState::Refused | VenueOrderState::Dead if copy.state != CopyState::Attention => {
            let note = Transition::new(copy, copy.state, Cause::AckCloseFail);
            Some(worded(note.because(ReasonCode::CloseRefused), order.words.as_deref()))
        }
        _ => None,
    }
}

/// The edge of a copy of which something else took a part, or all.
#[must_use]
pub fn taken_of(copy: &CopyOrder, held: Decimal, units: Decimal) -> Option<Transition> {
    if !matches!(copy.state, CopyState::Open | CopyState::Closing) {
        return None;
    }
    let edge = reduced(copy, (held, units), Cause::ClosedByOther);
    let is_ours = copy.state == CopyState::Closing && edge.to == CopyState::Closed;
    Some(if is_ours { edge } else { edge.because(ReasonCode::ClosedExternally) })
}

fn reduced(copy: &CopyOrder, (held, units): (Decimal, Decimal), cause: Cause) -> Transition {
    let to = if held > Decimal::ZERO { copy.state } else { CopyState::Closed };
    let mut edge = Transition::new(copy, to, cause);
    edge.open_lots = Some(lots_of(held.max(Decimal::ZERO), units));
    edge
}

/// Divides what is missing among copies, newest first: `held` in this order.
/// Returns what each of them lost.
#[must_use]
pub fn taken(held: &[Decimal], real: Decimal) -> Vec<Decimal> {
    let sum: Decimal = held.iter().copied().sum();
    let mut missing = (sum - real).max(Decimal::ZERO);
    let lose = |holds: &Decimal| {
        let lost = missing.min(*holds);
        missing -= lost;
        lost
    };
    held.iter().map(lose).collect()
}

/// How much of a copy may be closed now: what it holds, but never more than there
/// is once newer copies' losses are theirs.
#[must_use]
pub fn closable(held: Decimal, lost: Decimal, real: Decimal) -> Decimal {
    (held - lost).min(real).max(Decimal::ZERO)
}
