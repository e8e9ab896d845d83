use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, get, patch, post, web};
use flotilla_domain::account::{Account, AccountError, CopyRole};
use flotilla_domain::copy::mode::CopyMode;
use flotilla_domain::copy::settings::{CopySettings, SubscriptionState, default_max_age_s};
use flotilla_domain::id::{AccountId, OwnerId, SubscriptionId};
use flotilla_store::close_requests::{self, Closing};
use flotilla_store::masters::{self, FollowError, MasterName, NamedMaster};
use flotilla_store::subscriptions::{self, Subscription};
use flotilla_store::{Tx, accounts};
use serde_json::json;

use crate::auth::{Allowed, Read, Trade};
use crate::body::{Checked, Query};
use crate::dto::subscriptions::{Follow, OpenCopies, PatchSubscription, SubscriptionDto, UnfollowQuery};
use crate::error::{ApiError, ApiResult, Problem};
use crate::idempotency::{self, IdempotencyKey, KeyOnly, Keyed};
use crate::page::{self, Page, PageQuery};
use crate::recording::{Target, record};
use crate::routes::accounts::lock_live;
use crate::shared::Shared;

/// Whom a follower account follows, oldest first; ended subscriptions are left out.
#[utoipa::path(
    operation_id = "list_subscriptions",
    tag = "copying",
    params(("account_id" = Uuid, Path), PageQuery),
    responses(
        (status = 200, body = Page<SubscriptionDto>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/subscriptions")]
pub async fn list_subscriptions(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
    query: Query<PageQuery>,
) -> ApiResult<web::Json<Page<SubscriptionDto>>> {
    let limit = page::limit(query.0.limit)?;
    let after = page::after(query.0.cursor.as_deref())?;
    let (owner, id) = (caller.scope.owner, *account_id);
    let rows = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            accounts::get(tx, owner, id).await?;
            subscriptions::list(tx, owner, id, after, limit + 1).await
        })
        .await?;
    Ok(web::Json(Page::of(rows, limit, |subscription| subscription.id)))
}

/// Follow a master by its token or its address in the directory.
///
/// Where the master's owner asks for it, the subscription waits for his approval.
#[utoipa::path(
    operation_id = "follow_master",
    tag = "copying",
    params(("account_id" = Uuid, Path), IdempotencyKey),
    request_body = Follow,
    responses(
        (status = 201, body = SubscriptionDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts/{account_id}/subscriptions")]
pub async fn follow(
    caller: Allowed<Trade>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
    request: Keyed<Follow>,
) -> ApiResult<HttpResponse> {
    let (scope, id, Keyed { body, key }) = (caller.scope, *account_id, request);
    let name = body.master()?;
    let patch = body.settings.unwrap_or_default();
    let (made, answered) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, scope.owner, key.as_ref()).await? {
                return Ok((None, earlier));
            }
            let follower = lock_live(tx, scope.owner, id).await?;
            let master = lock_master(tx, &follower, &name).await?;
            let settings = patch.applied_to(defaults(&follower))?;
            let subscription = subscribe(tx, &follower, &master, &settings).await?;
            let (subscription_id, master) = (subscription.id, master.account_id);
            let shown = (StatusCode::CREATED, &SubscriptionDto::from(subscription));
            let answered = idempotency::answer(tx, scope.owner, key.as_ref(), shown).await?;
            let detail = json!({ "account_id": id, "master_account_id": master });
            record(tx, scope, "master_followed", Target::Subscription(subscription_id), detail).await?;
            Ok::<_, ApiError>((Some((id, master)), answered))
        })
        .await?;
    if let Some(sides) = made {
        hint(&shared, scope.owner, sides);
    }
    Ok(idempotency::respond(answered))
}

/// Settings of who says nothing.
pub fn defaults(follower: &Account) -> CopySettings {
    CopySettings { max_age_s: default_max_age_s(follower.platform), ..CopySettings::default() }
}

/// The master that is named, locked; none that the account cannot follow.
pub async fn lock_master(tx: &mut Tx, follower: &Account, name: &MasterName) -> ApiResult<NamedMaster> {
    let is_own = match name {
        MasterName::Token(token) => follower.master.as_ref().is_some_and(|own| own.token == *token),
        MasterName::Slug(slug) => follower.master.is_some() && follower.slug.as_ref() == Some(slug),
    };
    if is_own {
        return Err(FollowError::OwnMaster.into());
    }
    if follower.copy_role != CopyRole::Follower {
        return Err(AccountError::NotFollower.into());
    }
    Ok(masters::lock_named(tx, name).await?.ok_or(FollowError::MasterNotFound)?)
}

/// The place of a one-to-one master's partner is taken in the same transaction,
/// by nobody who must be approved first.
async fn subscribe(
    tx: &mut Tx,
    follower: &Account,
    master: &NamedMaster,
    settings: &CopySettings,
) -> ApiResult<Subscription> {
    let is_pair = master.copy_mode == CopyMode::OneToOne;
    if is_pair && master.partner_id.is_some_and(|partner| partner != follower.id) {
        return Err(FollowError::MasterHasPartner.into());
    }
    let inserted = subscriptions::insert(tx, follower.owner_id, follower.id, master, settings).await;
    let subscription = match inserted {
        Ok(subscription) => subscription,
        Err(error) if error.is_constraint("subscriptions_once") => {
            return Err(FollowError::AlreadyFollowing.into());
        }
        Err(error) => return Err(error.into()),
    };
    if is_pair && master.partner_id.is_none() && subscription.state != SubscriptionState::Pending {
        masters::take_slot(tx, master.account_id, follower.id).await?;
    }
    Ok(subscription)
}

