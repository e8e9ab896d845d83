use actix_web::{get, put, web};
use flotilla_domain::id::{AccountId, GroupId, OwnerId};
use flotilla_domain::risk::guard::Guard;
use flotilla_domain::stop::StopPlace;
use flotilla_store::guard_trips::{self, PastTrip};
use flotilla_store::risk_marks::MarksPlace;
use flotilla_store::risk_members::{self, Which};
use flotilla_store::{Scope, StoreError, StoreResult, Tx, accounts, groups, guards, risk_marks};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::{Allowed, ManageAccounts, Read};
use crate::body::{Checked, Query};
use crate::dto::guard::{
    AccountGuardDto, GuardStateDto, GuardedDto, GuardedQuery, PastGuardTripDto, PutAccountGuard, asked,
};
use crate::error::{ApiError, ApiResult, Problem};
use crate::page::{self, Page, PageQuery};
use crate::recording::{Target, record};
use crate::routes::accounts::lock_live;
use crate::shared::Shared;

/// The guard of an account, what it did, and whether it holds back new copies.
#[utoipa::path(
    operation_id = "get_account_guard",
    tag = "risk",
    params(("account_id" = Uuid, Path)),
    responses(
        (status = 200, body = AccountGuardDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/guard")]
pub async fn get_account_guard(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
) -> ApiResult<web::Json<AccountGuardDto>> {
    let (owner, id) = (caller.scope.owner, *account_id);
    let guard =
        caller.db.read(caller.scope, async move |tx: &mut Tx| account_guard(tx, owner, id).await).await?;
    Ok(web::Json(guard))
}

/// How many accounts guards may act on when other marks are set for all of them, for a group or for an account.
///
/// Guards act at the statuses that marks define: with other marks they may stop
/// copying or close what is open as soon as these are saved.
#[utoipa::path(
    operation_id = "count_guarded_accounts",
    tag = "risk",
    params(GuardedQuery),
    responses(
        (status = 200, body = GuardedDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/risk/guarded")]
pub async fn count_guarded_accounts(
    caller: Allowed<Read>,
    query: Query<GuardedQuery>,
) -> ApiResult<web::Json<GuardedDto>> {
    let (owner, place) = (caller.scope.owner, MarksPlace::from(query.0));
    let guarded = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            if let Some(group) = place.group {
                groups::get(tx, owner, group).await?;
            }
            if let Some(account) = place.account {
                accounts::get(tx, owner, account).await?;
            }
            risk_marks::count_guarded(tx, owner, place).await
        })
        .await?;
    Ok(web::Json(guarded.into()))
}

/// Set the guard of an account, or turn it off. Refused when somebody edited it
/// after it was read.
///
/// It acts at once where the account stands that badly already. What it did
/// before stands until a person resumes with `POST /api/v1/stop`, also when it is
/// turned off or told to do less. Of an account that leads it holds for what
/// other accounts of the same owner copy of it, and for nothing of strangers.
#[utoipa::path(
    operation_id = "put_account_guard",
    tag = "risk",
    params(("account_id" = Uuid, Path)),
    request_body = PutAccountGuard,
    responses(
        (status = 200, body = AccountGuardDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/api/v1/accounts/{account_id}/guard")]
pub async fn put_account_guard(
    caller: Allowed<ManageAccounts>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
    body: Checked<PutAccountGuard>,
) -> ApiResult<web::Json<AccountGuardDto>> {
    let (scope, id, version) = (caller.scope, *account_id, body.0.version);
    let guard = asked(&body.0.guard)?;
    if !guard.is_named() {
        return Err(ApiError::field("guard", "required", "say null to turn the guard off"));
    }
    let guard = guard.set().copied();
    let set = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            lock_live(tx, scope.owner, id).await?;
            guards::set_of_account(tx, scope.owner, (id, version), guard)
                .await?
                .map_err(|_| ApiError::StaleGuard)?;
            let set = account_guard(tx, scope.owner, id).await?;
            record(tx, scope, "guard_set", Target::Account(id), json!({ "guard": detail(guard) })).await?;
            Ok::<_, ApiError>(set)
        })
        .await?;
    look_again(&shared, &caller.db, scope, vec![id]).await;
    shared.risk_changed(scope, id, None).await;
    Ok(web::Json(set))
}

/// What the guard of an account did, newest first.
#[utoipa::path(
    operation_id = "list_account_guard_trips",
    tag = "risk",
    params(("account_id" = Uuid, Path), PageQuery),
    responses(
        (status = 200, body = Page<PastGuardTripDto>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/guard/trips")]
pub async fn list_account_guard_trips(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
    query: Query<PageQuery>,
) -> ApiResult<web::Json<Page<PastGuardTripDto>>> {
    let limit = page::limit(query.0.limit)?;
    let after: Option<Uuid> = page::after(query.0.cursor.as_deref())?;
    let (owner, id) = (caller.scope.owner, *account_id);
    let rows = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            accounts::get(tx, owner, id).await?;
            guard_trips::list(tx, owner, StopPlace::Account(id), after, limit + 1).await
        })
        .await?;
    Ok(web::Json(trips(rows, limit)))
}

/// What the guard of a group did, newest first.
#[utoipa::path(
    operation_id = "list_group_guard_trips",
    tag = "groups",
    params(("group_id" = Uuid, Path), PageQuery),
    responses(
        (status = 200, body = Page<PastGuardTripDto>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/groups/{group_id}/guard/trips")]
pub async fn list_group_guard_trips(
    caller: Allowed<Read>,
    group_id: web::Path<GroupId>,
    query: Query<PageQuery>,
) -> ApiResult<web::Json<Page<PastGuardTripDto>>> {
    let limit = page::limit(query.0.limit)?;
    let after: Option<Uuid> = page::after(query.0.cursor.as_deref())?;
    let (owner, id) = (caller.scope.owner, *group_id);
    let rows = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            groups::get(tx, owner, id).await?;
            guard_trips::list(tx, owner, StopPlace::Group(id), after, limit + 1).await
        })
        .await?;
    Ok(web::Json(trips(rows, limit)))
}

fn trips(rows: Vec<PastTrip>, limit: i64) -> Page<PastGuardTripDto> {
    Page::of(rows, limit, |past| past.trip.id)
}

async fn account_guard(tx: &mut Tx, owner: OwnerId, id: AccountId) -> StoreResult<AccountGuardDto> {
    let guard = guards::of_account(tx, owner, id).await?;
    let member = risk_members::list(tx, owner, Which::These(&[id])).await?.pop();
    let member = member.ok_or(StoreError::NotFound("account"))?;
    let version = guard.version;
    Ok(AccountGuardDto { version, state: GuardStateDto::of_account(guard, [(id, &member.risk)]) })
}

/// In the words of the audit trail.
pub fn detail(guard: Option<Guard>) -> Value {
    guard.map_or(Value::Null, |guard| json!({ "status": guard.status(), "action": guard.action() }))
}

/// Has the worker look at accounts whose guard is another, and tells of those it
/// knows too little of; call it after the commit. If it fails, their next figures
/// do the same.
pub async fn look_again(shared: &Shared, db: &flotilla_store::Db, scope: Scope, accounts: Vec<AccountId>) {
    let owner = scope.owner;
    let look = async move |tx: &mut Tx| guards::look_again(tx, owner, &accounts).await;
    match db.write(scope, look).await {
        Ok(alerts) => alerts.into_iter().for_each(|alert| shared.hint(alert)),
        Err(error) => {
            tracing::warn!(%error, "accounts of a guard are looked at with their next figures");
        }
    }
}
