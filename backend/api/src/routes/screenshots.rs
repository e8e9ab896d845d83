use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, delete, get, post, web};
use flotilla_domain::id::TradeId;
use flotilla_domain::trade::picture::{LARGEST, Picture};
use flotilla_store::screenshots::{self, NoRoom};
use flotilla_store::{Tx, trades};
use tokio::time::timeout;
use uuid::Uuid;

use crate::arrivals::{Body, Paced};
use crate::auth::{Allowed, Read, Trade as MayTrade};
use crate::dto::screenshots::{ScreenshotDto, Screenshots};
use crate::error::{ApiError, ApiResult, Problem};
use crate::idempotency::{self, IdempotencyKey, KeyOnly};
use crate::shared::Shared;

/// A picture has this long to arrive.
const WITHIN: Duration = Duration::from_mins(1);
/// Whoever sends one waits so long for a place.
const PATIENCE: Duration = Duration::from_secs(10);

/// Pictures of a trade, without their content.
#[utoipa::path(
    operation_id = "list_screenshots",
    tag = "journal",
    params(("trade_id" = Uuid, Path)),
    responses(
        (status = 200, body = Screenshots),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/trades/{trade_id}/screenshots")]
pub async fn list_screenshots(
    caller: Allowed<Read>,
    trade_id: web::Path<TradeId>,
) -> ApiResult<web::Json<Screenshots>> {
    let (owner, id) = (caller.scope.owner, *trade_id);
    let found = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            trades::get(tx, owner, id).await?;
            screenshots::list(tx, owner, id).await
        })
        .await?;
    Ok(web::Json(Screenshots { items: found.into_iter().map(Into::into).collect() }))
}

/// Keep a picture with a trade, whatever its source.
///
/// The body is the file itself: PNG, JPEG or WebP, known by its bytes, at most
/// 5 MiB. A trade has at most 8, and an owner 256 MiB in all. Those of an owner
/// arrive one after the other: one waits for ten seconds at most, then it is 503 `busy`.
#[utoipa::path(
    operation_id = "add_screenshot",
    tag = "journal",
    params(("trade_id" = Uuid, Path), IdempotencyKey),
    request_body(content = String, content_type = "image/*"),
    responses(
        (status = 201, body = ScreenshotDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/trades/{trade_id}/screenshots")]
pub async fn add_screenshot(
    caller: Allowed<MayTrade>,
    shared: web::Data<Shared>,
    trade_id: web::Path<TradeId>,
    body: Body,
    key: KeyOnly,
) -> ApiResult<HttpResponse> {
    let (owner, id) = (caller.scope.owner, *trade_id);
    caller.db.read(caller.scope, async move |tx: &mut Tx| trades::get(tx, owner, id).await).await?;
    // It is in memory until it is stored.
    let _place = shared.pictures.wait((owner, body.network), PATIENCE).await?;
    let content =
        timeout(WITHIN, take(Paced::new(body.payload))).await.map_err(|_| ApiError::BadRequest)??;
    let kind = Picture::of(&content)
        .ok_or_else(|| ApiError::field("file", "not_a_picture", "use a whole PNG, JPEG or WebP file"))?;
    let key = key.with(&content);
    let answered = caller
        .db
        .write(caller.scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, owner, key.as_ref()).await? {
                return Ok(earlier);
            }
            trades::lock(tx, owner, id).await?;
            let added = screenshots::insert(tx, (owner, id), kind, &content).await?;
            let added = added.map_err(|full| ApiError::field("file", no_room(full), &full.to_string()))?;
            let shown = (StatusCode::CREATED, &ScreenshotDto::from(added));
            idempotency::answer(tx, owner, key.as_ref(), shown).await
        })
        .await?;
    Ok(idempotency::respond(answered))
}

const fn no_room(full: NoRoom) -> &'static str {
    match full {
        NoRoom::OfTrade => "too_many",
        NoRoom::OfOwner => "quota",
    }
}

async fn take(mut file: Paced<Payload>) -> ApiResult<Vec<u8>> {
    let mut content = Vec::new();
    while let Some(piece) = file.next().await? {
        if content.len().saturating_add(piece.len()) > LARGEST {
            return Err(ApiError::PayloadTooLarge(LARGEST));
        }
        content.extend_from_slice(&piece);
    }
    Ok(content)
}

/// One picture.
#[utoipa::path(
    operation_id = "get_screenshot",
    tag = "journal",
    params(("trade_id" = Uuid, Path), ("screenshot_id" = Uuid, Path)),
    responses(
        (status = 200, body = String, content_type = "image/*"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/trades/{trade_id}/screenshots/{screenshot_id}")]
pub async fn get_screenshot(
    caller: Allowed<Read>,
    path: web::Path<(TradeId, Uuid)>,
) -> ApiResult<HttpResponse> {
    let (owner, (trade, id)) = (caller.scope.owner, path.into_inner());
    let shot = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| screenshots::get(tx, owner, trade, id).await)
        .await?;
    let name = shot.media_type.replace("image/", "screenshot.");
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, shot.media_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(shot.content))
}

/// Take a picture away.
#[utoipa::path(
    operation_id = "delete_screenshot",
    tag = "journal",
    params(("trade_id" = Uuid, Path), ("screenshot_id" = Uuid, Path)),
    responses(
        (status = 204, description = "Deleted."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[delete("/api/v1/trades/{trade_id}/screenshots/{screenshot_id}")]
pub async fn delete_screenshot(
    caller: Allowed<MayTrade>,
    path: web::Path<(TradeId, Uuid)>,
) -> ApiResult<HttpResponse> {
    let (owner, (trade, id)) = (caller.scope.owner, path.into_inner());
    caller
        .db
        .write(caller.scope, async move |tx: &mut Tx| screenshots::delete(tx, owner, trade, id).await)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