/// One subscription.
#[utoipa::path(
    operation_id = "get_subscription",
    tag = "copying",
    params(("account_id" = Uuid, Path), ("subscription_id" = Uuid, Path)),
    responses(
        (status = 200, body = SubscriptionDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/subscriptions/{subscription_id}")]
pub async fn get_subscription(
    caller: Allowed<Read>,
    ids: web::Path<(AccountId, SubscriptionId)>,
) -> ApiResult<web::Json<SubscriptionDto>> {
    let (account, id) = *ids;
    let owner = caller.scope.owner;
    let subscription = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| subscriptions::get(tx, owner, account, id).await)
        .await?;
    Ok(web::Json(subscription.into()))
}

/// Change state or settings of a subscription.
#[utoipa::path(
    operation_id = "patch_subscription",
    tag = "copying",
    params(("account_id" = Uuid, Path), ("subscription_id" = Uuid, Path)),
    request_body = PatchSubscription,
    responses(
        (status = 200, body = SubscriptionDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[patch("/api/v1/accounts/{account_id}/subscriptions/{subscription_id}")]
pub async fn patch_subscription(
    caller: Allowed<Trade>,
    ids: web::Path<(AccountId, SubscriptionId)>,
    shared: web::Data<Shared>,
    body: Checked<PatchSubscription>,
) -> ApiResult<web::Json<SubscriptionDto>> {
    let (scope, (account, id), patch) = (caller.scope, *ids, body.0);
    let subscription = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            let mut subscription = lock_open(tx, scope.owner, (account, id)).await?;
            subscription.settings = patch.settings.unwrap_or_default().applied_to(subscription.settings)?;
            if patch.state.is_some() && subscription.state == SubscriptionState::Pending {
                return Err(ApiError::field(
                    "state",
                    "not_settable",
                    "the master's owner must approve first",
                ));
            }
            subscription.state = patch.state.map_or(subscription.state, |word| word.0);
            let subscription = subscriptions::save(tx, scope.owner, &subscription).await?;
            let detail = json!({ "state": subscription.state });
            record(tx, scope, "subscription_changed", Target::Subscription(id), detail).await?;
            Ok::<_, ApiError>(subscription)
        })
        .await?;
    hint(&shared, scope.owner, sides(&subscription));
    Ok(web::Json(subscription.into()))
}

/// An ended subscription is history: there is nothing to change any more.
async fn lock_open(
    tx: &mut Tx,
    owner: OwnerId,
    (account, id): (AccountId, SubscriptionId),
) -> ApiResult<Subscription> {
    let subscription = subscriptions::lock(tx, owner, account, id).await?;
    if subscription.state == SubscriptionState::Ended {
        return Err(ApiError::NotFound);
    }
    Ok(subscription)
}

/// Stop following.
///
/// Open copies are closed when the master closes them or, with
/// `open_copies=close`, now.
#[utoipa::path(
    operation_id = "unfollow_master",
    tag = "copying",
    params(("account_id" = Uuid, Path), ("subscription_id" = Uuid, Path), UnfollowQuery, IdempotencyKey),
    responses(
        (status = 204, description = "Ended."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[delete("/api/v1/accounts/{account_id}/subscriptions/{subscription_id}")]
pub async fn unfollow(
    caller: Allowed<Trade>,
    ids: web::Path<(AccountId, SubscriptionId)>,
    query: Query<UnfollowQuery>,
    shared: web::Data<Shared>,
    key: KeyOnly,
) -> ApiResult<HttpResponse> {
    let (scope, (account, id), open_copies, key) = (caller.scope, *ids, query.0.open_copies, key.bare());
    let (ended, request, answered) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, scope.owner, key.as_ref()).await? {
                return Ok((None, None, earlier));
            }
            let subscription = lock_open(tx, scope.owner, (account, id)).await?;
            subscriptions::end(tx, scope.owner, id).await?;
            let request = match open_copies {
                OpenCopies::Keep => None,
                OpenCopies::Close => {
                    Some(close_requests::insert(tx, scope, Closing::Subscription(id)).await?)
                }
            };
            let (key, status) = (key.as_ref(), StatusCode::NO_CONTENT);
            let answered = idempotency::answer_bare(tx, scope.owner, key, status).await?;
            let detail = json!({ "account_id": account, "closes_copies": request.is_some() });
            record(tx, scope, "master_unfollowed", Target::Subscription(id), detail).await?;
            Ok::<_, ApiError>((Some(sides(&subscription)), request, answered))
        })
        .await?;
    if let Some(request) = request {
        shared.requested(scope.owner, account, request.uuid());
    }
    if let Some(sides) = ended {
        hint(&shared, scope.owner, sides);
    }
    Ok(idempotency::respond(answered))
}

/// Follower and master.
const fn sides(subscription: &Subscription) -> (AccountId, AccountId) {
    (subscription.follower_id, subscription.master_id)
}

fn hint(shared: &Shared, owner: OwnerId, (follower, master): (AccountId, AccountId)) {
    shared.account_changed(owner, follower);
    shared.account_changed(owner, master);
}
