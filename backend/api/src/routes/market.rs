use actix_web::{HttpRequest, get, web};
use flotilla_domain::venue::VenueEnvironment;
use flotilla_store::{Tx, venue_contracts};

use crate::address;
use crate::body::Query;
use crate::dto::market::{MarketPriceDto, MarketQuery};
use crate::error::{ApiResult, Problem};
use crate::shared::Shared;

/// The last price of a contract, and how old it is.
///
/// For everybody, without signing in.
#[utoipa::path(
    operation_id = "get_market",
    tag = "market",
    params(("symbol" = String, Path, pattern = "^[A-Z0-9-]{1,32}$"), MarketQuery),
    responses(
        (status = 200, body = MarketPriceDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[get("/api/v1/market/{symbol}")]
pub async fn get_market(
    request: HttpRequest,
    shared: web::Data<Shared>,
    symbol: web::Path<String>,
    query: Query<MarketQuery>,
) -> ApiResult<web::Json<MarketPriceDto>> {
    shared.limits.market(address::client(&request, &shared.config.trusted_proxies))?;
    let environment = query.0.environment.map_or(VenueEnvironment::Live, |word| word.0);
    let symbol = symbol.into_inner();
    let wanted = symbol.clone();
    let look = async move |tx: &mut Tx| venue_contracts::get_price(tx, environment, &wanted).await;
    let found = shared.stores.app.open(look).await?;
    Ok(web::Json(MarketPriceDto::new(symbol, environment, found)))
}
