use actix_web::{get, web};
use flotilla_domain::id::AccountId;
use flotilla_store::{Tx, accounts, venue_positions};

use crate::auth::{Allowed, Read};
use crate::dto::positions::{PositionDto, PositionsDto};
use crate::error::{ApiResult, Problem};

/// Open positions of all accounts.
#[utoipa::path(
    operation_id = "list_positions",
    tag = "accounts",
    responses(
        (status = 200, body = PositionsDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/positions")]
pub async fn list_positions(caller: Allowed<Read>) -> ApiResult<web::Json<PositionsDto>> {
    let owner = caller.scope.owner;
    let held = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| venue_positions::list(tx, owner, None).await)
        .await?;
    Ok(web::Json(PositionsDto { items: held.into_iter().map(PositionDto::from).collect() }))
}

/// Open positions of an account, ours and foreign.
#[utoipa::path(
    operation_id = "list_account_positions",
    tag = "accounts",
    params(("account_id" = Uuid, Path)),
    responses(
        (status = 200, body = PositionsDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/positions")]
pub async fn list_account_positions(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
) -> ApiResult<web::Json<PositionsDto>> {
    let (owner, account) = (caller.scope.owner, *account_id);
    let held = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            accounts::get(tx, owner, account).await?;
            venue_positions::list(tx, owner, Some(account)).await
        })
        .await?;
    Ok(web::Json(PositionsDto { items: held.into_iter().map(PositionDto::from).collect() }))
}
