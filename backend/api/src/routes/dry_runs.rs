use std::time::Duration;

use actix_web::{post, web};
use flotilla_domain::account::{AccountError, CopyRole};
use flotilla_domain::id::AccountId;
use flotilla_store::dry_runs::{self, Outcome};
use flotilla_store::{Tx, accounts};
use uuid::Uuid;

use crate::auth::{Allowed, Trade};
use crate::body::Checked;
use crate::dto::dry_runs::{DryRun, DryRunFollowerDto, DryRunResultDto};
use crate::error::{ApiError, ApiResult, Problem};
use crate::shared::Shared;

/// Between looks for the answer.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Looks until nobody waits any longer: five seconds.
const LOOKS: u32 = 100;

/// Judge an order of a master for every follower.
///
/// Nothing is stored or sent. The judgement is the one that plans copies; the
/// worker makes it, because it alone sees followers of other owners. Each owner
/// has one at a time: another one is 409 `request_in_progress` meanwhile.
#[utoipa::path(
    operation_id = "dry_run",
    tag = "copying",
    params(("account_id" = Uuid, Path)),
    request_body = DryRun,
    responses(
        (status = 200, body = DryRunResultDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts/{account_id}/dry-run")]
pub async fn dry_run(
    caller: Allowed<Trade>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
    body: Checked<DryRun>,
) -> ApiResult<web::Json<DryRunResultDto>> {
    let (owner, id) = (caller.scope.owner, *account_id);
    let asked = body.0.asked().ok_or(ApiError::BadRequest)?;
    let question = caller
        .db
        .write(caller.scope, async move |tx: &mut Tx| {
            let account = accounts::get(tx, owner, id).await?;
            if account.copy_role != CopyRole::Master {
                return Err(ApiError::from(AccountError::NotMaster));
            }
            dry_runs::insert(tx, owner, id, &asked).await?.ok_or(ApiError::InProgress)
        })
        .await?;
    shared.requested(owner, id, question);
    let answer = wait(&caller, question).await;
    caller
        .db
        .write(caller.scope, async move |tx: &mut Tx| dry_runs::remove(tx, owner, question).await)
        .await?;
    let followers = answer?.into_iter().map(DryRunFollowerDto::from).collect();
    Ok(web::Json(DryRunResultDto { followers }))
}

async fn wait(caller: &Allowed<Trade>, question: Uuid) -> ApiResult<Vec<Outcome>> {
    let owner = caller.scope.owner;
    for _ in 0..LOOKS {
        let answer = caller
            .db
            .read(caller.scope, async move |tx: &mut Tx| dry_runs::find_answer(tx, owner, question).await)
            .await?;
        if let Some(outcomes) = answer {
            return Ok(outcomes);
        }
        actix_web::rt::time::sleep(LOOK_EVERY).await;
    }
    Err(ApiError::NoAnswer)
}
