use actix_web::{get, put, web};
use flotilla_store::{Tx, alert_levels};
use serde_json::json;
use uuid::Uuid;

use crate::auth::{Allowed, ManageSelf};
use crate::body::Checked;
use crate::dto::alert_levels::{AlertLevelsDto, PutAlertLevels};
use crate::error::{ApiError, ApiResult, Problem};
use crate::recording::{Target, record};
use crate::shared::Shared;

/// From which severity on one hears of alerts.
///
/// One's own alone: it is not shown under a grant.
#[utoipa::path(
    operation_id = "get_alert_levels",
    tag = "me",
    responses(
        (status = 200, body = AlertLevelsDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/me/alert-levels")]
pub async fn get_alert_levels(caller: Allowed<ManageSelf>) -> ApiResult<web::Json<AlertLevelsDto>> {
    let owner = caller.scope.owner;
    let levels =
        caller.db.read(caller.scope, async move |tx: &mut Tx| alert_levels::get(tx, owner).await).await?;
    Ok(web::Json(levels.into()))
}

/// Say from which severity on one wants to hear of alerts. Alerts below the level
/// of the inbox are kept: they are there again when it is lowered.
#[utoipa::path(
    operation_id = "put_alert_levels",
    tag = "me",
    request_body = PutAlertLevels,
    responses(
        (status = 200, body = AlertLevelsDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/api/v1/me/alert-levels")]
pub async fn put_alert_levels(
    caller: Allowed<ManageSelf>,
    shared: web::Data<Shared>,
    body: Checked<PutAlertLevels>,
) -> ApiResult<web::Json<AlertLevelsDto>> {
    let (scope, body) = (caller.scope, body.0);
    let levels = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            let levels = body.over(alert_levels::get(tx, scope.owner).await?)?;
            alert_levels::save(tx, scope.owner, levels).await?;
            let detail = json!({
                "inbox": levels.inbox,
                "popup": levels.popup,
                "mail": levels.mail,
            });
            record(tx, scope, "alert_levels_changed", Target::User(scope.actor), detail).await?;
            Ok::<_, ApiError>(levels)
        })
        .await?;
    // Names none: whoever listens counts and reads again.
    shared.alert_changed(scope.owner, Uuid::nil());
    Ok(web::Json(levels.into()))
}
