use std::collections::HashMap;

use actix_web::{get, web};
use flotilla_domain::id::{OwnerId, TradeId};
use flotilla_store::trades::{self, Place, TradeFilter, TradeOrder};
use flotilla_store::{StoreError, Tx, stats};

use crate::auth::{Allowed, Read};
use crate::body::Query;
use crate::dto::currency_rates::currency;
use crate::dto::trade_filter::TradeQuery;
use crate::dto::trades::{TradeDto, TradeSymbols};
use crate::error::{ApiError, ApiResult, Problem};
use crate::floating;
use crate::page::{self, Page};

/// As many symbols as a field can suggest.
const SUGGESTED: i64 = 200;

/// The journal.
#[utoipa::path(
    operation_id = "list_trades",
    tag = "journal",
    params(TradeQuery),
    responses(
        (status = 200, body = Page<TradeDto>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/trades")]
pub async fn list_trades(
    caller: Allowed<Read>,
    query: Query<TradeQuery>,
) -> ApiResult<web::Json<Page<TradeDto>>> {
    let Query(query) = query;
    let limit = page::limit(query.limit)?;
    let (by, is_descending) = query.sort.order();
    let after: Option<Place> = page::after(query.cursor.as_deref())?;
    if after.as_ref().is_some_and(|place| !place.fits(by)) {
        return Err(ApiError::field("cursor", "invalid_cursor", "use the next_cursor of the same order"));
    }
    let (order, filter) = (TradeOrder { by, is_descending, after }, query.filter());
    let currency = query.currency.clone().map(|named| currency("currency", named)).transpose()?;
    let is_counted = query.counted || currency.is_some();
    let owner = caller.scope.owner;
    let (rows, places) = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            let filter = if is_counted { counted(tx, owner, filter, currency).await? } else { filter };
            let found = trades::list(tx, owner, &filter, &order, limit + 1).await?;
            let places: HashMap<TradeId, Place> =
                found.iter().map(|(trade, place)| (trade.id, place.clone())).collect();
            let rows = found.into_iter().map(|(trade, _)| trade).collect();
            Ok::<_, StoreError>((floating::of_trades(tx, owner, rows).await?, places))
        })
        .await?;
    Ok(web::Json(Page::of(rows, limit, |trade| places.get(&trade.row.id))))
}

/// `filter` with the accounts that statistics count, in one currency if it is named.
async fn counted(
    tx: &mut Tx,
    owner: OwnerId,
    filter: TradeFilter,
    currency: Option<String>,
) -> Result<TradeFilter, StoreError> {
    let counted = stats::standings(tx, owner, &filter).await?.into_iter();
    let counted = counted.filter(|account| currency.as_ref().is_none_or(|named| account.currency == *named));
    let accounts = Some(counted.map(|account| account.id).collect());
    Ok(TradeFilter { accounts, ..filter })
}

/// What was traded, to choose from: each symbol once, the one that was entered last first, at most 200.
///
/// Whoever traded more than a thousand is told of the last thousand by name.
#[utoipa::path(
    operation_id = "list_trade_symbols",
    tag = "journal",
    responses(
        (status = 200, body = TradeSymbols),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/trades/symbols")]
pub async fn list_trade_symbols(caller: Allowed<Read>) -> ApiResult<web::Json<TradeSymbols>> {
    let owner = caller.scope.owner;
    let items = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| trades::list_symbols(tx, owner, SUGGESTED).await)
        .await?;
    Ok(web::Json(TradeSymbols { items }))
}

/// One trade.
#[utoipa::path(
    operation_id = "get_trade",
    tag = "journal",
    params(("trade_id" = Uuid, Path)),
    responses(
        (status = 200, body = TradeDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/trades/{trade_id}")]
pub async fn get_trade(
    caller: Allowed<Read>,
    trade_id: web::Path<TradeId>,
) -> ApiResult<web::Json<TradeDto>> {
    let (owner, id) = (caller.scope.owner, *trade_id);
    let trade = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            let row = trades::get(tx, owner, id).await?;
            floating::of_trades(tx, owner, vec![row]).await?.pop().ok_or(StoreError::NotFound("trade"))
        })
        .await?;
    Ok(web::Json(trade.into()))
}
