use actix_web::{get, web};
use flotilla_store::{Tx, directory};

use crate::auth::{Allowed, Read};
use crate::body::Query;
use crate::dto::directory::{DirectoryQuery, ListedMasterDto, MasterProfileDto};
use crate::error::{ApiError, ApiResult, Problem};
use crate::page::{self, Page};

/// Longest text that is searched for.
const LONGEST_SEARCH: usize = 100;
/// Nobody reads further than this.
const FURTHEST: i64 = 10_000;

/// Masters whose owners opted in.
#[utoipa::path(
    operation_id = "list_masters",
    tag = "copying",
    params(DirectoryQuery),
    responses(
        (status = 200, body = Page<ListedMasterDto>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/masters")]
pub async fn list_masters(
    caller: Allowed<Read>,
    query: Query<DirectoryQuery>,
) -> ApiResult<web::Json<Page<ListedMasterDto>>> {
    let limit = page::limit(query.0.limit)?;
    let skip = page::after::<i64>(query.0.cursor.as_deref())?.unwrap_or_default();
    if !(0..=FURTHEST).contains(&skip) {
        return Err(ApiError::field("cursor", "invalid_cursor", "use the next_cursor of the page before"));
    }
    let (search, order) = (query.0.search, query.0.sort.into());
    if search.as_ref().is_some_and(|search| search.chars().count() > LONGEST_SEARCH) {
        return Err(ApiError::field("search", "too_long", "use at most 100 characters"));
    }
    let rows = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            directory::list(tx, search.as_deref(), order, skip, limit + 1).await
        })
        .await?;
    Ok(web::Json(Page::of(rows, limit, |_| skip + limit)))
}

/// The public profile of a master: what it did, never its token.
#[utoipa::path(
    operation_id = "get_master",
    tag = "copying",
    params(("slug" = String, Path, min_length = 3, max_length = 40, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")),
    responses(
        (status = 200, body = MasterProfileDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/masters/{slug}")]
pub async fn get_master(
    caller: Allowed<Read>,
    slug: web::Path<String>,
) -> ApiResult<web::Json<MasterProfileDto>> {
    let profile =
        caller.db.read(caller.scope, async move |tx: &mut Tx| directory::get(tx, &slug).await).await?;
    Ok(web::Json(profile.into()))
}
