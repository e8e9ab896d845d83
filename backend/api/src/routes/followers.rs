use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use flotilla_domain::account::AccountError;
use flotilla_domain::copy::settings::SubscriptionState;
use flotilla_domain::id::{AccountId, SubscriptionId};
use flotilla_store::follower_decisions::{self, Decision};
use flotilla_store::{Tx, accounts, followers};
use serde_json::json;

use crate::auth::{Allowed, Read, Trade};
use crate::body::Query;
use crate::dto::subscriptions::FollowerDto;
use crate::error::{ApiError, ApiResult, Problem};
use crate::idempotency::{self, IdempotencyKey, Key, KeyOnly};
use crate::page::{self, Page, PageQuery};
use crate::recording::{Target, record};
use crate::shared::Shared;

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

/// Let a follower copy that waits for approval.
///
/// The worker carries it over within a second: it alone sees both sides.
#[utoipa::path(
    operation_id = "approve_follower",
    tag = "copying",
    params(("account_id" = Uuid, Path), ("subscription_id" = Uuid, Path), IdempotencyKey),
    responses(
        (status = 202, description = "Noted."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts/{account_id}/followers/{subscription_id}/approve")]
pub async fn approve_follower(
    caller: Allowed<Trade>,
    ids: web::Path<(AccountId, SubscriptionId)>,
    shared: web::Data<Shared>,
    key: KeyOnly,
) -> ApiResult<HttpResponse> {
    decide(&caller, *ids, &shared, Decision::Approve, key.bare()).await
}

/// End the subscription of a follower.
///
/// Its open copies are closed when the master closes. It can come back only
/// with an approval.
#[utoipa::path(
    operation_id = "remove_follower",
    tag = "copying",
    params(("account_id" = Uuid, Path), ("subscription_id" = Uuid, Path), IdempotencyKey),
    responses(
        (status = 202, description = "Noted."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts/{account_id}/followers/{subscription_id}/remove")]
pub async fn remove_follower(
    caller: Allowed<Trade>,
    ids: web::Path<(AccountId, SubscriptionId)>,
    shared: web::Data<Shared>,
    key: KeyOnly,
) -> ApiResult<HttpResponse> {
    decide(&caller, *ids, &shared, Decision::Remove, key.bare()).await
}

async fn decide(
    caller: &Allowed<Trade>,
    (account, id): (AccountId, SubscriptionId),
    shared: &Shared,
    decision: Decision,
    key: Option<Key>,
) -> ApiResult<HttpResponse> {
    let scope = caller.scope;
    let (is_new, answered) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, scope.owner, key.as_ref()).await? {
                return Ok((false, earlier));
            }
            let state = follower_decisions::find_state(tx, scope.owner, account, id).await?;
            let state = state.ok_or(ApiError::NotFound)?;
            let action = match decision {
                Decision::Approve if state != SubscriptionState::Pending => {
                    return Err(AccountError::NotPending.into());
                }
                Decision::Approve => "follower_approved",
                Decision::Remove => "follower_removed",
            };
            follower_decisions::save(tx, scope.owner, id, decision).await?;
            let (key, status) = (key.as_ref(), StatusCode::ACCEPTED);
            let answered = idempotency::answer_bare(tx, scope.owner, key, status).await?;
            record(tx, scope, action, Target::Subscription(id), json!({ "account_id": account })).await?;
            Ok::<_, ApiError>((true, answered))
        })
        .await?;
    if is_new {
        shared.account_changed(scope.owner, account);
    }
    Ok(idempotency::respond(answered))
}
