//! T3: writes what the engine decided, in batches.

use std::collections::HashMap;

use diesel::sql_query;
use diesel::sql_types::{Array, Integer, Nullable, Numeric, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::CopyId;
use flotilla_domain::side::Side;
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;

use crate::Tx;
use crate::error::{StoreError, StoreResult};
use crate::prepared::Prepared;
use crate::{copy_events, journal_projection};

/// One edge of a copy, or a note on it. Values that are `None` stay as they are, except the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyChange {
    /// The copy before the change; locked in the same transaction.
    pub copy: CopyOrder,
    /// State it enters.
    pub to: CopyState,
    /// Stable word of the engine.
    pub cause: &'static str,
    /// Explains the new state.
    pub reason: Option<ReasonCode>,
    /// The other side's words.
    pub detail: Option<String>,
    /// Ticket at the follower's terminal.
    pub ticket: Option<Ticket>,
    /// Side really opened.
    pub side: Option<Side>,
    /// Lots now open.
    pub open_lots: Option<Decimal>,
    /// Closing price.
    pub close_price: Option<Decimal>,
    /// Result in the follower's currency.
    pub pnl: Option<Decimal>,
    /// The line that is the evidence, if there was one.
    pub evidence_id: Option<i64>,
    /// The list of open tickets that is the evidence, if there was one.
    pub snapshot_id: Option<i64>,
    /// Microseconds from the claim's commit to the write of the open.
    pub sent_us: Option<i32>,
    /// Microseconds from the write of the open to its evidence.
    pub ack_us: Option<i32>,
}

impl CopyChange {
    /// Whether a position has come into being.
    #[must_use]
    pub fn opens(&self) -> bool {
        self.to == CopyState::Open && self.copy.state != CopyState::Open
    }

    /// Whether a position is gone.
    #[must_use]
    pub fn closes(&self) -> bool {
        self.to == CopyState::Closed && self.copy.state != CopyState::Closed
    }
}

/// Writes `changes` with their events, trades and fills.
///
/// * `changes`: in the order decided; a copy may occur several times, each time
///   leaving the state the time before entered.
/// * The copies must be locked in this transaction.
///
/// # Errors
///
/// [`StoreError::Constraint`] when a change is no edge of the state machine or
/// a position belongs to another copy already. Nothing is kept then.
pub async fn settle(tx: &mut Tx, changes: &[CopyChange]) -> StoreResult<()> {
    for round in rounds(changes) {
        update(tx, &round).await?;
        copy_events::insert(tx, &round).await?;
        let opened: Vec<_> = round.iter().copied().filter(|change| change.opens()).collect();
        let closed: Vec<_> = round.iter().copied().filter(|change| change.closes()).collect();
        if !opened.is_empty() {
            journal_projection::open_copies(tx, &opened).await?;
        }
        if !closed.is_empty() {
            journal_projection::close_copies(tx, &closed).await?;
        }
    }
    Ok(())
}

/// An `update … from` takes one row per copy: the n-th change of each copy is
/// written in the n-th round. There is nearly always one.
fn rounds(changes: &[CopyChange]) -> Vec<Vec<&CopyChange>> {
    let mut seen: HashMap<CopyId, usize> = HashMap::new();
    let mut rounds: Vec<Vec<&CopyChange>> = Vec::new();
    for change in changes {
        let turn = seen.entry(change.copy.id).or_default();
        match rounds.get_mut(*turn) {
            Some(round) => round.push(change),
            None => rounds.push(vec![change]),
        }
        *turn += 1;
    }
    rounds
}

async fn update(tx: &mut Tx, changes: &[&CopyChange]) -> StoreResult<()> {
    let query = sql_query(
        "update copy_orders c set
            state = v.to_state,
            reason_code = v.reason,
            reason_text = v.detail,
            venue_ref = coalesce(v.venue_ref, c.venue_ref),
            open_lots = coalesce(v.open_lots, c.open_lots),
            close_price = coalesce(v.close_price, c.close_price),
            pnl = coalesce(v.pnl, c.pnl),
            sent_us = coalesce(v.sent_us, c.sent_us),
            ack_us = coalesce(v.ack_us, c.ack_us),
            close_due_at = case
                when v.to_state = 'open' and c.desired_lots = 0 then now()
                when v.to_state = 'open' and c.state = 'open' and v.open_lots is null then c.close_due_at
                when v.to_state = 'open' and c.desired_version > 1
                    and coalesce(v.open_lots, c.open_lots) > c.desired_lots then now()
                when v.to_state = 'closing' then c.close_due_at end,
            updated_at = now()
         from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            as v (copy_id, from_state, to_state, reason, detail, venue_ref, open_lots, close_price, pnl,
                sent_us, ack_us)
         where c.copy_id = v.copy_id and c.state = v.from_state",
    )
    .bind::<Array<SqlUuid>, _>(changes.iter().map(|change| change.copy.id.uuid()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(changes.iter().map(|change| change.copy.state.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(changes.iter().map(|change| change.to.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(
        changes.iter().map(|change| change.reason.map(ReasonCode::as_str)).collect::<Vec<_>>(),
    )
    .bind::<Array<Nullable<Text>>, _>(
        changes.iter().map(|change| change.detail.as_deref()).collect::<Vec<_>>(),
    )
    .bind::<Array<Nullable<Text>>, _>(
        changes.iter().map(|change| change.ticket.map(|ticket| ticket.to_string())).collect::<Vec<_>>(),
    )
    .bind::<Array<Nullable<Numeric>>, _>(changes.iter().map(|change| change.open_lots).collect::<Vec<_>>())
    .bind::<Array<Nullable<Numeric>>, _>(changes.iter().map(|change| change.close_price).collect::<Vec<_>>())
    .bind::<Array<Nullable<Numeric>>, _>(changes.iter().map(|change| change.pnl).collect::<Vec<_>>())
    .bind::<Array<Nullable<Integer>>, _>(changes.iter().map(|change| change.sent_us).collect::<Vec<_>>())
    .bind::<Array<Nullable<Integer>>, _>(changes.iter().map(|change| change.ack_us).collect::<Vec<_>>());
    let written = Prepared(query).execute(tx).await?;
    if written == changes.len() { Ok(()) } else { Err(StoreError::NotFound("copy in the expected state")) }
}
