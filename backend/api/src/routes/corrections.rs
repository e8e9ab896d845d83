use actix_web::{get, post, web};
use flotilla_domain::id::AccountId;
use flotilla_store::{Tx, accounts, risk_corrections, risk_phases};
use uuid::Uuid;

use crate::auth::{Allowed, ManageAccounts, Read};
use crate::body::Checked;
use crate::dto::corrections::{CorrectionsDto, TakeBackFloor};
use crate::dto::risk::AccountRiskDto;
use crate::error::{ApiError, ApiResult, Problem};
use crate::routes::risk_corrections::{judge_again, lock};
use crate::shared::Shared;
use crate::turns;

/// Most entries of a list.
const MOST: i64 = 200;

/// What was corrected in the running phase: floors that were set, money that
/// was moved, day starts that were typed in, each with its author.
#[utoipa::path(
    operation_id = "list_corrections",
    tag = "risk",
    params(("account_id" = Uuid, Path)),
    responses(
        (status = 200, body = CorrectionsDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/corrections")]
pub async fn list_corrections(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
) -> ApiResult<web::Json<CorrectionsDto>> {
    let (owner, id) = (caller.scope.owner, *account_id);
    let found = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            accounts::get(tx, owner, id).await?;
            let stored = risk_phases::find(tx, owner, id).await?.ok_or(ApiError::NoPhase)?;
            let floors = risk_corrections::list_floors(tx, &stored, MOST).await?;
            let flows = risk_corrections::list_flows(tx, &stored, MOST).await?;
            let starts = risk_corrections::list_starts(tx, &stored, MOST).await?;
            Ok::<_, ApiError>(CorrectionsDto {
                floor_overrides: floors.into_iter().map(Into::into).collect(),
                cash_flows: flows.into_iter().map(Into::into).collect(),
                day_starts: starts.into_iter().map(Into::into).collect(),
            })
        })
        .await?;
    Ok(web::Json(found))
}

/// Take back a floor that was set by mistake.
///
/// It stays in the list. What was crossed while it held stays crossed: an admin
/// clears it, or a new phase begins.
#[utoipa::path(
    operation_id = "take_back_floor",
    tag = "risk",
    params(("account_id" = Uuid, Path), ("override_id" = Uuid, Path)),
    request_body = TakeBackFloor,
    responses(
        (status = 200, body = AccountRiskDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts/{account_id}/floor-overrides/{override_id}/take-back")]
pub async fn take_back_floor(
    caller: Allowed<ManageAccounts>,
    path: web::Path<(AccountId, Uuid)>,
    shared: web::Data<Shared>,
    body: Checked<TakeBackFloor>,
) -> ApiResult<web::Json<AccountRiskDto>> {
    let (scope, (id, set)) = (caller.scope, *path);
    let _turn = turns::take_history(scope.actor, true).await?;
    let (recorded, risk) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            let stored = lock(tx, scope, id).await?;
            let taken = risk_corrections::take_back_floor(tx, scope, &stored, set, &body.0.reason).await?;
            let (since, audit) = taken.ok_or(ApiError::AlreadyCleared)?;
            judge_again(tx, scope, (&stored, since), audit).await
        })
        .await?;
    shared.risk_changed(scope, id, Some(&recorded)).await;
    Ok(web::Json(risk))
}
