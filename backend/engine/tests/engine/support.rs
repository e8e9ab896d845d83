//! Copies and evidence for the engine's tests.

#![expect(clippy::unwrap_used, reason = "constants that cannot be made are a broken test")]

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::id::{AccountId, CopyId, OwnerId, SignalId};
use flotilla_domain::lots::Lots;
use flotilla_domain::money::Money;
use flotilla_domain::side::Side;
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;
use uuid::Uuid;

pub const MASTER_TICKET: i64 = 1001;

pub fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

pub fn ticket(number: i64) -> Ticket {
    Ticket::new(number).unwrap()
}

/// A copy of 0.10 lots in `state`, with what that state implies: a claim from
/// `claimed` on and ticket 5001 from `open` on.
pub fn copy(state: CopyState) -> CopyOrder {
    use CopyState::{Closed, Closing, Open, Planned, Skipped};
    let was_claimed = !matches!(state, Planned | Skipped);
    let was_open = matches!(state, Open | Closing | Closed);
    CopyOrder {
        id: CopyId::from_uuid(Uuid::from_u128(1)),
        signal_id: SignalId::from_uuid(Uuid::from_u128(2)),
        owner_id: OwnerId::from_uuid(Uuid::from_u128(3)),
        follower_id: AccountId::from_uuid(Uuid::from_u128(4)),
        master_id: AccountId::from_uuid(Uuid::from_u128(5)),
        state,
        symbol: "XAUUSD".parse().unwrap(),
        side: Side::Buy,
        master_ticket: ticket(MASTER_TICKET),
        desired_lots: Decimal::new(10, 2),
        follower_ticket: was_open.then(|| ticket(5001)),
        open_lots: Decimal::ZERO,
        close_price: None,
        pnl: None,
        reason: None,
        claim_epoch: was_claimed.then_some(7),
        claimed_at: was_claimed.then(start),
        expires_at: start() + TimeDelta::seconds(5),
    }
}

pub fn opened(number: i64) -> Evidence {
    Evidence::Opened {
        ticket: ticket(number),
        lots: Some(Lots::new(Decimal::new(10, 2)).unwrap()),
        side: Side::Buy,
    }
}

pub fn open_refused(reason: &str) -> Evidence {
    Evidence::OpenRefused { reason: reason.to_owned() }
}

pub fn closed() -> Evidence {
    Evidence::Closed { price: Some(Decimal::new(2035, 0)), profit: Money::from(Decimal::new(45, 0)) }
}

pub fn close_refused() -> Evidence {
    Evidence::CloseRefused { reason: "market closed".to_owned() }
}

pub fn closed_by_other() -> Evidence {
    Evidence::ClosedByOther { price: Some(Decimal::new(2020, 0)), profit: Money::from(Decimal::new(-105, 0)) }
}
