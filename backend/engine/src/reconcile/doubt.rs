//! Copies whose open may or may not have been executed.
//!
//! A v7 follower executes or loses everything an older connection delivered
//! before the first line of a newer one, and says neither. Its list then shows
//! what came of it: U copies in doubt stand against X positions that may be
//! theirs.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::money::Money;
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;

use super::{Finding, List};
use crate::cause::Cause;
use crate::transition::Transition;

/// What the account had reported before the open was claimed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Baseline {
    /// The last list before the claim.
    pub listed: HashSet<Ticket>,
    /// The highest ticket reported before the claim, in any way.
    pub highest: Option<Ticket>,
}

/// A copy in doubt: `unconfirmed`, or `failed` by the list before this one,
/// which this one may contradict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// The copy.
    pub order: CopyOrder,
    /// `None`: no list came before its claim, so that no position is new.
    pub baseline: Option<Baseline>,
    /// When a list first showed no position for it, if every list since did not.
    pub missing_since: Option<DateTime<Utc>>,
}

impl Doubt {
    /// Whether a list of the scene that lacks it is the second to do so, long enough after the first.
    #[must_use]
    pub fn is_second(&self, scene: &Scene<'_>) -> bool {
        self.missing_since.is_some_and(|since| since + scene.apart <= scene.list.at)
    }
}

/// A position nobody owns that left by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone {
    /// Its ticket.
    pub ticket: Ticket,
    /// When that was said.
    pub at: DateTime<Utc>,
    /// Closing price; zero is not a price.
    pub price: Option<Decimal>,
    /// Profit, account currency.
    pub profit: Money,
}

/// What copies in doubt are held against.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The list.
    pub list: &'a List,
    /// Tickets of it that no copy of any account at this broker account owns.
    pub unknown: &'a [Ticket],
    /// Positions of nobody that left, in any order.
    pub gone: &'a [Gone],
    /// Those among both that are, or may be, another account's of the same owner: two
    /// EAs on one terminal list each other's positions, and nobody says that they do.
    pub siblings: &'a [Ticket],
    /// Session the list came over.
    pub epoch: i64,
    /// Whether an open of this session, or one of another account of the owner,
    /// waits for its answer: a new position may be its.
    pub is_in_flight: bool,
    /// Whether the list is too odd to be believed alone.
    pub is_doubtful: bool,
    /// Whether the owner wants a single fitting position to be adopted.
    pub adopts: bool,
    /// How long two lists must lie apart.
    pub apart: TimeDelta,
}

/// Judges all copies in doubt of one follower; one finding each, in their order.
///
/// | U | X | result |
/// | --- | --- | --- |
/// | any | 0 | never opened, which a second list agrees to, or gone again where that was said |
/// | 1 | 1 | adopted, marked as inferred, or put to the owner |
/// | 1 | 1 that may be another account's | put to the owner |
/// | else | | put to the owner |
#[must_use]
pub fn resolve(doubts: &[Doubt], scene: &Scene<'_>) -> Vec<Finding> {
    let fitting: BTreeSet<Ticket> = doubts.iter().flat_map(|doubt| fitting(doubt, scene)).collect();
    if fitting.is_empty() {
        return nothing_fits(doubts, scene);
    }
    if scene.is_in_flight {
        return vec![Finding::Known; doubts.len()];
    }
    match (doubts, fitting.iter().collect::<Vec<_>>().as_slice()) {
        ([only], [ticket])
            if only.baseline.is_some() && !has_gone(only, scene) && !scene.siblings.contains(ticket) =>
        {
            vec![one_fits(&only.order, **ticket, scene)]
        }
        _ => doubts.iter().map(|doubt| put_to_owner(doubt, &fitting)).collect(),
    }
}

/// Positions that may be this copy's. Without a baseline every unknown one may be.
fn fitting(doubt: &Doubt, scene: &Scene<'_>) -> Vec<Ticket> {
    let is_new = |ticket: &&Ticket| {
        doubt.baseline.as_ref().is_none_or(|before| {
            !before.listed.contains(ticket) && before.highest.is_none_or(|highest| **ticket > highest)
        })
    };
    scene.unknown.iter().filter(is_new).copied().collect()
}

