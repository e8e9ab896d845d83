use actix_web::{HttpResponse, delete, get, post, web};
use flotilla_domain::id::ShareId;
use flotilla_security::opaque::ShareToken;
use flotilla_store::shares::{self, NewShare};
use flotilla_store::trades::TradeFilter;
use flotilla_store::{StoreError, Tx, stats};
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

use crate::auth::{Allowed, ManageSelf};
use crate::dto::shares::{CreateShare, CreatedShare, ShareDto, ShareList};
use crate::error::{ApiError, ApiResult, Made, Problem};
use crate::idempotency::{self, IdempotencyKey, Keyed};
use crate::recording::{Target, record};
use crate::routes::me::hold_login;

/// Links of one user that may live at once.
const MOST_SHARES: i64 = 50;

/// The caller's links, newest first, those that ended too.
#[utoipa::path(
    operation_id = "list_shares",
    tag = "sharing",
    responses(
        (status = 200, body = ShareList),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/shares")]
pub async fn list_shares(caller: Allowed<ManageSelf>) -> ApiResult<web::Json<ShareList>> {
    let owner = caller.scope.owner;
    let found = caller.db.read(caller.scope, async move |tx: &mut Tx| shares::list(tx, owner).await).await?;
    Ok(web::Json(ShareList { items: found.into_iter().map(Into::into).collect() }))
}

/// Make a link that shows chosen figures to whoever has it.
///
/// Is audited. The token is shown this once; who repeats it with its
/// `Idempotency-Key` is told 409 `already_done`.
#[utoipa::path(
    operation_id = "create_share",
    tag = "sharing",
    params(IdempotencyKey),
    request_body = CreateShare,
    responses(
        (status = 201, body = CreatedShare),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/shares")]
pub async fn create_share(
    caller: Allowed<ManageSelf>,
    request: Keyed<CreateShare>,
) -> ApiResult<HttpResponse> {
    let Keyed { body, key } = request;
    let (scope, login) = (caller.scope, caller.login);
    let (token, days) = (ShareToken::generate(), body.expires_in_days);
    let id = ShareId::from_uuid(Uuid::now_v7());
    let new = NewShare { id, shown: body.shown()?, days, hash: token.hash() };
    let made = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            // Whatever was kept with the key is a refusal here.
            idempotency::earlier(tx, scope.owner, key.as_ref()).await?;
            // No link outlives the password with which it was begun.
            hold_login(tx, scope.actor, login).await?;
            if shares::count_live(tx, scope.owner).await? >= MOST_SHARES {
                return Err(ApiError::field("name", "too_many", "revoke one of your 50 links first"));
            }
            if let Some(wanted) = &new.shown.accounts {
                let filter = TradeFilter { accounts: Some(wanted.clone()), ..TradeFilter::default() };
                if stats::standings(tx, scope.owner, &filter).await?.len() < wanted.len() {
                    return Err(ApiError::from(StoreError::NotFound("account")));
                }
            }
            let made = shares::insert(tx, scope.owner, new).await?;
            let told = Made::at("/api/v1/shares", made.id.uuid());
            idempotency::withhold(tx, scope.owner, key.as_ref(), &told).await?;
            let detail = json!({
                "share_id": made.id,
                "sections": made.shown.sections,
                "shows_money": made.shown.shows_money,
                "shows_names": made.shown.shows_names,
                "expires_at": made.expires_at,
            });
            record(tx, scope, "share_created", Target::User(scope.actor), detail).await?;
            Ok(made)
        })
        .await?;
    let token = token.text().expose_secret().to_owned();
    Ok(HttpResponse::Created().json(CreatedShare { token, about: made.into() }))
}

/// Revoke a link. It shows nothing from now on.
#[utoipa::path(
    operation_id = "revoke_share",
    tag = "sharing",
    params(("share_id" = Uuid, Path)),
    responses(
        (status = 200, body = ShareDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[delete("/api/v1/shares/{share_id}")]
pub async fn revoke_share(
    caller: Allowed<ManageSelf>,
    share_id: web::Path<ShareId>,
) -> ApiResult<web::Json<ShareDto>> {
    let (scope, id) = (caller.scope, *share_id);
    let ended = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            let ended = shares::revoke(tx, scope.owner, id).await?;
            let detail = json!({ "share_id": id });
            record(tx, scope, "share_revoked", Target::User(scope.actor), detail).await?;
            Ok::<_, StoreError>(ended)
        })
        .await?;
    Ok(web::Json(ended.into()))
}
