use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, get, patch, post, web};
use flotilla_domain::account::{Account, AccountError, CopyRole, Platform};
use flotilla_domain::id::{AccountId, GroupId, OwnerId};
use flotilla_security::api_key::generate_master_token;
use flotilla_store::accounts::NewAccount;
use flotilla_store::{Scope, Tx, accounts, exchange_keys, groups, masters, subscriptions};
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

use crate::auth::{Allowed, ManageAccounts, Read};
use crate::body::Query;
use crate::dto::accounts::{AccountDto, CreateAccount, CreatedAccount, PatchAccount};
use crate::error::{ApiError, ApiResult, Made, Problem};
use crate::idempotency::{self, IdempotencyKey, Key, Keyed};
use crate::page::{self, Page, PageQuery};
use crate::recording::{Target, record};
use crate::routes::api_keys::seal_new_key;
use crate::routes::groups::groups_changed;
use crate::shared::Shared;

/// Create an account.
///
/// Its API key is in this answer and in no other, except after rotation and,
/// with the password, after reveal; who repeats it with its `Idempotency-Key` is
/// told 409 `already_done`. Null for accounts at an exchange and on paper: no EA
/// speaks for them.
#[utoipa::path(
    operation_id = "create_account",
    tag = "accounts",
    params(IdempotencyKey),
    request_body = CreateAccount,
    responses(
        (status = 201, body = CreatedAccount),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts")]
pub async fn create_account(
    caller: Allowed<ManageAccounts>,
    shared: web::Data<Shared>,
    request: Keyed<CreateAccount>,
) -> ApiResult<HttpResponse> {
    let (scope, Keyed { body, key }) = (caller.scope, request);
    let new = new_account(body);
    let (ea_key, stored) = seal_new_key(&shared, scope.owner, new.id)?;
    let made = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, scope.owner, key.as_ref()).await? {
                return Ok(Err(earlier));
            }
            accounts::insert(tx, scope.owner, &new, &stored).await?;
            if new.copy_role == CopyRole::Master {
                masters::insert(tx, scope.owner, new.id, (&new.name, &generate_master_token())).await?;
            }
            let account = accounts::get(tx, scope.owner, new.id).await?;
            remember(tx, scope.owner, key.as_ref(), &account).await?;
            let detail = json!({ "platform": new.platform, "copy_role": new.copy_role });
            record(tx, scope, "account_created", Target::Account(new.id), detail).await?;
            Ok::<_, ApiError>(Ok(account))
        })
        .await?;
    let account = match made {
        Ok(account) => account,
        Err(earlier) => return Ok(idempotency::respond(earlier)),
    };
    shared.account_changed(scope.owner, account.id);
    let api_key = (!account.platform.is_venue()).then(|| ea_key.text().expose_secret().to_owned());
    Ok(HttpResponse::Created().json(CreatedAccount { account: account.into(), api_key }))
}

/// Keeps what is answered for a new account, without its key.
async fn remember(tx: &mut Tx, owner: OwnerId, key: Option<&Key>, account: &Account) -> ApiResult<()> {
    if account.platform.is_venue() {
        let shown = CreatedAccount { account: account.clone().into(), api_key: None };
        return idempotency::answer(tx, owner, key, (StatusCode::CREATED, &shown)).await.map(drop);
    }
    let made = Made::at("/api/v1/accounts", account.id.uuid());
    idempotency::withhold(tx, owner, key, &made).await
}

fn new_account(body: CreateAccount) -> NewAccount {
    NewAccount {
        id: AccountId::from_uuid(Uuid::now_v7()),
        name: body.name.trim().to_owned(),
        platform: body.platform.0,
        copy_role: body.copy_role.0,
        currency: body.currency.unwrap_or_else(|| "USD".to_owned()),
        starting_balance: body.starting_balance.map(|figure| figure.0),
        capital_level: body.capital_level,
        risk_tolerance: body.risk_tolerance,
        external_id: body.external_id,
        default_sizing: body.default_sizing.map(Into::into),
    }
}

