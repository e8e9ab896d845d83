use actix_web::{get, web};
use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::id::AccountId;
use flotilla_store::trades::stored;
use flotilla_store::{StoreError, Tx, accounts, risk_history, risk_looks};

use crate::auth::{Allowed, Read};
use crate::body::Query;
use crate::clock;
use crate::dto::risk_history::{DayRowDto, HistoryDto, HistoryQuery};
use crate::error::{ApiError, ApiResult, Problem};
use crate::page::{self, Page, PageQuery};

/// Longest span of the history: older days are in the calendar.
const LONGEST: TimeDelta = TimeDelta::days(7);
const POINTS: i64 = 300;

/// Equity of an account against its floors, thinned.
#[utoipa::path(
    operation_id = "get_risk_history",
    tag = "risk",
    params(("account_id" = Uuid, Path), HistoryQuery),
    responses(
        (status = 200, body = HistoryDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/risk/history")]
pub async fn get_risk_history(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
    query: Query<HistoryQuery>,
) -> ApiResult<web::Json<HistoryDto>> {
    let (owner, id) = (caller.scope.owner, *account_id);
    let (span, points) = (span(&query.0)?, points(query.0.points)?);
    let samples = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            accounts::get(tx, owner, id).await?;
            risk_history::list_samples(tx, owner, id, span, points).await
        })
        .await?;
    Ok(web::Json(HistoryDto { points: samples.into_iter().map(Into::into).collect() }))
}

fn span(query: &HistoryQuery) -> ApiResult<(DateTime<Utc>, DateTime<Utc>)> {
    // Figures may be ahead of our clock by a little.
    let to = query.to.map_or_else(|| clock::now() + TimeDelta::minutes(1), stored);
    let from = match query.from {
        Some(from) => stored(from),
        None => to.checked_sub_signed(TimeDelta::days(1)).unwrap_or(to),
    };
    let length = to.signed_duration_since(from);
    if length <= TimeDelta::zero() || length > LONGEST {
        return Err(ApiError::field("from", "out_of_range", "must be before `to`, by seven days at most"));
    }
    Ok((from, to))
}

/// How many points are wanted.
///
/// # Errors
///
/// 422 outside of 2 to 1000.
pub(super) fn points(asked: Option<i64>) -> ApiResult<i64> {
    match asked.unwrap_or(POINTS) {
        points @ 2..=1_000 => Ok(points),
        _ => Err(ApiError::field("points", "out_of_range", "use 2 to 1000")),
    }
}

/// Days of an account, newest first; the running one comes first.
#[utoipa::path(
    operation_id = "list_risk_days",
    tag = "risk",
    params(("account_id" = Uuid, Path), PageQuery),
    responses(
        (status = 200, body = Page<DayRowDto>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/risk/days")]
pub async fn list_risk_days(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
    query: Query<PageQuery>,
) -> ApiResult<web::Json<Page<DayRowDto>>> {
    let limit = page::limit(query.0.limit)?;
    let before = page::after(query.0.cursor.as_deref())?;
    let (owner, id) = (caller.scope.owner, *account_id);
    let (look, days) = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            accounts::get(tx, owner, id).await?;
            let look = risk_looks::find(tx, owner, id).await?;
            let days = risk_history::list_days(tx, owner, id, before, limit + 1).await?;
            Ok::<_, StoreError>((look, days))
        })
        .await?;
    let mut days: Page<DayRowDto> = Page::of(days, limit, |day| (day.started_at, day.phase_id));
    let running = look.filter(|_| before.is_none()).and_then(|look| {
        let (day, last) = look.told.day.as_ref().zip(look.state.last())?;
        Some(DayRowDto::running(day, last))
    });
    days.items.splice(0..0, running);
    Ok(web::Json(days))
}
