use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, put, web};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use flotilla_domain::id::AccountId;
use flotilla_domain::risk::phase::{FloorOverride, ManualStart};
use flotilla_domain::risk::rule::RuleId;
use flotilla_domain::user::Role;
use flotilla_store::audit::{self, NewAudit};
use flotilla_store::risk_phases::{self, CashFlow, StoredPhase};
use flotilla_store::risk_records::{self, Again, Recorded};
use flotilla_store::{Db, Scope, Tx, accounts, grants, risk_cash, risk_looks, risk_violations};
use rust_decimal::Decimal;
use tokio::time::sleep;
use uuid::Uuid;

use crate::auth::{Allowed, ManageAccounts, Read};
use crate::body::{Checked, Query};
use crate::dto::risk::AccountRiskDto;
use crate::dto::risk_corrections::{
    CashFlowKind, ClearViolation, NoteCashFlow, PutDayStart, SetFloor, ViolationDto,
};
use crate::dto::risk_rules::checked;
use crate::error::{ApiError, ApiResult, Problem};
use crate::idempotency::{self, IdempotencyKey, Keyed};
use crate::page::{self, Page, PageQuery};
use crate::routes::risk::{account_risk, bounded, past};
use crate::shared::Shared;
use crate::turns;

/// What one needs to take a violation back inside its phase.
const CLEAR: &str = "violations:clear";
/// How often it is looked whether somebody else is at an account.
const LOOKS: u32 = 50;
/// That often: five seconds in all.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Say with what a day began, as the firm's dashboard shows it.
#[utoipa::path(
    operation_id = "put_day_start",
    tag = "risk",
    params(("account_id" = Uuid, Path), ("label" = NaiveDate, Path, description = "The date that the day carries.")),
    request_body = PutDayStart,
    responses(
        (status = 200, body = AccountRiskDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/api/v1/accounts/{account_id}/day-starts/{label}")]
pub async fn put_day_start(
    caller: Allowed<ManageAccounts>,
    path: web::Path<(AccountId, NaiveDate)>,
    shared: web::Data<Shared>,
    body: Checked<PutDayStart>,
) -> ApiResult<web::Json<AccountRiskDto>> {
    let (scope, (id, label)) = (caller.scope, *path);
    let start = ManualStart {
        balance: bounded("balance", body.0.balance)?,
        equity: bounded("equity", body.0.equity)?,
    };
    let _turn = turns::take_history(scope.actor, true).await?;
    let (recorded, risk) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            let stored = lock(tx, scope, id).await?;
            let audit = risk_phases::save_day_start(tx, scope, stored.id, label, start).await?;
            judge_again(tx, scope, (&stored, before_day(label)), audit).await
        })
        .await?;
    shared.risk_changed(scope, id, Some(&recorded)).await;
    Ok(web::Json(risk))
}

/// Fix a floor from a moment on, as the firm did.
#[utoipa::path(
    operation_id = "set_floor",
    tag = "risk",
    params(("account_id" = Uuid, Path), IdempotencyKey),
    request_body = SetFloor,
    responses(
        (status = 201, body = AccountRiskDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts/{account_id}/floor-overrides")]
pub async fn set_floor(
    caller: Allowed<ManageAccounts>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
    request: Keyed<SetFloor>,
) -> ApiResult<HttpResponse> {
    let (scope, id, Keyed { body, key }) = (caller.scope, *account_id, request);
    let floor = bounded("floor", body.floor)?;
    let _turn = turns::take_history(scope.actor, body.at.is_some()).await?;
    let (recorded, answered) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, scope.owner, key.as_ref()).await? {
                return Ok((None, earlier));
            }
            let stored = lock(tx, scope, id).await?;
            let at = past("at", body.at, risk_records::clock(tx).await?)?;
            in_phase(&stored, at)?;
            let set = FloorOverride { rule: RuleId(body.rule_id), at, floor };
            let mut phase = stored.phase.clone();
            phase.floor_overrides.push(set.clone());
            checked(phase)
                .map_err(|_| ApiError::field("rule_id", "no_floor", "has no floor that could be set"))?;
            let audit = risk_phases::insert_floor_override(tx, scope, stored.id, &set, &body.reason).await?;
            let (recorded, risk) = judge_again(tx, scope, (&stored, at), audit).await?;
            let shown = (StatusCode::CREATED, &risk);
            let answered = idempotency::answer(tx, scope.owner, key.as_ref(), shown).await?;
            Ok::<_, ApiError>((Some(recorded), answered))
        })
        .await?;
    if let Some(recorded) = &recorded {
        shared.risk_changed(scope, id, Some(recorded)).await;
    }
    Ok(idempotency::respond(answered))
}

