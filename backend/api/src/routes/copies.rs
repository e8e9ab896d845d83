use actix_web::{get, web};
use flotilla_domain::account::{Account, CopyRole};
use flotilla_domain::id::{AccountId, CopyId};
use flotilla_store::copies::{self, CopiesOf, CopyFilter};
use flotilla_store::{StoreError, Tx, accounts};

use crate::auth::{Allowed, Read};
use crate::body::Query;
use crate::dto::copies::{CopyDetailDto, CopyDto, CopyQuery};
use crate::error::{ApiResult, Problem};
use crate::floating;
use crate::page::{self, Page};

/// Copies, newest first: of a follower its own, of a master those of its
/// owner's followers.
#[utoipa::path(
    operation_id = "list_copies",
    tag = "copying",
    params(("account_id" = Uuid, Path), CopyQuery),
    responses(
        (status = 200, body = Page<CopyDto>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/copies")]
pub async fn list_copies(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
    query: Query<CopyQuery>,
) -> ApiResult<web::Json<Page<CopyDto>>> {
    let Query(query) = query;
    let limit = page::limit(query.limit)?;
    let (owner, id) = (caller.scope.owner, *account_id);
    let filter = CopyFilter {
        states: query.state.unwrap_or_default().0,
        reason: query.reason.map(|word| word.0),
        symbol: query.symbol,
        before: page::after(query.cursor.as_deref())?,
        ..CopyFilter::default()
    };
    let rows = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            let of = Some(side_of(&accounts::get(tx, owner, id).await?));
            let rows = copies::list(tx, owner, CopyFilter { of, ..filter }, limit + 1).await?;
            floating::of_copies(tx, owner, rows).await
        })
        .await?;
    Ok(web::Json(Page::of(rows, limit, |copy| copy.row.row)))
}

/// Which side of its copies an account stands on.
const fn side_of(account: &Account) -> CopiesOf {
    match account.copy_role {
        CopyRole::Master => CopiesOf::Master(account.id),
        CopyRole::Follower | CopyRole::None => CopiesOf::Follower(account.id),
    }
}

/// One copy with every step it took.
#[utoipa::path(
    operation_id = "get_copy",
    tag = "copying",
    params(("copy_id" = Uuid, Path)),
    responses(
        (status = 200, body = CopyDetailDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/copies/{copy_id}")]
pub async fn get_copy(
    caller: Allowed<Read>,
    copy_id: web::Path<CopyId>,
) -> ApiResult<web::Json<CopyDetailDto>> {
    let (owner, id) = (caller.scope.owner, *copy_id);
    let detail = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            let history = copies::history(tx, owner, id).await?;
            let copy = floating::of_copies(tx, owner, vec![history.copy]).await?.pop();
            let copy = copy.ok_or(StoreError::NotFound("copy"))?;
            Ok::<_, StoreError>(CopyDetailDto::new(copy, history.events))
        })
        .await?;
    Ok(web::Json(detail))
}