/// Accounts, oldest first; archived ones are left out.
#[utoipa::path(
    operation_id = "list_accounts",
    tag = "accounts",
    params(PageQuery),
    responses(
        (status = 200, body = Page<AccountDto>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts")]
pub async fn list_accounts(
    caller: Allowed<Read>,
    query: Query<PageQuery>,
) -> ApiResult<web::Json<Page<AccountDto>>> {
    let limit = page::limit(query.0.limit)?;
    let after: Option<AccountId> = page::after(query.0.cursor.as_deref())?;
    let owner = caller.scope.owner;
    let rows = caller
        .db
        .read_at_once(caller.scope, async move |tx: &Tx| accounts::list(tx, owner, after, limit + 1).await)
        .await?;
    let mut page: Page<AccountDto> = Page::of(rows, limit, |account| account.id);
    if !caller.may_see_tokens() {
        page.items.iter_mut().for_each(AccountDto::hide_token);
    }
    Ok(web::Json(page))
}

/// One account.
#[utoipa::path(
    operation_id = "get_account",
    tag = "accounts",
    params(("account_id" = Uuid, Path)),
    responses(
        (status = 200, body = AccountDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}")]
pub async fn get_account(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
) -> ApiResult<web::Json<AccountDto>> {
    let (owner, id) = (caller.scope.owner, *account_id);
    let account =
        caller.db.read_at_once(caller.scope, async move |tx: &Tx| accounts::get(tx, owner, id).await).await?;
    let mut account = AccountDto::from(account);
    if !caller.may_see_tokens() {
        account.hide_token();
    }
    Ok(web::Json(account))
}

/// Change an account.
///
/// Switching off closes the sockets of its EA; that and the switch to
/// one-to-one copying are refused while they would break something.
#[utoipa::path(
    operation_id = "patch_account",
    tag = "accounts",
    params(("account_id" = Uuid, Path), IdempotencyKey),
    request_body = PatchAccount,
    responses(
        (status = 200, body = AccountDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[patch("/api/v1/accounts/{account_id}")]
pub async fn patch_account(
    caller: Allowed<ManageAccounts>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
    request: Keyed<PatchAccount>,
) -> ApiResult<HttpResponse> {
    let (scope, id, Keyed { body: patch, key }) = (caller.scope, *account_id, request);
    let (in_groups, answered) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            if let Some(earlier) = idempotency::earlier(tx, scope.owner, key.as_ref()).await? {
                return Ok((None, earlier));
            }
            let account = lock_live(tx, scope.owner, id).await?;
            let in_groups = groups::list_of_account(tx, scope.owner, id).await?;
            let names = patch.names();
            if patch.is_active == Some(false) {
                refuse_open_copies(tx, &account).await?;
            }
            set_master_side(tx, &account, &patch).await?;
            let switched = switch_trading(tx, &account, patch.trading_enabled).await?;
            let account = patch.applied_to(account);
            save(tx, &account).await?;
            masters::save(tx, scope.owner, id, (&account.name, account.is_active)).await?;
            let shown = (StatusCode::OK, &AccountDto::from(accounts::get(tx, scope.owner, id).await?));
            let answered = idempotency::answer(tx, scope.owner, key.as_ref(), shown).await?;
            record(tx, scope, "account_changed", Target::Account(id), json!({ "fields": names })).await?;
            if let Some(action) = switched {
                record(tx, scope, action, Target::Account(id), json!({})).await?;
            }
            Ok::<_, ApiError>((Some(in_groups), answered))
        })
        .await?;
    if let Some(in_groups) = in_groups {
        shared.account_changed(scope.owner, id);
        groups_changed(&shared, scope.owner, in_groups);
    }
    Ok(idempotency::respond(answered))
}

async fn set_master_side(tx: &mut Tx, account: &Account, patch: &PatchAccount) -> ApiResult<()> {
    if patch.is_for_masters() && account.copy_role != CopyRole::Master {
        return Err(AccountError::NotMaster.into());
    }
    if let Some(mode) = patch.copy_mode {
        masters::set_mode(tx, account.owner_id, account.id, mode.0).await??;
    }
    if let Some(needs) = patch.needs_approval {
        masters::save_approval(tx, account.owner_id, account.id, needs).await?;
    }
    Ok(())
}

/// Switches orders on or off, and returns what that is called in the audit trail.
async fn switch_trading(
    tx: &mut Tx,
    account: &Account,
    wanted: Option<bool>,
) -> ApiResult<Option<&'static str>> {
    let Some(enabled) = wanted else { return Ok(None) };
    if !account.platform.is_venue() {
        return Err(AccountError::NoExchange.into());
    }
    if enabled && account.platform == Platform::Bingx {
        let key = exchange_keys::find(tx, account.owner_id, account.id).await?;
        if !key.is_some_and(|key| key.trades()) {
            return Err(AccountError::KeyNotVerified.into());
        }
    }
    accounts::switch_trading(tx, account.owner_id, account.id, enabled).await?;
    Ok(Some(if enabled { "trading_enabled" } else { "trading_disabled" }))
}

async fn save(tx: &mut Tx, account: &Account) -> ApiResult<()> {
    if account.is_public && account.slug.is_none() {
        return Err(ApiError::field("slug", "required", "a public master needs an address"));
    }
    match accounts::save(tx, account).await {
        Err(error) if error.is_constraint("accounts_slug") => Err(AccountError::SlugTaken.into()),
        saved => Ok(saved?),
    }
}

/// An account that is not archived, locked.
///
/// # Errors
///
/// 404, or 409 `archived`.
pub async fn lock_live(tx: &mut Tx, owner: OwnerId, id: AccountId) -> ApiResult<Account> {
    let account = accounts::lock(tx, owner, id).await?;
    if account.archived_at.is_some() {
        return Err(AccountError::Archived.into());
    }
    Ok(account)
}

async fn refuse_open_copies(tx: &mut Tx, account: &Account) -> ApiResult<()> {
    if accounts::has_open_copies(tx, account.owner_id, account.id).await? {
        return Err(AccountError::OpenCopies.into());
    }
    Ok(())
}

/// Archive an account.
///
/// Its history stays, its EA is disconnected or its exchange key forgotten, its
/// subscriptions end, it leaves its groups.
#[utoipa::path(
    operation_id = "archive_account",
    tag = "accounts",
    params(("account_id" = Uuid, Path)),
    responses(
        (status = 204, description = "Archived."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[delete("/api/v1/accounts/{account_id}")]
pub async fn archive_account(
    caller: Allowed<ManageAccounts>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
) -> ApiResult<HttpResponse> {
    let (scope, id) = (caller.scope, *account_id);
    let in_groups = caller.db.write(scope, async move |tx: &mut Tx| put_away(tx, scope, id).await).await?;
    shared.account_changed(scope.owner, id);
    groups_changed(&shared, scope.owner, in_groups);
    Ok(HttpResponse::NoContent().finish())
}

/// Archives an account that has no open copies; returns the groups that it left.
///
/// # Errors
///
/// 404, or 409 `archived` or `open_copies`.
pub async fn put_away(tx: &mut Tx, scope: Scope, id: AccountId) -> ApiResult<Vec<GroupId>> {
    let account = lock_live(tx, scope.owner, id).await?;
    refuse_open_copies(tx, &account).await?;
    let in_groups = groups::list_of_account(tx, scope.owner, id).await?;
    groups::remove_from_all(tx, scope.owner, id).await?;
    subscriptions::end_all(tx, scope.owner, id).await?;
    masters::save(tx, scope.owner, id, (&account.name, false)).await?;
    let had_key = exchange_keys::remove(tx, scope.owner, id).await?;
    accounts::switch_trading(tx, scope.owner, id, false).await?;
    accounts::archive(tx, scope.owner, id).await?;
    let detail = if had_key { json!({ "exchange_key": "removed" }) } else { json!({}) };
    record(tx, scope, "account_archived", Target::Account(id), detail).await?;
    Ok(in_groups)
}
