use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, get, post, put, web};
use flotilla_domain::account::{Account, AccountError};
use flotilla_domain::group::Group;
use flotilla_domain::id::{AccountId, GroupId, OwnerId};
use flotilla_store::changes::Change;
use flotilla_store::groups::{self, GroupEdit};
use flotilla_store::{Scope, StoreResult, Tx, accounts, guard_trips, guards, stops};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::{Allowed, ManageAccounts, Read};
use crate::body::{Checked, Query};
use crate::dto::groups::{AddAccount, CreateGroup, GroupDto, PutGroup};
use crate::dto::guard::asked;
use crate::dto::marks;
use crate::error::{ApiError, ApiResult, Problem};
use crate::idempotency::{self, IdempotencyKey, Keyed};
use crate::page::{self, Page, PageQuery};
use crate::recording::{Target, record};
use crate::routes::accounts::lock_live;
use crate::routes::{guard, required_rules};
use crate::shared::Shared;

/// Create a group: an empty one, or with a master and the owner's accounts that
/// copy from it. Whoever follows later is put in by hand. There are at most 100.
#[utoipa::path(
    operation_id = "create_group",
    tag = "groups",
    params(IdempotencyKey),
    request_body = CreateGroup,
    responses(
        (status = 201, body = GroupDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/groups")]
pub async fn create_group(
    caller: Allowed<ManageAccounts>,
    shared: web::Data<Shared>,
    request: Keyed<CreateGroup>,
) -> ApiResult<HttpResponse> {
    let (scope, Keyed { body, key }) = (caller.scope, request);
    let (name, currency, master) = (body.name.trim().to_owned(), body.base_currency, body.master_account_id);
    let (new, answered) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, scope.owner, key.as_ref()).await? {
                return Ok((None, earlier));
            }
            let begun_with = begun_with(tx, scope.owner, master).await?;
            let of_master = begun_with.as_ref().map(|(master, _)| master.currency.clone());
            let currency = currency.or(of_master).unwrap_or_else(|| "USD".to_owned());
            let id = groups::insert(tx, scope.owner, &name, &currency).await??;
            if let Some((_, members)) = &begun_with {
                groups::fill(tx, scope.owner, id, members).await?;
            }
            let group = groups::get(tx, scope.owner, id).await?;
            let members = begun_with.map(|(_, members)| members);
            let detail = json!({ "name": name, "master_account_id": master, "account_ids": members });
            let shown = (StatusCode::CREATED, &GroupDto::from(group));
            let answered = idempotency::answer(tx, scope.owner, key.as_ref(), shown).await?;
            record(tx, scope, "group_created", Target::Group(id), detail).await?;
            Ok::<_, ApiError>((Some(id), answered))
        })
        .await?;
    if let Some(id) = new {
        shared.group_changed(scope.owner, id);
    }
    Ok(idempotency::respond(answered))
}

/// The master that a group begins with, and all that are in it then.
async fn begun_with(
    tx: &mut Tx,
    owner: OwnerId,
    master: Option<AccountId>,
) -> ApiResult<Option<(Account, Vec<AccountId>)>> {
    let Some(master) = master else { return Ok(None) };
    let account = accounts::get(tx, owner, master).await?;
    if account.master.is_none() {
        return Err(AccountError::NotMaster.into());
    }
    let members = groups::list_of_master(tx, owner, master).await?;
    if !members.contains(&master) {
        return Err(AccountError::Archived.into());
    }
    Ok(Some((account, members)))
}

