use actix_web::{get, web};
use flotilla_domain::id::AccountId;
use flotilla_store::{Tx, accounts, followers};

use crate::auth::{Allowed, Read};
use crate::body::Query;
use crate::dto::subscriptions::FollowerDto;
use crate::error::{ApiResult, Problem};
use crate::page::{self, Page, PageQuery};

/// Who follows a master. Accounts of others appear without their names.
#[utoipa::path(
    operation_id = "list_followers",
    tag = "copying",
    params(("account_id" = Uuid, Path), PageQuery),
    responses(
        (status = 200, body = Page<FollowerDto>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/followers")]
pub async fn list_followers(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
    query: Query<PageQuery>,
) -> ApiResult<web::Json<Page<FollowerDto>>> {
    let limit = page::limit(query.0.limit)?;
    let after = page::after(query.0.cursor.as_deref())?;
    let (owner, id) = (caller.scope.owner, *account_id);
    let rows = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            accounts::get(tx, owner, id).await?;
            followers::list(tx, owner, id, after, limit + 1).await
        })
        .await?;
    Ok(web::Json(Page::of(rows, limit, |follower| follower.subscription_id)))
}
