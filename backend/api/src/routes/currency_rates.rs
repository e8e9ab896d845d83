use actix_web::{HttpResponse, delete, get, put, web};
use chrono::NaiveDate;
use flotilla_store::Tx;
use flotilla_store::currency_rates::{self, CurrencyRate, RatePlace};
use serde_json::{Value, json};

use crate::auth::{Allowed, Read, Trade as MayTrade};
use crate::body::{Checked, Query};
use crate::dto::currency_rates::{CurrencyRateDto, PutCurrencyRate, is_place};
use crate::error::{ApiError, ApiResult, Problem};
use crate::page::{self, Page, PageQuery};
use crate::recording::{Target, record};

/// What currencies are worth in others, the latest day first.
#[utoipa::path(
    operation_id = "list_currency_rates",
    tag = "journal",
    params(PageQuery),
    responses(
        (status = 200, body = Page<CurrencyRateDto>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/rates")]
pub async fn list_currency_rates(
    caller: Allowed<Read>,
    query: Query<PageQuery>,
) -> ApiResult<web::Json<Page<CurrencyRateDto>>> {
    let limit = page::limit(query.0.limit)?;
    let after: Option<RatePlace> = page::after(query.0.cursor.as_deref())?;
    if after.as_ref().is_some_and(|place| !is_place(place)) {
        return Err(ApiError::field("cursor", "invalid_cursor", "use the next_cursor of the page before"));
    }
    let owner = caller.scope.owner;
    let rows = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| currency_rates::list(tx, owner, after, limit + 1).await)
        .await?;
    Ok(web::Json(Page::of(rows, limit, place)))
}

fn place(rate: &CurrencyRate) -> RatePlace {
    (rate.day, rate.currency.clone(), rate.base_currency.clone())
}

/// Say what a currency is worth in another from a day on, in place of what was
/// said of that day. It holds until the day of the next one, in both directions;
/// statistics are told in one currency by it.
#[utoipa::path(
    operation_id = "put_currency_rate",
    tag = "journal",
    params(
        ("currency" = String, Path, pattern = "^[A-Z0-9]{2,10}$", example = "EUR"),
        ("base_currency" = String, Path, pattern = "^[A-Z0-9]{2,10}$", example = "USD"),
        ("day" = NaiveDate, Path, description = "By the owner's clock.", example = "2026-11-02"),
    ),
    request_body = PutCurrencyRate,
    responses(
        (status = 200, body = CurrencyRateDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/api/v1/rates/{currency}/{base_currency}/{day}")]
pub async fn put_currency_rate(
    caller: Allowed<MayTrade>,
    path: web::Path<(String, String, NaiveDate)>,
    body: Checked<PutCurrencyRate>,
) -> ApiResult<web::Json<CurrencyRateDto>> {
    let scope = caller.scope;
    let rate = body.0.checked(path.into_inner())?;
    let saved = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            let saved = currency_rates::save(tx, scope.owner, &rate).await?;
            let saved = saved.map_err(|error| ApiError::field("day", "too_many", &error.to_string()))?;
            record(tx, scope, "currency_rate_set", Target::User(scope.actor), told(&saved)).await?;
            Ok::<_, ApiError>(saved)
        })
        .await?;
    Ok(web::Json(saved.into()))
}

/// Take a rate away. From its day on the one before it holds.
#[utoipa::path(
    operation_id = "delete_currency_rate",
    tag = "journal",
    params(
        ("currency" = String, Path, pattern = "^[A-Z0-9]{2,10}$", example = "EUR"),
        ("base_currency" = String, Path, pattern = "^[A-Z0-9]{2,10}$", example = "USD"),
        ("day" = NaiveDate, Path, example = "2026-11-02"),
    ),
    responses(
        (status = 204, description = "Taken away."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[delete("/api/v1/rates/{currency}/{base_currency}/{day}")]
pub async fn delete_currency_rate(
    caller: Allowed<MayTrade>,
    path: web::Path<(String, String, NaiveDate)>,
) -> ApiResult<HttpResponse> {
    let (scope, (currency, base_currency, day)) = (caller.scope, path.into_inner());
    let place = (day, currency, base_currency);
    if !is_place(&place) {
        return Err(ApiError::NotFound);
    }
    caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            let removed = currency_rates::delete(tx, scope.owner, &place).await?;
            record(tx, scope, "currency_rate_removed", Target::User(scope.actor), told(&removed)).await
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A rate in the words of the audit trail.
fn told(rate: &CurrencyRate) -> Value {
    json!({
        "currency": rate.currency,
        "base_currency": rate.base_currency,
        "day": rate.day,
        "rate": rate.rate.normalize().to_string(),
    })
}