fn one_fits(copy: &CopyOrder, ticket: Ticket, scene: &Scene<'_>) -> Finding {
    if scene.adopts {
        let mut edge = Transition::new(copy, CopyState::Open, Cause::Adopted).because(ReasonCode::Inferred);
        edge.ticket = Some(ticket);
        edge.open_lots = (copy.desired_lots > Decimal::ZERO).then_some(copy.desired_lots);
        return Finding::Moves(edge);
    }
    to_attention(copy, ReasonCode::OwnerDecides, &ticket.to_string())
}

fn put_to_owner(doubt: &Doubt, fitting: &BTreeSet<Ticket>) -> Finding {
    let reason = match doubt.baseline {
        Some(_) => ReasonCode::Ambiguous,
        None => ReasonCode::NoBaseline,
    };
    let tickets: Vec<String> = fitting.iter().take(SHOWN).map(ToString::to_string).collect();
    to_attention(&doubt.order, reason, &tickets.join(", "))
}

/// Tickets that are named in an event.
const SHOWN: usize = 10;

/// A copy that has failed before stays so: its owner sees the position among the unknown ones.
fn to_attention(copy: &CopyOrder, reason: ReasonCode, tickets: &str) -> Finding {
    if copy.state != CopyState::Unconfirmed {
        return Finding::Known;
    }
    let edge = Transition::new(copy, CopyState::Attention, Cause::Listed);
    Finding::Moves(edge.because(reason).in_words(tickets))
}

fn nothing_fits(doubts: &[Doubt], scene: &Scene<'_>) -> Vec<Finding> {
    let in_doubt = doubts.iter().filter(|doubt| doubt.order.state == CopyState::Unconfirmed).count();
    doubts
        .iter()
        .map(|doubt| {
            if doubt.order.state != CopyState::Unconfirmed {
                let is_agreed = doubt.is_second(scene) && !has_gone(doubt, scene);
                return if is_agreed { Finding::Agreed } else { Finding::Known };
            }
            if !is_proof(doubt, scene) {
                return if doubt.missing_since.is_none() { Finding::Missing } else { Finding::Known };
            }
            Finding::Moves(not_there(doubt, in_doubt, scene))
        })
        .collect()
}

/// Whether this list alone shows that the copy has no position: it came over a
/// newer connection than the order, and is not odd. Otherwise a second is needed.
fn is_proof(doubt: &Doubt, scene: &Scene<'_>) -> bool {
    let is_newer = doubt.order.claim_epoch.is_some_and(|epoch| epoch < scene.epoch);
    doubt.is_second(scene) || (is_newer && !scene.is_doubtful)
}

fn not_there(doubt: &Doubt, in_doubt: usize, scene: &Scene<'_>) -> Transition {
    let copy = &doubt.order;
    let is_siblings = |gone: &&Gone| scene.siblings.contains(&gone.ticket);
    let gone: Vec<&Gone> = scene.gone.iter().filter(|gone| may_have_been(doubt, gone)).collect();
    match gone.as_slice() {
        [] => Transition::new(copy, CopyState::Failed, Cause::NotListed).because(ReasonCode::NotOpened),
        [gone] if in_doubt == 1 && !is_siblings(gone) => {
            let mut edge = Transition::new(copy, CopyState::Closed, Cause::ClosedByOther);
            edge.open_lots = Some(Decimal::ZERO);
            edge.ticket = Some(gone.ticket);
            edge.close_price = gone.price;
            edge.pnl = Some(gone.profit);
            edge.because(ReasonCode::ClosedExternally)
        }
        several if several.len() >= in_doubt && !several.iter().any(is_siblings) => {
            let mut edge = Transition::new(copy, CopyState::Closed, Cause::ClosedByOther);
            edge.open_lots = Some(Decimal::ZERO);
            edge.because(ReasonCode::ClosedExternally)
        }
        _ => Transition::new(copy, CopyState::Attention, Cause::ClosedByOther).because(ReasonCode::Ambiguous),
    }
}

/// Whether its position may have come and gone: then one that is there proves nothing.
fn has_gone(doubt: &Doubt, scene: &Scene<'_>) -> bool {
    scene.gone.iter().any(|gone| may_have_been(doubt, gone))
}

fn may_have_been(doubt: &Doubt, gone: &Gone) -> bool {
    let came_later = doubt.order.claimed_at.is_some_and(|claimed_at| gone.at >= claimed_at);
    let is_new = doubt.baseline.as_ref().is_none_or(|before| {
        !before.listed.contains(&gone.ticket) && before.highest.is_none_or(|highest| gone.ticket > highest)
    });
    came_later && is_new
}
