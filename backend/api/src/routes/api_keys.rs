use actix_web::{post, web};
use flotilla_domain::account::{Account, AccountError};
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_security::api_key::{ApiKey, place};
use flotilla_security::seal::SealPurpose;
use flotilla_store::api_keys::{self, StoredApiKey};
use flotilla_store::{StoreError, Tx, accounts};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::auth::{Allowed, ManageAccounts};
use crate::body::Checked;
use crate::dto::accounts::{ClearApiKey, RevealApiKey};
use crate::error::{ApiError, ApiResult, Made, Problem};
use crate::idempotency::{self, IdempotencyKey, KeyOnly};
use crate::recording::{Target, record};
use crate::routes::accounts::lock_live;
use crate::routes::me::require_password;
use crate::shared::Shared;

/// Replace an account's API key.
///
/// The old one stops at once; an EA that uses it is disconnected. 409 `no_ea`
/// for accounts at an exchange and on paper: none speaks for them. 409
/// `already_done` to who repeats it with its `Idempotency-Key`.
#[utoipa::path(
    operation_id = "rotate_api_key",
    tag = "accounts",
    params(("account_id" = Uuid, Path), IdempotencyKey),
    responses(
        (status = 200, body = ClearApiKey),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts/{account_id}/api-key/rotate")]
pub async fn rotate_api_key(
    caller: Allowed<ManageAccounts>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
    key: KeyOnly,
) -> ApiResult<web::Json<ClearApiKey>> {
    let (scope, id, key) = (caller.scope, *account_id, key.bare());
    let (ea_key, stored) = seal_new_key(&shared, scope.owner, id)?;
    caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            // Whatever was kept with the key is a refusal here.
            idempotency::earlier(tx, scope.owner, key.as_ref()).await?;
            refuse_venue(&lock_live(tx, scope.owner, id).await?)?;
            api_keys::replace(tx, scope.owner, id, &stored).await?;
            let made = Made::at("/api/v1/accounts", id.uuid());
            idempotency::withhold(tx, scope.owner, key.as_ref(), &made).await?;
            record(tx, scope, "api_key_rotated", Target::Account(id), json!({})).await?;
            Ok::<_, ApiError>(())
        })
        .await?;
    shared.account_changed(scope.owner, id);
    Ok(web::Json(ClearApiKey { api_key: ea_key.text().expose_secret().to_owned() }))
}

/// Show an account's API key again.
///
/// Needs the password and is audited. 409 `no_ea` as for its replacement.
#[utoipa::path(
    operation_id = "reveal_api_key",
    tag = "accounts",
    params(("account_id" = Uuid, Path)),
    request_body = RevealApiKey,
    responses(
        (status = 200, body = ClearApiKey),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/accounts/{account_id}/api-key/reveal")]
pub async fn reveal_api_key(
    caller: Allowed<ManageAccounts>,
    account_id: web::Path<AccountId>,
    shared: web::Data<Shared>,
    body: Checked<RevealApiKey>,
) -> ApiResult<web::Json<ClearApiKey>> {
    let (scope, id) = (caller.scope, *account_id);
    // A foreign account is absent before a password is looked at.
    let account =
        caller.db.read(scope, async move |tx: &mut Tx| accounts::get(tx, scope.owner, id).await).await?;
    refuse_venue(&account)?;
    require_password(&caller, &shared, body.0.password).await?;
    let sealed = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            let sealed = api_keys::get_sealed(tx, scope.owner, id).await?;
            record(tx, scope, "api_key_revealed", Target::Account(id), json!({})).await?;
            Ok::<_, StoreError>(sealed)
        })
        .await?;
    let key = shared.sealer.open_text(SealPurpose::EaKey, &place(scope.owner, id), &sealed)?;
    Ok(web::Json(ClearApiKey { api_key: key.expose_secret().to_owned() }))
}

/// What is served from here is spoken for by no EA.
fn refuse_venue(account: &Account) -> ApiResult<()> {
    if account.platform.is_venue() {
        return Err(AccountError::NoEa.into());
    }
    Ok(())
}

/// A fresh key, and what is stored of it.
///
/// # Errors
///
/// When it cannot be sealed.
pub fn seal_new_key(
    shared: &Shared,
    owner: OwnerId,
    account: AccountId,
) -> ApiResult<(ApiKey, StoredApiKey)> {
    let key = ApiKey::generate();
    let clear = key.text().expose_secret().as_bytes();
    let sealed = shared.sealer.seal(SealPurpose::EaKey, &place(owner, account), clear)?;
    let stored = StoredApiKey { prefix: key.prefix(), hash: key.hash(), sealed };
    Ok((key, stored))
}
