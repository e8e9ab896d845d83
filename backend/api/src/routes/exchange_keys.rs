use actix_web::{HttpResponse, delete, get, patch, post, put, web};
use flotilla_domain::account::{Account, AccountError, Platform};
use flotilla_domain::exchange_key::{ExchangeKey, KeyFault, KeyStatus};
use flotilla_domain::id::{AccountId, RequestId};
use flotilla_security::exchange_secret::ExchangeSecret;
use flotilla_store::key_requests::{self, KeyAnswer, KeyTask};
use flotilla_store::{Scope, StoreError, Tx, accounts, exchange_keys};
use serde_json::json;
use tokio::sync::broadcast;
use tokio::time::{Duration, Instant, timeout};
use uuid::Uuid;

use crate::auth::{Allowed, ManageAccounts, Read};
use crate::body::{Checked, Query};
use crate::dto::exchange_keys::{
    ExchangeKeyDto, ExchangeKeysDto, PatchExchangeKey, PutExchangeKey, RemoveExchangeKey,
};
use crate::error::{ApiError, ApiResult, KeyRefusal, Problem};
use crate::recording::{Target, record};
use crate::routes::accounts::lock_live;
use crate::shared::Shared;

/// Between looks for an answer whose hint may have been lost.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Exchange keys of all accounts, without the keys.
#[utoipa::path(
    operation_id = "list_exchange_keys",
    tag = "exchange",
    responses(
        (status = 200, body = ExchangeKeysDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/exchange-keys")]
pub async fn list_exchange_keys(
    caller: Allowed<Read>,
    shared: web::Data<Shared>,
) -> ApiResult<web::Json<ExchangeKeysDto>> {
    let owner = caller.scope.owner;
    let keys =
        caller.db.read(caller.scope, async move |tx: &mut Tx| exchange_keys::list(tx, owner).await).await?;
    Ok(web::Json(ExchangeKeysDto {
        items: keys.into_iter().map(|key| ExchangeKeyDto::of(key, &shared.config)).collect(),
        egress_addresses: shared.config.egress_addresses.clone(),
    }))
}

/// The exchange key of an account, without the key.
///
/// 404 where none is connected.
#[utoipa::path(
    operation_id = "get_exchange_key",
    tag = "exchange",
    params(("account_id" = Uuid, Path)),
    responses(
        (status = 200, body = ExchangeKeyDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/accounts/{account_id}/exchange-key")]
pub async fn get_exchange_key(
    caller: Allowed<Read>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
) -> ApiResult<web::Json<ExchangeKeyDto>> {
    let (owner, id) = (caller.scope.owner, *account_id);
    let key = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| exchange_keys::get(tx, owner, id).await)
        .await?;
    Ok(web::Json(ExchangeKeyDto::of(key, &shared.config)))
}

/// Connect an account to its exchange, or replace its key.
///
/// The key is sealed at once and never shown again; the worker has the
/// exchange prove it. 200: it is verified. 422 `key_refused`: it is not taken,
/// and nothing of it is kept; the one before stays in place. 202: the exchange
/// has not answered yet; a key that nobody could verify within five minutes is
/// forgotten. A key that can withdraw is refused, and so is one of an account
/// at the exchange that is connected already. The environment is chosen once.
#[utoipa::path(
    operation_id = "put_exchange_key",
    tag = "exchange",
    params(("account_id" = Uuid, Path)),
    request_body = PutExchangeKey,
    responses(
        (status = 200, body = ExchangeKeyDto),
        (status = 202, body = ExchangeKeyDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[put("/api/v1/accounts/{account_id}/exchange-key")]
pub async fn put_exchange_key(
    caller: Allowed<ManageAccounts>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
    body: Checked<PutExchangeKey>,
) -> ApiResult<HttpResponse> {
    let (scope, id) = (caller.scope, *account_id);
    let PutExchangeKey { api_key, api_secret, environment } = body.0;
    let secret = ExchangeSecret { environment: environment.0, api_key, api_secret };
    let sealed = secret.seal(&shared.sealer, scope.owner, id)?;
    let heard = shared.hub.hear_answers();
    let request = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            lock_at_exchange(tx, scope, id).await?;
            exchange_keys::offer(tx, (scope.owner, id), environment.0, &sealed).await??;
            let request = key_requests::insert(tx, scope, id, KeyTask::Verify).await?;
            let detail = json!({ "environment": environment.0, "request_id": request });
            record(tx, scope, "exchange_key_entered", Target::Account(id), detail).await?;
            Ok::<_, ApiError>(request)
        })
        .await?;
    let answer = ask(&caller, &shared, (id, request), heard).await?;
    refuse(answer)?;
    Ok(shown(&shared, current(&caller, id).await?))
}

/// Have a connected key looked at again.
///
/// 200 with what was found, which may be that it does not work any more; 202
/// while the exchange does not answer.
#[utoipa::path(
    operation_id = "verify_exchange_key",
    tag = "exchange",
    params(("account_id" = Uuid, Path)),
    responses(
        (status = 200, body = ExchangeKeyDto),
        (status = 202, body = ExchangeKeyDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts/{account_id}/exchange-key/verify")]
pub async fn verify_exchange_key(
    caller: Allowed<ManageAccounts>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
) -> ApiResult<HttpResponse> {
    let (scope, id) = (caller.scope, *account_id);
    let heard = shared.hub.hear_answers();
    let (request, before) = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            lock_at_exchange(tx, scope, id).await?;
            let key = exchange_keys::get(tx, scope.owner, id).await?;
            Ok::<_, ApiError>((key_requests::insert(tx, scope, id, KeyTask::Verify).await?, key))
        })
        .await?;
    let answer = ask(&caller, &shared, (id, request), heard).await?;
    if before.status == KeyStatus::Pending {
        refuse(answer.clone())?;
    }
    let key = current(&caller, id).await?;
    let is_waited_for = answer == KeyAnswer::Open;
    Ok(if is_waited_for { waiting(&shared, key) } else { shown(&shared, key) })
}

/// Set the leverage of an account at its exchange.
///
/// For the contracts it holds or its owner has mapped; for others with their
/// first order. 422 `leverage_refused` when the exchange takes it nowhere.
/// Nothing but this call ever changes leverage.
#[utoipa::path(
    operation_id = "patch_exchange_key",
    tag = "exchange",
    params(("account_id" = Uuid, Path)),
    request_body = PatchExchangeKey,
    responses(
        (status = 200, body = ExchangeKeyDto),
        (status = 202, body = ExchangeKeyDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[patch("/api/v1/accounts/{account_id}/exchange-key")]
pub async fn patch_exchange_key(
    caller: Allowed<ManageAccounts>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
    body: Checked<PatchExchangeKey>,
) -> ApiResult<HttpResponse> {
    let (scope, id, leverage) = (caller.scope, *account_id, body.0.leverage);
    let heard = shared.hub.hear_answers();
    let request = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            lock_at_exchange(tx, scope, id).await?;
            if !exchange_keys::get(tx, scope.owner, id).await?.trades() {
                return Err(AccountError::KeyNotVerified.into());
            }
            let request = key_requests::insert(tx, scope, id, KeyTask::SetLeverage(leverage)).await?;
            let detail = json!({ "leverage": leverage, "request_id": request });
            record(tx, scope, "leverage_asked", Target::Account(id), detail).await?;
            Ok::<_, ApiError>(request)
        })
        .await?;
    let answer = ask(&caller, &shared, (id, request), heard).await?;
    let key = current(&caller, id).await?;
    match answer {
        KeyAnswer::Open => Ok(waiting(&shared, key)),
        KeyAnswer::Done => Ok(shown(&shared, key)),
        KeyAnswer::Failed { text, .. } => Err(ApiError::LeverageRefused(text)),
    }
}

/// Disconnect an account from its exchange.
///
/// The key is forgotten and orders are switched off. Refused with 409
/// `open_copies` while copies are open, unless `open_copies=keep` says that
/// they may stay open there. Revoke the key at the exchange as well.
#[utoipa::path(
    operation_id = "remove_exchange_key",
    tag = "exchange",
    params(("account_id" = Uuid, Path), RemoveExchangeKey),
    responses(
        (status = 204, description = "Disconnected."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[delete("/api/v1/accounts/{account_id}/exchange-key")]
pub async fn remove_exchange_key(
    caller: Allowed<ManageAccounts>,
    account_id: web::Path<AccountId>,
    query: Query<RemoveExchangeKey>,
    shared: web::Data<Shared>,
) -> ApiResult<HttpResponse> {
    let (scope, id) = (caller.scope, *account_id);
    let keeps_copies = query.0.open_copies.is_some();
    caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            lock_live(tx, scope.owner, id).await?;
            let has_open = accounts::has_open_copies(tx, scope.owner, id).await?;
            if has_open && !keeps_copies {
                return Err(AccountError::OpenCopies.into());
            }
            if !exchange_keys::remove(tx, scope.owner, id).await? {
                return Err(StoreError::NotFound("exchange key").into());
            }
            accounts::switch_trading(tx, scope.owner, id, false).await?;
            let detail = json!({ "open_copies": has_open });
            record(tx, scope, "exchange_key_removed", Target::Account(id), detail).await?;
            Ok::<_, ApiError>(())
        })
        .await?;
    shared.account_changed(scope.owner, id);
    Ok(HttpResponse::NoContent().finish())
}

async fn lock_at_exchange(tx: &mut Tx, scope: Scope, id: AccountId) -> ApiResult<Account> {
    let account = lock_live(tx, scope.owner, id).await?;
    if account.platform == Platform::Bingx { Ok(account) } else { Err(AccountError::NoExchange.into()) }
}

/// Tells the worker of a request that is committed, and waits for what becomes of it.
async fn ask(
    caller: &Allowed<ManageAccounts>,
    shared: &Shared,
    (account, request): (AccountId, RequestId),
    mut heard: broadcast::Receiver<Uuid>,
) -> ApiResult<KeyAnswer> {
    let owner = caller.scope.owner;
    shared.requested(owner, account, request.uuid());
    shared.account_changed(owner, account);
    let until = Instant::now() + shared.config.key_answer;
    loop {
        let answer = caller
            .db
            .read(caller.scope, async move |tx: &mut Tx| key_requests::find_answer(tx, owner, request).await)
            .await?;
        let left = until.saturating_duration_since(Instant::now());
        if answer != KeyAnswer::Open || left.is_zero() {
            return Ok(answer);
        }
        // Without a hint in time it looks all the same.
        let _ = timeout(left.min(LOOK_EVERY), hear(&mut heard, request.uuid())).await;
    }
}

/// Until something is heard of the request, or may have been missed.
async fn hear(heard: &mut broadcast::Receiver<Uuid>, request: Uuid) {
    while let Ok(one) = heard.recv().await {
        if one == request {
            return;
        }
    }
}

fn refuse(answer: KeyAnswer) -> ApiResult<()> {
    match answer {
        KeyAnswer::Open | KeyAnswer::Done => Ok(()),
        KeyAnswer::Failed { code, text } => {
            let fault = code.parse().unwrap_or(KeyFault::NoAnswer);
            Err(ApiError::KeyRefused(KeyRefusal { fault, words: text }))
        }
    }
}

async fn current(caller: &Allowed<ManageAccounts>, id: AccountId) -> ApiResult<ExchangeKey> {
    let owner = caller.scope.owner;
    let read = async move |tx: &mut Tx| exchange_keys::get(tx, owner, id).await;
    Ok(caller.db.read(caller.scope, read).await?)
}

/// 202 while a key is being verified.
fn shown(shared: &Shared, key: ExchangeKey) -> HttpResponse {
    if key.status == KeyStatus::Pending || key.is_replacing {
        return waiting(shared, key);
    }
    HttpResponse::Ok().json(ExchangeKeyDto::of(key, &shared.config))
}

fn waiting(shared: &Shared, key: ExchangeKey) -> HttpResponse {
    HttpResponse::Accepted().json(ExchangeKeyDto::of(key, &shared.config))
}