/// Note money that was moved: it is never profit or loss.
#[utoipa::path(
    operation_id = "note_cash_flow",
    tag = "risk",
    params(("account_id" = Uuid, Path), IdempotencyKey),
    request_body = NoteCashFlow,
    responses(
        (status = 201, body = AccountRiskDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts/{account_id}/cash-flows")]
pub async fn note_cash_flow(
    caller: Allowed<ManageAccounts>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
    request: Keyed<NoteCashFlow>,
) -> ApiResult<HttpResponse> {
    let (scope, id, Keyed { body, key }) = (caller.scope, *account_id, request);
    let (kind, amount) = signed(body.kind, bounded("amount", body.amount)?)?;
    let _turn = turns::take_history(scope.actor, body.at.is_some()).await?;
    let (recorded, answered) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, scope.owner, key.as_ref()).await? {
                return Ok((None, earlier));
            }
            let stored = lock(tx, scope, id).await?;
            let at = past("at", body.at, risk_records::clock(tx).await?)?;
            in_phase(&stored, at)?;
            not_reported(tx, &stored, (kind, at)).await?;
            let flow = CashFlow { kind, at, amount, note: body.note };
            let audit = risk_phases::insert_cash_flow(tx, scope, stored.id, &flow).await?;
            let (recorded, risk) = judge_again(tx, scope, (&stored, at), audit).await?;
            let shown = (StatusCode::CREATED, &risk);
            let answered = idempotency::answer(tx, scope.owner, key.as_ref(), shown).await?;
            Ok::<_, ApiError>((Some(recorded), answered))
        })
        .await?;
    if let Some(recorded) = &recorded {
        shared.risk_changed(scope, id, Some(recorded)).await;
    }
    Ok(idempotency::respond(answered))
}

/// Refuses money of a time of which the account's terminal tells itself: it would count twice.
async fn not_reported(tx: &mut Tx, stored: &StoredPhase, (kind, at): (&str, DateTime<Utc>)) -> ApiResult<()> {
    let since = risk_cash::reported_since(tx, stored).await?;
    match since.filter(|since| kind != "correction" && at >= *since) {
        Some(since) => Err(ApiError::CashIsReported(since)),
        None => Ok(()),
    }
}

/// Word and sign under which money is kept.
fn signed(kind: CashFlowKind, amount: Decimal) -> ApiResult<(&'static str, Decimal)> {
    let is_fit = if kind == CashFlowKind::Correction { !amount.is_zero() } else { amount > Decimal::ZERO };
    if !is_fit {
        return Err(ApiError::field("amount", "out_of_range", "must be above zero"));
    }
    Ok(match kind {
        CashFlowKind::Deposit => ("deposit", amount),
        CashFlowKind::Withdrawal => ("withdrawal", -amount),
        CashFlowKind::Payout => ("payout", -amount),
        CashFlowKind::Correction => ("correction", amount),
    })
}

/// Notes the difference between the balance before and `balance`, of `at`, as
/// money that was moved. What was noted of it already is left out. Append what is
/// returned to the audit when all else is done.
///
/// # Errors
///
/// 422 when money cannot have been moved that way, or figures of later are known; 409 when the terminal tells of it itself.
pub async fn explain(
    tx: &mut Tx,
    scope: Scope,
    id: AccountId,
    (at, balance): (DateTime<Utc>, Decimal),
    kind: CashFlowKind,
) -> ApiResult<Option<NewAudit>> {
    let stored = lock(tx, scope, id).await?;
    in_phase(&stored, at)?;
    let look = risk_looks::find(tx, scope.owner, id).await?.ok_or(ApiError::NoPhase)?;
    let last = look.state.last();
    if last.is_some_and(|last| at <= last.at) {
        return Err(ApiError::field("at", "too_early", "is not after the last figures"));
    }
    let noted = risk_phases::cash_moved(tx, &stored, (last.map(|last| last.at), at)).await?;
    let before = last.map_or(stored.phase.starting_balance, |last| last.balance);
    let moved = balance - before - noted;
    if moved.is_zero() {
        return Ok(None);
    }
    let size = if matches!(kind, CashFlowKind::Withdrawal | CashFlowKind::Payout) { -moved } else { moved };
    let (kind, amount) = signed(kind, size).map_err(|_| {
        ApiError::field("change", "does_not_fit", "would have changed the balance the other way")
    })?;
    not_reported(tx, &stored, (kind, at)).await?;
    let flow = CashFlow { kind, at, amount, note: None };
    Ok(Some(risk_phases::insert_cash_flow(tx, scope, stored.id, &flow).await?))
}

fn in_phase(stored: &StoredPhase, at: DateTime<Utc>) -> ApiResult<()> {
    if at < stored.phase.started_at {
        return Err(ApiError::field("at", "too_early", "is before the phase began"));
    }
    Ok(())
}

/// The running phase, locked.
///
/// # Errors
///
/// 404 for an account that is not the owner's, 409 without a phase, 503 when somebody else is at it for long.
pub(super) async fn lock(tx: &mut Tx, scope: Scope, id: AccountId) -> ApiResult<StoredPhase> {
    accounts::get(tx, scope.owner, id).await?;
    hold(tx, scope, id).await?.ok_or(ApiError::NoPhase)
}

