//! What terminals report of money that was moved in or out of their accounts.

use chrono::{DateTime, SubsecRound, Utc};
use diesel::sql_types::{Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::risk::observation::Observation;
use rust_decimal::Decimal;
use serde_json::json;

use crate::audit::{self, NewAudit};
use crate::db::Tx;
use crate::error::StoreResult;
use crate::risk_observations::is_told_again;
use crate::risk_phases::{self, StoredPhase};
use crate::risk_records::{self, Recorded};

#[derive(QueryableByName)]
struct TotalRow {
    #[diesel(sql_type = Nullable<Numeric>)]
    total: Option<Decimal>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct SinceRow {
    #[diesel(sql_type = Nullable<Timestamptz>)]
    since: Option<DateTime<Utc>>,
}

/// What a terminal tells of its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its figures.
    pub seen: Observation,
    /// Its deposits less its withdrawals, of the account's whole history, if it knows.
    pub total: Option<Decimal>,
    /// Whether it kept them back, or tells them once more because they may have been lost.
    pub is_kept: bool,
}

/// As [`risk_records::record`], of what a terminal tells; `None` also for what it tells again and is written down.
///
/// The first total of a phase says nothing. What a later one differs by was moved since, and is a cash flow of the
/// moment in which it shows, in the same transaction as the figures that show it. Figures of before the last ones are
/// older than the last total, too: theirs is passed over.
pub async fn record(
    tx: &mut Tx,
    owner: OwnerId,
    account: AccountId,
    report: Report,
) -> StoreResult<Option<Recorded>> {
    let Report { mut seen, total, is_kept } = report;
    let Some(stored) = risk_phases::lock(tx, owner, account).await? else { return Ok(None) };
    let now = risk_records::clock(tx).await?;
    seen.at = seen.at.trunc_subsecs(6);
    let at = seen.at;
    if is_kept && is_told_again(tx, &stored, &seen).await? {
        return Ok(None);
    }
    let known = find(tx, &stored).await?;
    let is_newer = known.as_ref().and_then(|known| known.last_at).is_none_or(|last| at > last);
    let total = total.filter(|_| is_newer && at >= stored.phase.started_at);
    // Without figures in this phase, whatever the total was before is of another time.
    let before = known.filter(|known| known.last_at.is_some()).and_then(|known| known.total);
    let moved = total.zip(before).map(|(total, before)| total - before).filter(|moved| !moved.is_zero());
    if let Some(moved) = moved {
        insert(tx, &stored, at, moved).await?;
    }
    let recorded = risk_records::record_at(tx, &stored, seen, now).await?;
    if let Some(total) = total.filter(|total| before != Some(*total)) {
        keep(tx, &stored, (at, total, before.is_none())).await?;
    }
    if let Some(moved) = moved {
        append(tx, &stored, at, moved).await?;
    }
    Ok(Some(recorded))
}

/// Since when the account's terminal tells of money that is moved in this phase, if it does.
pub async fn reported_since(tx: &mut Tx, stored: &StoredPhase) -> StoreResult<Option<DateTime<Utc>>> {
    let row: Option<SinceRow> = sql_query(
        "select cash_reported_since as since from risk_states where account_id = $1 and phase_id = $2",
    )
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<SqlUuid, _>(stored.id)
    .get_result(tx)
    .await
    .optional()?;
    Ok(row.and_then(|row| row.since))
}

async fn find(tx: &mut Tx, stored: &StoredPhase) -> StoreResult<Option<TotalRow>> {
    Ok(sql_query(
        "select reported_cash as total, (state #>> '{last,at}')::timestamptz as last_at
         from risk_states where account_id = $1 and phase_id = $2",
    )
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<SqlUuid, _>(stored.id)
    .get_result(tx)
    .await
    .optional()?)
}

async fn insert(tx: &mut Tx, stored: &StoredPhase, at: DateTime<Utc>, moved: Decimal) -> StoreResult<()> {
    sql_query(
        "insert into risk_cash_flows (phase_id, owner_id, kind, at, amount, source)
         values ($1, $2, $3, $4, $5, 'reported')",
    )
    .bind::<SqlUuid, _>(stored.id)
    .bind::<SqlUuid, _>(stored.owner_id.uuid())
    .bind::<Text, _>(kind(moved))
    .bind::<Timestamptz, _>(at)
    .bind::<Numeric, _>(moved)
    .execute(tx)
    .await?;
    Ok(())
}

const fn kind(moved: Decimal) -> &'static str {
    if moved.is_sign_positive() { "deposit" } else { "withdrawal" }
}

async fn append(tx: &mut Tx, stored: &StoredPhase, at: DateTime<Utc>, moved: Decimal) -> StoreResult<()> {
    let kind = kind(moved);
    let detail = json!({ "account_id": stored.account_id, "kind": kind, "at": at, "amount": moved, "source": "reported" });
    let new = NewAudit {
        actor: None,
        action: "risk_cash_moved",
        target_kind: "risk_phase",
        target_id: Some(stored.id),
        detail,
    };
    audit::append(tx, stored.owner_id, new).await
}

async fn keep(
    tx: &mut Tx,
    stored: &StoredPhase,
    (at, total, is_first): (DateTime<Utc>, Decimal, bool),
) -> StoreResult<()> {
    let since = is_first.then_some(at);
    sql_query(
        "update risk_states set reported_cash = $3, cash_reported_since = coalesce($4, cash_reported_since)
         where account_id = $1 and phase_id = $2",
    )
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<SqlUuid, _>(stored.id)
    .bind::<Numeric, _>(total)
    .bind::<Nullable<Timestamptz>, _>(since)
    .execute(tx)
    .await?;
    Ok(())
}
