//! The caller's signed-in devices.

use actix_web::{HttpResponse, delete, get, web};
use flotilla_domain::id::LoginId;
use flotilla_store::{StoreError, Tx, logins};
use serde_json::json;
use uuid::Uuid;

use crate::auth::{Allowed, ManageSelf};
use crate::dto::sessions::{DeviceSessionDto, DeviceSessionList};
use crate::error::{ApiResult, Problem};
use crate::recording::{Target, record};
use crate::shared::Shared;

/// Signed-in devices of the caller, the one used last first.
#[utoipa::path(
    operation_id = "list_sessions",
    tag = "me",
    responses(
        (status = 200, body = DeviceSessionList),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/me/sessions")]
pub async fn list_sessions(caller: Allowed<ManageSelf>) -> ApiResult<web::Json<DeviceSessionList>> {
    let (actor, current) = (caller.scope.actor, caller.login);
    let logins = caller.db.read(caller.scope, async move |tx: &mut Tx| logins::list(tx, actor).await).await?;
    let items = logins.into_iter().map(|login| DeviceSessionDto::new(login, current)).collect();
    Ok(web::Json(DeviceSessionList { items }))
}

/// Sign a device out.
///
/// Its access tokens stop working within five seconds.
#[utoipa::path(
    operation_id = "end_session",
    tag = "me",
    params(("session_id" = Uuid, Path)),
    responses(
        (status = 204, description = "Signed out."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[delete("/api/v1/me/sessions/{session_id}")]
pub async fn end_session(
    caller: Allowed<ManageSelf>,
    shared: web::Data<Shared>,
    path: web::Path<Uuid>,
) -> ApiResult<HttpResponse> {
    let (scope, login) = (caller.scope, LoginId::from_uuid(path.into_inner()));
    caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            logins::end(tx, scope.actor, login).await?;
            record(tx, scope, "session_ended", Target::Login(login), json!({})).await?;
            Ok::<_, StoreError>(())
        })
        .await?;
    shared.standings.forget(scope.actor);
    Ok(HttpResponse::NoContent().finish())
}