/// Groups, oldest first.
#[utoipa::path(
    operation_id = "list_groups",
    tag = "groups",
    params(PageQuery),
    responses(
        (status = 200, body = Page<GroupDto>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/groups")]
pub async fn list_groups(
    caller: Allowed<Read>,
    query: Query<PageQuery>,
) -> ApiResult<web::Json<Page<GroupDto>>> {
    let limit = page::limit(query.0.limit)?;
    let after: Option<GroupId> = page::after(query.0.cursor.as_deref())?;
    let owner = caller.scope.owner;
    let rows = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| groups::list(tx, owner, after, limit + 1).await)
        .await?;
    Ok(web::Json(Page::of(rows, limit, |group| group.id)))
}

/// One group.
#[utoipa::path(
    operation_id = "get_group",
    tag = "groups",
    params(("group_id" = Uuid, Path)),
    responses(
        (status = 200, body = GroupDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/groups/{group_id}")]
pub async fn get_group(
    caller: Allowed<Read>,
    group_id: web::Path<GroupId>,
) -> ApiResult<web::Json<GroupDto>> {
    let (owner, id) = (caller.scope.owner, *group_id);
    let group =
        caller.db.read(caller.scope, async move |tx: &mut Tx| groups::get(tx, owner, id).await).await?;
    Ok(web::Json(group.into()))
}

/// Edit a group. Refused when somebody edited it after it was read.
///
/// Its guard looks at every account in it and holds for those accounts alone: of
/// one that leads, not for the accounts that follow it. What the guard did before
/// stands until a person resumes. By other marks guards act at once, too:
/// `GET /api/v1/risk/guarded` tells on how many accounts.
#[utoipa::path(
    operation_id = "put_group",
    tag = "groups",
    params(("group_id" = Uuid, Path)),
    request_body = PutGroup,
    responses(
        (status = 200, body = GroupDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/api/v1/groups/{group_id}")]
pub async fn put_group(
    caller: Allowed<ManageAccounts>,
    group_id: web::Path<GroupId>,
    shared: web::Data<Shared>,
    body: Checked<PutGroup>,
) -> ApiResult<web::Json<GroupDto>> {
    let guard = asked(&body.0.guard)?;
    let required = required_rules::asked(&body.0.required_rules)?;
    let marks = marks::asked(&body.0.thresholds)?;
    // Other marks, as another guard, change where its accounts stand.
    let is_judged_anew = guard.is_named() || marks.is_some();
    let (scope, id, edit) = (caller.scope, *group_id, GroupEdit::from(body.0));
    let group = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            groups::save(tx, scope.owner, id, &edit).await??;
            if guard.is_named() {
                guards::set_of_group(tx, scope.owner, id, guard.set().copied()).await?;
            }
            if required.is_named() {
                groups::require(tx, scope.owner, id, required.set()).await?;
            }
            if let Some(marks) = marks {
                groups::set_marks(tx, scope.owner, id, marks).await?;
            }
            let group = groups::get(tx, scope.owner, id).await?;
            record(tx, scope, "group_changed", Target::Group(id), detail(&group)).await?;
            Ok::<_, ApiError>(group)
        })
        .await?;
    if is_judged_anew {
        let accounts = group.accounts.iter().map(|account| account.id).collect();
        guard::look_again(&shared, &caller.db, scope, accounts).await;
    }
    shared.group_changed(scope.owner, id);
    Ok(web::Json(group.into()))
}

/// In the words of the audit trail.
fn detail(group: &Group) -> Value {
    json!({
        "name": group.name,
        "base_currency": group.base_currency,
        "guard": guard::detail(group.guard),
        "thresholds": group.marks,
        "required_rules": group.required.as_ref().map(|required| &required.rules),
    })
}

/// Delete a group. Its accounts stay. Refused while copying is stopped for it,
/// because they would copy again.
#[utoipa::path(
    operation_id = "delete_group",
    tag = "groups",
    params(("group_id" = Uuid, Path)),
    responses(
        (status = 204, description = "Deleted."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[delete("/api/v1/groups/{group_id}")]
pub async fn delete_group(
    caller: Allowed<ManageAccounts>,
    group_id: web::Path<GroupId>,
    shared: web::Data<Shared>,
) -> ApiResult<HttpResponse> {
    let (scope, id) = (caller.scope, *group_id);
    let accounts = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            groups::lock(tx, scope.owner, id).await?;
            let group = groups::get(tx, scope.owner, id).await?;
            groups::delete(tx, scope.owner, id).await??;
            record(tx, scope, "group_deleted", Target::Group(id), json!({ "name": group.name })).await?;
            Ok::<Vec<AccountId>, ApiError>(group.accounts.iter().map(|account| account.id).collect())
        })
        .await?;
    guard::look_again(&shared, &caller.db, scope, accounts).await;
    shared.group_changed(scope.owner, id);
    Ok(HttpResponse::NoContent().finish())
}

/// Put an account into a group; it may be in several.
///
/// Where copying is stopped for the group, it is stopped for the account from
/// now on; what it has open stays open, also where the group's guard has closed
/// what the others had. `guard_trip` of the answer says that it did, and so does
/// an alert about the account.
#[utoipa::path(
    operation_id = "add_group_account",
    tag = "groups",
    params(("group_id" = Uuid, Path), IdempotencyKey),
    request_body = AddAccount,
    responses(
        (status = 200, body = GroupDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/groups/{group_id}/accounts")]
pub async fn add_group_account(
    caller: Allowed<ManageAccounts>,
    group_id: web::Path<GroupId>,
    shared: web::Data<Shared>,
    request: Keyed<AddAccount>,
) -> ApiResult<HttpResponse> {
    let (scope, id, Keyed { body, key }) = (caller.scope, *group_id, request);
    let account = body.account_id;
    let (joined, answered) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, scope.owner, key.as_ref()).await? {
                return Ok((None, earlier));
            }
            // The account first: whoever begins a phase of it holds it when guards of its groups act.
            lock_live(tx, scope.owner, account).await?;
            groups::lock(tx, scope.owner, id).await?;
            let joined = add(tx, scope, id, account).await?;
            let shown = (StatusCode::OK, &GroupDto::from(groups::get(tx, scope.owner, id).await?));
            let answered = idempotency::answer(tx, scope.owner, key.as_ref(), shown).await?;
            Ok::<_, ApiError>((Some(joined), answered))
        })
        .await?;
    if let Some(joined) = joined {
        guard::look_again(&shared, &caller.db, scope, vec![account]).await;
        shared.group_changed(scope.owner, id);
        if let Some(request) = joined.request {
            shared.requested(scope.owner, account, request);
        }
        joined.alert.into_iter().for_each(|alert| shared.hint(alert));
    }
    Ok(idempotency::respond(answered))
}

/// What follows from the stop of a group that an account joined.
#[derive(Default)]
struct Joined {
    request: Option<Uuid>,
    alert: Option<Change>,
}

/// A request to the worker where the group is stopped: what is planned for the
/// account and was not sent is skipped.
async fn add(tx: &mut Tx, scope: Scope, group: GroupId, account: AccountId) -> StoreResult<Joined> {
    if !groups::add(tx, scope.owner, group, account).await? {
        return Ok(Joined::default());
    }
    let request = match stops::find_of_group(tx, scope.owner, group).await? {
        Some(stopped) => Some(stops::ask_for_joined(tx, scope, (group, account), stopped).await?.uuid()),
        None => None,
    };
    let alert = match groups::get(tx, scope.owner, group).await?.trip {
        Some(trip) => Some(guard_trips::tell_joined(tx, scope.owner, &trip, account).await?),
        None => None,
    };
    let detail = json!({ "account_id": account, "request_id": request });
    record(tx, scope, "group_account_added", Target::Group(group), detail).await?;
    Ok(Joined { request, alert })
}

/// Take an account out of a group.
///
/// Where copying is stopped for the group, the account copies again unless
/// something else stops it.
#[utoipa::path(
    operation_id = "remove_group_account",
    tag = "groups",
    params(("group_id" = Uuid, Path), ("account_id" = Uuid, Path)),
    responses(
        (status = 204, description = "Removed."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[delete("/api/v1/groups/{group_id}/accounts/{account_id}")]
pub async fn remove_group_account(
    caller: Allowed<ManageAccounts>,
    path: web::Path<(GroupId, AccountId)>,
    shared: web::Data<Shared>,
) -> ApiResult<HttpResponse> {
    let (scope, (id, account)) = (caller.scope, *path);
    caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            groups::lock(tx, scope.owner, id).await?;
            groups::remove(tx, scope.owner, id, account).await?;
            let detail = json!({ "account_id": account });
            record(tx, scope, "group_account_removed", Target::Group(id), detail).await?;
            Ok::<_, ApiError>(())
        })
        .await?;
    guard::look_again(&shared, &caller.db, scope, vec![account]).await;
    shared.group_changed(scope.owner, id);
    Ok(HttpResponse::NoContent().finish())
}

/// Hints at groups whose account was renamed or archived; call it after the commit.
pub fn groups_changed(shared: &Shared, owner: OwnerId, changed: Vec<GroupId>) {
    for group in changed {
        shared.group_changed(owner, group);
    }
}
