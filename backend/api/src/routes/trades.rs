use actix_web::{get, web};
use flotilla_domain::id::TradeId;
use flotilla_store::trades::{self, SortTime, TradeFilter, TradeOrder};
use flotilla_store::{StoreError, Tx};

use crate::auth::{Allowed, Read};
use crate::body::Query;
use crate::dto::trades::{TradeDto, TradeQuery, TradeSort};
use crate::error::{ApiResult, Problem};
use crate::floating;
use crate::page::{self, Page};

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
    let (by, is_descending) = match query.sort {
        TradeSort::NewestEntry => (SortTime::Entry, true),
        TradeSort::OldestEntry => (SortTime::Entry, false),
        TradeSort::NewestExit => (SortTime::Exit, true),
        TradeSort::OldestExit => (SortTime::Exit, false),
    };
    let order = TradeOrder { by, is_descending, after: page::after(query.cursor.as_deref())? };
    let filter = TradeFilter {
        account: query.account_id,
        symbol: query.symbol,
        status: query.status.map(|word| word.0),
        source: query.source.map(|word| word.0),
        from: query.from,
        to: query.to,
    };
    let owner = caller.scope.owner;
    let rows = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            let rows = trades::list(tx, owner, filter, order, limit + 1).await?;
            floating::of_trades(tx, owner, rows).await
        })
        .await?;
    Ok(web::Json(Page::of(rows, limit, |trade| (by.of(&trade.row), trade.row.id))))
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
