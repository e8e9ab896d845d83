use actix_web::{get, web};
use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_store::risk_history::{self, Days};
use flotilla_store::trades::stored;
use flotilla_store::{StoreError, StoreResult, Tx, accounts, risk_looks};
use uuid::Uuid;

use crate::auth::{Allowed, Read};
use crate::body::Query;
use crate::clock;
use crate::dto::risk_history::{DayRowDto, DaysQuery, HistoryDto, HistoryQuery};
use crate::error::{ApiError, ApiResult, Problem};
use crate::page::{self, Page};

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

/// Days of an account, newest first; the running one comes first. Each with the
/// worst that was known of it and the lines that were crossed.
#[utoipa::path(
    operation_id = "list_risk_days",
    tag = "risk",
    params(("account_id" = Uuid, Path), DaysQuery),
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
    query: Query<DaysQuery>,
) -> ApiResult<web::Json<Page<DayRowDto>>> {
    let limit = page::limit(query.0.limit)?;
    let wanted = Days { before: page::after(query.0.cursor.as_deref())?, dates: query.0.dates()? };
    let (owner, id) = (caller.scope.owner, *account_id);
    let days = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            accounts::get(tx, owner, id).await?;
            let look = risk_looks::find(tx, owner, id).await?;
            let rows = risk_history::list_days(tx, owner, id, wanted, limit + 1).await?;
            let ended: Vec<Uuid> = rows.iter().map(|day| day.phase_id).collect();
            let mut page: Page<DayRowDto> = Page::of(rows, limit, |day| (day.started_at, day.phase_id));
            let begun = look.as_ref().and_then(|look| look.told.day.as_ref()).map(|day| day.start);
            let running = look.filter(|_| wanted.before.is_none()).and_then(|look| {
                let (day, last) = look.told.day.as_ref().zip(look.state.last())?;
                let is_wanted = wanted.dates.is_none_or(|(first, end)| day.label >= first && day.label < end);
                is_wanted.then(|| (look.stored.id, DayRowDto::running(day, last)))
            });
            let phases: Vec<Uuid> = running.iter().map(|(phase, _)| *phase).chain(ended).collect();
            page.items.splice(0..0, running.map(|(_, day)| day));
            page.items =
                standing(tx, (owner, id), begun, phases.into_iter().zip(page.items).collect()).await?;
            Ok::<_, StoreError>(page)
        })
        .await?;
    Ok(web::Json(days))
}

/// Longest day of any zone.
const LONGEST_DAY: TimeDelta = TimeDelta::hours(25);

/// Days, newest first and each with its phase, with how the account stood in them. `begun`: when the running day did.
async fn standing(
    tx: &mut Tx,
    (owner, id): (OwnerId, AccountId),
    begun: Option<DateTime<Utc>>,
    days: Vec<(Uuid, DayRowDto)>,
) -> StoreResult<Vec<DayRowDto>> {
    let Some(((_, newest), (_, oldest))) = days.first().zip(days.last()) else { return Ok(Vec::new()) };
    let end_of = |day: &DayRowDto| day.started_at.checked_add_signed(LONGEST_DAY).unwrap_or(day.started_at);
    // The day after the newest one may be of another page, or of another month.
    let ended = risk_history::next_day(tx, owner, id, newest.started_at).await?;
    let running = begun.filter(|begun| *begun > newest.started_at);
    let next_day = [ended, running].into_iter().flatten().min();
    let mut next = next_day.map_or_else(|| end_of(newest), |next| next.min(end_of(newest)));
    let span = (oldest.started_at, next);
    let stood = risk_history::list_stood(tx, owner, id, span).await?;
    let crossed = risk_history::list_crossed(tx, owner, id, span).await?;
    let each = days.into_iter().map(|(phase, day)| {
        let end = end_of(&day).min(next);
        next = day.started_at;
        day.standing(end, phase, &stood, &crossed)
    });
    Ok(each.collect())
}
