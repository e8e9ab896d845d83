use actix_web::{post, web};
use flotilla_domain::account::{Account, Platform};
use flotilla_domain::copy::pace::{self, Pace};
use flotilla_domain::copy::settings::CopySettings;
use flotilla_domain::id::AccountId;
use flotilla_domain::venue::VenueEnvironment;
use flotilla_store::masters::NamedMaster;
use flotilla_store::{Tx, exchange_keys, subscriptions, venue_paces};

use crate::auth::{Allowed, Trade};
use crate::body::Checked;
use crate::dto::previews::PreviewDto;
use crate::dto::subscriptions::Follow;
use crate::error::{ApiError, ApiResult, Problem};
use crate::routes::accounts::lock_live;
use crate::routes::subscriptions::{defaults, lock_master};

/// What following a master would mean, before one follows.
///
/// Nothing is stored. At an exchange the orders of one signal leave one after
/// the other, as its limits demand: this tells after how long the last one
/// leaves at this size of following, and which share would be too old by then.
#[utoipa::path(
    operation_id = "preview_subscription",
    tag = "copying",
    params(("account_id" = Uuid, Path)),
    request_body = Follow,
    responses(
        (status = 200, body = PreviewDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts/{account_id}/subscriptions/preview")]
pub async fn preview_subscription(
    caller: Allowed<Trade>,
    account_id: web::Path<AccountId>,
    body: Checked<Follow>,
) -> ApiResult<web::Json<PreviewDto>> {
    let (scope, id) = (caller.scope, *account_id);
    let name = body.0.master()?;
    let patch = body.0.settings.unwrap_or_default();
    // In a transaction that may write, as the master is locked by its name; nothing is.
    let preview = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            let follower = lock_live(tx, scope.owner, id).await?;
            let master = lock_master(tx, &follower, &name).await?;
            let settings = patch.applied_to(defaults(&follower))?;
            let pace = pace_of(tx, &follower, &master, &settings).await?;
            let needs_approval = subscriptions::waits(tx, scope.owner, &master).await?;
            Ok::<_, ApiError>(PreviewDto::new(master, needs_approval, settings, pace))
        })
        .await?;
    Ok(web::Json(preview))
}

async fn pace_of(
    tx: &mut Tx,
    follower: &Account,
    master: &NamedMaster,
    settings: &CopySettings,
) -> ApiResult<Option<Pace>> {
    if follower.platform != Platform::Bingx {
        return Ok(None);
    }
    let key = exchange_keys::find(tx, follower.owner_id, follower.id).await?;
    let environment = key.map_or(VenueEnvironment::Live, |key| key.environment);
    let ways = venue_paces::list_ways(tx, environment, master.account_id).await?;
    let max_age_ms = u32::try_from(settings.max_age_s).unwrap_or_default().saturating_mul(1_000);
    Ok(pace::joined(ways, max_age_ms))
}
