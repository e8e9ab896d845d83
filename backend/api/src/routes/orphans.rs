use actix_web::{get, web};
use flotilla_domain::id::AccountId;
use flotilla_store::{Tx, accounts, orphans};

use crate::auth::{Allowed, Read};
use crate::body::Query;
use crate::dto::orphans::OrphanDto;
use crate::error::{ApiResult, Problem};
use crate::page::{self, Page, PageQuery};

/// Positions of an account's terminal that no copy owns, highest ticket first.
///
/// The owner's own ones, those of other EAs under the same magic number, and
/// those of copies whose answer was lost. They are never closed by themselves.
#[utoipa::path(
    operation_id = "list_orphans",
    tag = "copying",
    params(("account_id" = Uuid, Path), PageQuery),
    responses(
        (status = 200, body = Page<OrphanDto>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/orphans")]
pub async fn list_orphans(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
    query: Query<PageQuery>,
) -> ApiResult<web::Json<Page<OrphanDto>>> {
    let limit = page::limit(query.0.limit)?;
    let before = page::after(query.0.cursor.as_deref())?;
    let (owner, id) = (caller.scope.owner, *account_id);
    let rows = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            accounts::get(tx, owner, id).await?;
            orphans::list(tx, owner, id, before, limit + 1).await
        })
        .await?;
    Ok(web::Json(Page::of(rows, limit, |orphan| orphan.ticket)))
}
