use actix_web::{get, web};
use flotilla_domain::id::AccountId;
use flotilla_store::{Tx, accounts, signal_list};

use crate::auth::{Allowed, Read};
use crate::body::Query;
use crate::dto::signals::SignalDto;
use crate::error::{ApiResult, Problem};
use crate::page::{self, Page, PageQuery};

/// What a master's EA reported, newest first.
#[utoipa::path(
    operation_id = "list_signals",
    tag = "copying",
    params(("account_id" = Uuid, Path), PageQuery),
    responses(
        (status = 200, body = Page<SignalDto>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/signals")]
pub async fn list_signals(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
    query: Query<PageQuery>,
) -> ApiResult<web::Json<Page<SignalDto>>> {
    let limit = page::limit(query.0.limit)?;
    let after = page::after(query.0.cursor.as_deref())?;
    let (owner, id) = (caller.scope.owner, *account_id);
    let rows = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            accounts::get(tx, owner, id).await?;
            signal_list::list(tx, owner, id, after, limit + 1).await
        })
        .await?;
    Ok(web::Json(Page::of(rows, limit, |view| view.signal.id)))
}
