use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use flotilla_domain::id::{AccountId, RequestId};
use flotilla_domain::risk::guard::Trip;
use flotilla_domain::stop::{OperationKind, StopAction, StopPlace};
use flotilla_store::idempotency::Answered;
use flotilla_store::{Scope, StoreError, Tx, accounts, groups, guard_trips, operations, stops};
use serde_json::json;

use crate::auth::{Allowed, Read, Trade};
use crate::dto::stop::{OperationDto, StopCopying, StopStateDto};
use crate::error::{ApiError, ApiResult, Problem};
use crate::idempotency::{self, IdempotencyKey, Key, KeyOnly, Keyed};
use crate::recording::{Target, record};
use crate::shared::Shared;

/// Where copying is stopped, and what is being done about it.
#[utoipa::path(
    operation_id = "get_stop_state",
    tag = "copying",
    responses(
        (status = 200, body = StopStateDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/stop")]
pub async fn get_stop_state(caller: Allowed<Read>) -> ApiResult<web::Json<StopStateDto>> {
    let owner = caller.scope.owner;
    let (stops, operations) = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            Ok::<_, StoreError>((stops::list(tx, owner).await?, operations::list_current(tx, owner).await?))
        })
        .await?;
    Ok(web::Json(StopStateDto {
        stops: stops.into_iter().map(Into::into).collect(),
        operations: operations.into_iter().map(Into::into).collect(),
    }))
}

/// The stop button.
///
/// `stop_new`: from now on nothing is copied in the scope, until `resume` of
/// the same scope; open copies stay. `flatten`: the same, and every open copy
/// is closed. A master's stop also holds for strangers who follow it; their
/// open copies stay theirs. Of a group, `stop_new` holds for whatever account
/// is in it at the moment; `flatten` closes what the accounts have that are in
/// it now. The answer tells how far it is, and so does `GET
/// /api/v1/stop/{operation_id}`. `resume` also ends what the guard of exactly
/// this scope did. Only a person who is signed in resumes: a key of an
/// integrator gets 403 `only_a_person`.
#[utoipa::path(
    operation_id = "stop_copying",
    tag = "copying",
    params(IdempotencyKey),
    request_body = StopCopying,
    responses(
        (status = 202, body = OperationDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/stop")]
pub async fn stop_copying(
    caller: Allowed<Trade>,
    shared: web::Data<Shared>,
    request: Keyed<StopCopying>,
) -> ApiResult<HttpResponse> {
    let (scope, Keyed { body, key }) = (caller.scope, request);
    let (place, action) = (body.place()?, body.action.0);
    if action == StopAction::Resume && caller.is_key {
        return Err(ApiError::OnlyAPerson);
    }
    let (asked, answered, resumed) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, scope.owner, key.as_ref()).await? {
                return Ok((None, earlier, None));
            }
            own(tx, scope, place).await?;
            let resumed = match action {
                StopAction::StopNew | StopAction::Flatten => {
                    stops::insert(tx, scope, place).await?;
                    None
                }
                StopAction::Resume => {
                    // The trip first, as whoever lets a guard act does.
                    let resumed = guard_trips::resume(tx, scope, place).await?;
                    stops::remove(tx, scope.owner, place).await?;
                    resumed
                }
            };
            let trip = resumed.as_ref().map(|(trip, _)| trip);
            let (asked, answered) = ask(tx, scope, (action.into(), place, trip), key.as_ref()).await?;
            Ok::<_, ApiError>((Some(asked), answered, resumed))
        })
        .await?;
    if let Some((trip, event)) = resumed {
        shared.guard_resumed(scope, &trip, event).await;
    }
    tell(&shared, scope, place, asked);
    Ok(idempotency::respond(answered))
}

/// How far a stop, a resumption or the closing of an account is.
#[utoipa::path(
    operation_id = "get_stop",
    tag = "copying",
    params(("operation_id" = Uuid, Path)),
    responses(
        (status = 200, body = OperationDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/stop/{operation_id}")]
pub async fn get_stop(
    caller: Allowed<Read>,
    operation_id: web::Path<RequestId>,
) -> ApiResult<web::Json<OperationDto>> {
    let (owner, id) = (caller.scope.owner, *operation_id);
    let operation =
        caller.db.read(caller.scope, async move |tx: &mut Tx| operations::get(tx, owner, id).await).await?;
    Ok(web::Json(operation.into()))
}

/// Close every open copy in or, for a master, of an account.
///
/// Copying goes on. The answer tells how far it is, and so does `GET
/// /api/v1/stop/{operation_id}`.
#[utoipa::path(
    operation_id = "close_all",
    tag = "copying",
    params(("account_id" = Uuid, Path), IdempotencyKey),
    responses(
        (status = 202, body = OperationDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts/{account_id}/close-all")]
pub async fn close_all(
    caller: Allowed<Trade>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
    key: KeyOnly,
) -> ApiResult<HttpResponse> {
    let (scope, place, key) = (caller.scope, StopPlace::Account(*account_id), key.bare());
    let (asked, answered) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, scope.owner, key.as_ref()).await? {
                return Ok((None, earlier));
            }
            own(tx, scope, place).await?;
            let (asked, answered) =
                ask(tx, scope, (OperationKind::CloseAll, place, None), key.as_ref()).await?;
            Ok::<_, ApiError>((Some(asked), answered))
        })
        .await?;
    tell(&shared, scope, place, asked);
    Ok(idempotency::respond(answered))
}

/// Nobody joins or leaves a group until its stop is written.
async fn own(tx: &mut Tx, scope: Scope, place: StopPlace) -> ApiResult<()> {
    match place {
        StopPlace::Everywhere => {}
        StopPlace::Account(account) => drop(accounts::get(tx, scope.owner, account).await?),
        StopPlace::Group(group) => groups::lock(tx, scope.owner, group).await?,
    }
    Ok(())
}

/// Asks the worker; returns its request and what is answered.
async fn ask(
    tx: &mut Tx,
    scope: Scope,
    (kind, place, trip): (OperationKind, StopPlace, Option<&Trip>),
    key: Option<&Key>,
) -> ApiResult<(RequestId, Answered)> {
    let id = stops::ask(tx, scope, kind, place).await?;
    let shown = OperationDto::from(operations::get(tx, scope.owner, id).await?);
    let answered = idempotency::answer(tx, scope.owner, key, (StatusCode::ACCEPTED, &shown)).await?;
    let action = match kind {
        OperationKind::StopNew => "copying_stopped",
        OperationKind::Flatten => "copies_flattened",
        OperationKind::Resume => "copying_resumed",
        OperationKind::CloseAll => "account_closed_all",
    };
    let target = match place {
        StopPlace::Everywhere => Target::User(scope.owner.into()),
        StopPlace::Account(account) => Target::Account(account),
        StopPlace::Group(group) => Target::Group(group),
    };
    let detail = match trip {
        Some(trip) => json!({ "request_id": id, "guard_trip_id": trip.id }),
        None => json!({ "request_id": id }),
    };
    record(tx, scope, action, target, detail).await?;
    Ok((id, answered))
}

/// Hints at a request that was made, not at one of before; call it after the commit.
fn tell(shared: &Shared, scope: Scope, place: StopPlace, asked: Option<RequestId>) {
    let Some(request) = asked else { return };
    let account = place.account().unwrap_or_else(|| scope.owner.uuid().into());
    shared.requested(scope.owner, account, request.uuid());
}
