use actix_web::{get, put, web};
use flotilla_store::risk_defaults::{self, Defaults};
use flotilla_store::{Db, Scope, Tx, risk_marks};
use serde_json::json;

use crate::auth::{Allowed, ManageAccounts, Read};
use crate::body::Checked;
use crate::dto::marks;
use crate::dto::risk_defaults::{PutRiskDefaults, RiskDefaultsDto};
use crate::error::{ApiError, ApiResult, Problem};
use crate::recording::{Target, record};

/// What an owner lets new accounts begin with: four numbers, and the rules they
/// stand for. Nothing happens by itself: they are offered.
#[utoipa::path(
    operation_id = "get_risk_defaults",
    tag = "me",
    responses(
        (status = 200, body = RiskDefaultsDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/me/risk-defaults")]
pub async fn get_risk_defaults(caller: Allowed<Read>) -> ApiResult<web::Json<RiskDefaultsDto>> {
    let owner = caller.scope.owner;
    let defaults =
        caller.db.read(caller.scope, async move |tx: &mut Tx| risk_defaults::get(tx, owner).await).await?;
    Ok(web::Json(defaults.into()))
}

/// Edit what new accounts begin with. Refused when somebody edited it after it
/// was read. Accounts that have rules keep theirs; marks hold at once for all
/// accounts for which neither they nor their groups set any, and guards act by
/// them: `GET /api/v1/risk/guarded` tells on how many accounts.
#[utoipa::path(
    operation_id = "put_risk_defaults",
    tag = "me",
    request_body = PutRiskDefaults,
    responses(
        (status = 200, body = RiskDefaultsDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/api/v1/me/risk-defaults")]
pub async fn put_risk_defaults(
    caller: Allowed<ManageAccounts>,
    body: Checked<PutRiskDefaults>,
) -> ApiResult<web::Json<RiskDefaultsDto>> {
    let (scope, version) = (caller.scope, body.0.version);
    let numbers = body.0.checked()?;
    let marks = marks::asked(&body.0.thresholds)?;
    let saved = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            let marks = match marks {
                Some(marks) => marks,
                None => risk_defaults::get(tx, scope.owner).await?.marks,
            };
            let defaults = Defaults { numbers, marks, version };
            risk_defaults::save(tx, scope.owner, &defaults).await?.map_err(|_| ApiError::StaleDefaults)?;
            let saved = risk_defaults::get(tx, scope.owner).await?;
            let detail = json!({
                "max_open_positions": numbers.max_open_positions,
                "risk_per_trade_percent": numbers.risk_per_trade_percent.to_string(),
                "daily_loss_percent": numbers.daily_loss_percent.to_string(),
                "max_drawdown_percent": numbers.max_drawdown_percent.to_string(),
                "thresholds": marks,
            });
            record(tx, scope, "risk_defaults_changed", Target::User(scope.actor), detail).await?;
            Ok::<_, ApiError>(saved)
        })
        .await?;
    if marks.is_some() {
        look_again(&caller.db, scope).await;
    }
    Ok(web::Json(saved.into()))
}

/// Of accounts that are read meanwhile the new marks hold already.
async fn look_again(db: &Db, scope: Scope) {
    let owner = scope.owner;
    if let Err(error) =
        db.write(scope, async move |tx: &mut Tx| risk_marks::look_again(tx, owner).await).await
    {
        tracing::warn!(%error, "accounts are judged by their new marks with their next figures");
    }
}
