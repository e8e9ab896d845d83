use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use flotilla_domain::floating::together;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::risk::amount::is_bounded;
use flotilla_domain::risk::observation::{MAX_SKEW_S, Observation};
use flotilla_store::figures as stored_figures;
use flotilla_store::floating::{self, Positions};
use flotilla_store::risk_members::{self, Which};
use flotilla_store::{StoreError, StoreResult, Tx, accounts, audit, guards, risk_looks, risk_records};
use rust_decimal::Decimal;

use crate::auth::{Allowed, ManageAccounts, Read};
use crate::dto::figure::Figure;
use crate::dto::guard::GuardStateDto;
use crate::dto::risk::{AccountRiskDto, EstimateDto, RiskSummaryDto, TakeSnapshot};
use crate::dto::risk_corrections::BalanceChange;
use crate::error::{ApiError, ApiResult, Problem};
use crate::idempotency::{self, IdempotencyKey, Keyed};
use crate::page::Page;
use crate::routes::risk_corrections::{explain, hold};
use crate::shared::Shared;
use crate::turns;

/// Where every account stands, in short, by name.
#[utoipa::path(
    operation_id = "list_risks",
    tag = "risk",
    responses(
        (status = 200, body = Page<RiskSummaryDto>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/risk")]
pub async fn list_risks(caller: Allowed<Read>) -> ApiResult<web::Json<Page<RiskSummaryDto>>> {
    let owner = caller.scope.owner;
    let members = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| risk_members::list(tx, owner, Which::Every).await)
        .await?;
    Ok(web::Json(Page { items: members.iter().map(Into::into).collect(), next_cursor: None }))
}

/// Where an account stands by its rules.
#[utoipa::path(
    operation_id = "get_account_risk",
    tag = "risk",
    params(("account_id" = Uuid, Path)),
    responses(
        (status = 200, body = AccountRiskDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/risk")]
pub async fn get_account_risk(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
) -> ApiResult<web::Json<AccountRiskDto>> {
    let (owner, id) = (caller.scope.owner, *account_id);
    let risk =
        caller.db.read(caller.scope, async move |tx: &mut Tx| account_risk(tx, owner, id).await).await?;
    Ok(web::Json(risk))
}

/// Where an account stands; one without rules is unknown.
///
/// # Errors
///
/// [`StoreError::NotFound`] when it is not the owner's.
pub async fn account_risk(tx: &mut Tx, owner: OwnerId, id: AccountId) -> StoreResult<AccountRiskDto> {
    account_risks(tx, owner, &[id]).await?.pop().ok_or(StoreError::NotFound("account"))
}

/// Where those of `ids` stand that are the owner's, by as many queries as for one of them.
///
/// # Errors
///
/// When the database does not answer.
pub async fn account_risks(
    tx: &mut Tx,
    owner: OwnerId,
    ids: &[AccountId],
) -> StoreResult<Vec<AccountRiskDto>> {
    let mut guards = guards::of_accounts(tx, owner, ids).await?;
    let clocks = stored_figures::list_clocks_ahead(tx, owner, ids).await?;
    let looks = risk_looks::list(tx, owner, ids).await?;
    let bare: Vec<AccountId> =
        ids.iter().filter(|id| !looks.iter().any(|look| look.stored.account_id == **id)).copied().collect();
    let mut risks = Vec::with_capacity(ids.len());
    for look in looks {
        let id = look.stored.account_id;
        let guard = GuardStateDto::of_account(guards.remove(&id).unwrap_or_default(), [(id, &look.risk)]);
        let is_silent = look.state.last().is_none();
        let figures = if is_silent { estimate(tx, owner, id, look.now).await? } else { None };
        let risk = AccountRiskDto { figures, ..AccountRiskDto::of(&look, guard) };
        risks.push(risk.with_clock(clocks.get(&id).copied()));
    }
    if bare.is_empty() {
        return Ok(risks);
    }
    for member in risk_members::list(tx, owner, Which::These(&bare)).await? {
        let guard = guards.remove(&member.id).unwrap_or_default();
        let guard = GuardStateDto::of_account(guard, [(member.id, &member.risk)]);
        let figures = estimate(tx, owner, member.id, member.now).await?;
        risks.push(AccountRiskDto { figures, ..AccountRiskDto::without_phase(&member, guard) });
    }
    Ok(risks)
}

/// What prices make of the open positions of an account that never told its balance.
async fn estimate(
    tx: &mut Tx,
    owner: OwnerId,
    id: AccountId,
    now: DateTime<Utc>,
) -> StoreResult<Option<EstimateDto>> {
    if accounts::get(tx, owner, id).await?.figures.is_some() {
        return Ok(None);
    }
    let positions = floating::list(tx, owner, Positions::Accounts(&[id])).await?;
    Ok(EstimateDto::of(together(positions.iter().map(|position| position.floating)), now))
}

/// Hand over figures of an account: from an integrator, or typed in.
///
/// Positions are not known by them, so limits on positions stay unknown. Of an
/// account that no terminal watches they hold until the account's next reset.
/// Refused when they are older than what is kept: this month and the two before.
#[utoipa::path(
    operation_id = "take_snapshot",
    tag = "risk",
    params(("account_id" = Uuid, Path), IdempotencyKey),
    request_body = TakeSnapshot,
    responses(
        (status = 201, body = AccountRiskDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts/{account_id}/snapshots")]
pub async fn take_snapshot(
    caller: Allowed<ManageAccounts>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
    request: Keyed<TakeSnapshot>,
) -> ApiResult<HttpResponse> {
    let (scope, owner, id) = (caller.scope, caller.scope.owner, *account_id);
    let Keyed { body, key } = request;
    let (balance, equity) = (bounded("balance", body.balance)?, bounded("equity", body.equity)?);
    let moved = body.change.and_then(BalanceChange::flow);
    let _turn = turns::take_history(scope.actor, body.at.is_some()).await?;
    let (recorded, answered) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, owner, key.as_ref()).await? {
                return Ok((None, earlier));
            }
            accounts::get(tx, owner, id).await?;
            let now = risk_records::clock(tx).await?;
            // As the columns keep it: what was moved then must be in what was seen then.
            let at = past("at", body.at, now)?.trunc_subsecs(6);
            if !risk_records::is_kept(at, now) {
                return Err(ApiError::field("at", "too_old", "is older than the figures that are kept"));
            }
            hold(tx, scope, id).await?;
            let explained = match moved {
                Some(kind) => explain(tx, scope, id, (at, balance), kind).await?,
                None => None,
            };
            let seen = observation(at, balance, equity);
            let recorded = risk_records::record(tx, owner, id, seen).await?.ok_or(ApiError::NoPhase)?;
            let shown = (StatusCode::CREATED, &account_risk(tx, owner, id).await?);
            let answered = idempotency::answer(tx, owner, key.as_ref(), shown).await?;
            if let Some(explained) = explained {
                audit::append(tx, owner, explained).await?;
            }
            Ok::<_, ApiError>((Some(recorded), answered))
        })
        .await?;
    if let Some(recorded) = &recorded {
        shared.risk_changed(scope, id, Some(recorded)).await;
    }
    Ok(idempotency::respond(answered))
}

const fn observation(at: DateTime<Utc>, balance: Decimal, equity: Decimal) -> Observation {
    Observation {
        at,
        received_at: None,
        balance,
        equity,
        high: None,
        low: None,
        cash_total: Decimal::ZERO,
        positions: None,
        pending: None,
        seq: None,
        by_hand: true,
    }
}

/// An amount that the engine calculates with.
///
/// # Errors
///
/// 422.
pub fn bounded(field: &str, figure: Figure) -> ApiResult<Decimal> {
    if is_bounded(figure.0) {
        return Ok(figure.0);
    }
    Err(ApiError::field(field, "out_of_range", "is too large, or has more than 12 decimals"))
}

/// A time that is not ahead of ours by more than clocks differ; now unless given.
///
/// # Errors
///
/// 422.
pub fn past(field: &str, at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> ApiResult<DateTime<Utc>> {
    match at {
        None => Ok(now),
        Some(at) if at <= now + TimeDelta::seconds(MAX_SKEW_S) => Ok(at),
        Some(_) => Err(ApiError::field(field, "in_future", "is in the future")),
    }
}
