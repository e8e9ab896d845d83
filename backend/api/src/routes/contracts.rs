use actix_web::{get, web};
use flotilla_domain::account::{AccountError, Platform};
use flotilla_domain::copy::contract_name::suggested;
use flotilla_domain::id::AccountId;
use flotilla_domain::venue::VenueEnvironment;
use flotilla_store::{Tx, accounts, exchange_keys, venue_contracts};

use crate::auth::{Allowed, Read};
use crate::body::Query;
use crate::dto::contracts::{ContractsDto, ContractsQuery};
use crate::error::{ApiError, ApiResult, Problem};
use crate::page::{self, Page};

/// What an account can trade at its exchange.
///
/// With `for`, also which contracts a master's instrument may mean: `XAUUSD`
/// is no contract, and what of gold it stands for is the follower's to say in
/// `symbol_map`. 409 `no_exchange` for accounts that trade elsewhere.
#[utoipa::path(
    operation_id = "list_contracts",
    tag = "exchange",
    params(("account_id" = Uuid, Path), ContractsQuery),
    responses(
        (status = 200, body = ContractsDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/contracts")]
pub async fn list_contracts(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
    query: Query<ContractsQuery>,
) -> ApiResult<web::Json<ContractsDto>> {
    let (owner, id) = (caller.scope.owner, *account_id);
    let (instrument, search) = (query.0.instrument()?, query.0.searched()?);
    let limit = page::limit(query.0.limit)?;
    let after: Option<String> = page::after(query.0.cursor.as_deref())?;
    let names = instrument.as_ref().map_or_else(Vec::new, |name| suggested(name.as_str()));
    let (environment, suggestions, rows) = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            let account = accounts::get(tx, owner, id).await?;
            if !matches!(account.platform, Platform::Bingx | Platform::Paper) {
                return Err(ApiError::from(AccountError::NoExchange));
            }
            let key = exchange_keys::find(tx, owner, id).await?;
            let environment = key.map_or(VenueEnvironment::Live, |key| key.environment);
            let suggestions = venue_contracts::list_named(tx, environment, &names).await?;
            let rows =
                venue_contracts::list_page(tx, environment, &search, after.as_deref(), limit + 1).await?;
            Ok((environment, suggestions, rows))
        })
        .await?;
    let page = Page::of(rows, limit, |contract| contract.symbol.clone());
    Ok(web::Json(ContractsDto::new(environment, instrument.as_ref(), suggestions, page)))
}