/// The running phase, locked, if there is one. Whoever follows the account again may be at it for minutes: whoever waited
/// for that would keep a connection from others.
///
/// # Errors
///
/// 503 `busy` when somebody else is at it for long.
pub(super) async fn hold(tx: &mut Tx, scope: Scope, id: AccountId) -> ApiResult<Option<StoredPhase>> {
    for _ in 0..LOOKS {
        if let Some(stored) = risk_phases::try_lock(tx, scope.owner, id).await? {
            return Ok(Some(stored));
        }
        if risk_phases::find(tx, scope.owner, id).await?.is_none() {
            return Ok(None);
        }
        sleep(BETWEEN_LOOKS).await;
    }
    Err(ApiError::Busy)
}

/// A moment before the day of this label, in whatever zone it begins.
fn before_day(label: NaiveDate) -> DateTime<Utc> {
    let date = label.checked_sub_days(Days::new(2)).unwrap_or(label);
    date.and_time(NaiveTime::MIN).and_utc()
}

/// Follows the account again from the moment of which something was corrected, and records who did that.
///
/// # Errors
///
/// When the phase has ended, or the database does not answer.
pub(super) async fn judge_again(
    tx: &mut Tx,
    scope: Scope,
    (before, since): (&StoredPhase, DateTime<Utc>),
    corrected: NewAudit,
) -> ApiResult<(Recorded, AccountRiskDto)> {
    let id = before.account_id;
    let stored = risk_phases::find(tx, scope.owner, id).await?.ok_or(ApiError::NoPhase)?;
    let recorded = risk_records::rebuild(tx, &stored, Again::Since(since)).await?;
    audit::append(tx, scope.owner, corrected).await?;
    Ok((recorded, account_risk(tx, scope.owner, id).await?))
}

/// Lines that an account has crossed in all its phases, newest first. They are
/// our measurement; the firm decides.
#[utoipa::path(
    operation_id = "list_violations",
    tag = "risk",
    params(("account_id" = Uuid, Path), PageQuery),
    responses(
        (status = 200, body = Page<ViolationDto>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/violations")]
pub async fn list_violations(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
    query: Query<PageQuery>,
) -> ApiResult<web::Json<Page<ViolationDto>>> {
    let limit = page::limit(query.0.limit)?;
    let after = page::after(query.0.cursor.as_deref())?;
    let (owner, id) = (caller.scope.owner, *account_id);
    let rows = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            accounts::get(tx, owner, id).await?;
            risk_violations::list_after(tx, owner, id, (after, limit + 1)).await
        })
        .await?;
    Ok(web::Json(Page::of(rows, limit, |row| (row.violation.at, row.id))))
}

/// Take a violation back inside its phase: for admins. An owner begins a new
/// phase instead.
#[utoipa::path(
    operation_id = "clear_violation",
    tag = "risk",
    params(("account_id" = Uuid, Path), ("violation_id" = Uuid, Path)),
    request_body = ClearViolation,
    responses(
        (status = 200, body = AccountRiskDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts/{account_id}/violations/{violation_id}/clear")]
pub async fn clear_violation(
    caller: Allowed<Read>,
    path: web::Path<(AccountId, Uuid)>,
    shared: web::Data<Shared>,
    body: Checked<ClearViolation>,
) -> ApiResult<web::Json<AccountRiskDto>> {
    let (scope, (id, violation)) = (caller.scope, *path);
    caller
        .db
        .read(scope, async move |tx: &mut Tx| risk_violations::get(tx, scope.owner, id, violation).await)
        .await?;
    let db = clearing(&caller, &shared).await?;
    let (recorded, risk) = db
        .write(scope, async move |tx: &mut Tx| {
            let before = lock(tx, scope, id).await?;
            let cleared = risk_violations::clear(tx, scope, id, violation, &body.0.reason).await?;
            let audit = cleared.ok_or(ApiError::AlreadyCleared)?;
            // Not by a step of time alone: another violation of the rule may stand behind this one.
            let now = risk_records::clock(tx).await?;
            judge_again(tx, scope, (&before, now), audit).await
        })
        .await?;
    shared.risk_changed(scope, id, Some(&recorded)).await;
    Ok(web::Json(risk))
}

/// The pool with which an admin clears: of his own account, or under an owner's grant to admins.
/// He does that himself: no key is good for it, whatever its user may.
async fn clearing(caller: &Allowed<Read>, shared: &Shared) -> ApiResult<Db> {
    if caller.role != Role::Admin || caller.is_key {
        return Err(ApiError::Forbidden(CLEAR));
    }
    let scope = caller.scope;
    let is_granted = !caller.is_guest()
        || caller.db.read(scope, async move |tx: &mut Tx| grants::is_admin_granted(tx, scope).await).await?;
    if is_granted { Ok(shared.stores.app.clone()) } else { Err(ApiError::Forbidden(CLEAR)) }
}
