use actix_web::{HttpResponse, delete, get, post, web};
use flotilla_domain::id::PersonalKeyId;
use flotilla_security::opaque::PersonalKey;
use flotilla_store::personal_keys::{self, NewPersonalKey};
use flotilla_store::{StoreError, Tx};
use secrecy::ExposeSecret;
use serde_json::json;
use uuid::Uuid;

use crate::auth::{Allowed, ManageSelf};
use crate::dto::personal_keys::{CreatePersonalKey, CreatedPersonalKey, PersonalKeyList};
use crate::error::{ApiError, ApiResult, Made, Problem};
use crate::idempotency::{self, IdempotencyKey, Keyed};
use crate::key_standings::PREFIX;
use crate::recording::{Target, record};
use crate::routes::me::{hold_login, require_password};
use crate::shared::Shared;

/// Keys of one user that may live at once.
const MOST_KEYS: i64 = 20;
/// Characters of a key that may be shown.
const SHOWN_CHARS: usize = 10;

/// The caller's keys for integrators, newest first.
#[utoipa::path(
    operation_id = "list_personal_keys",
    tag = "session",
    responses(
        (status = 200, body = PersonalKeyList),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/me/api-keys")]
pub async fn list_personal_keys(caller: Allowed<ManageSelf>) -> ApiResult<web::Json<PersonalKeyList>> {
    let owner = caller.scope.owner;
    let keys =
        caller.db.read(caller.scope, async move |tx: &mut Tx| personal_keys::list(tx, owner).await).await?;
    Ok(web::Json(PersonalKeyList { items: keys.into_iter().map(Into::into).collect() }))
}

/// Make a key with which an integrator acts as the caller.
///
/// Needs the password and is audited. The key is shown this once; who repeats
/// it with its `Idempotency-Key` is told 409 `already_done`.
#[utoipa::path(
    operation_id = "create_personal_key",
    tag = "session",
    params(IdempotencyKey),
    request_body = CreatePersonalKey,
    responses(
        (status = 201, body = CreatedPersonalKey),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/me/api-keys")]
pub async fn create_personal_key(
    caller: Allowed<ManageSelf>,
    shared: web::Data<Shared>,
    request: Keyed<CreatePersonalKey>,
) -> ApiResult<HttpResponse> {
    let Keyed { body, key } = request;
    let CreatePersonalKey { name, scopes, expires_in_days, password } = body;
    require_password(&caller, &shared, password).await?;
    let secret = PersonalKey::generate();
    let text = format!("{PREFIX}{}", secret.text().expose_secret());
    let (scope, login) = (caller.scope, caller.login);
    let new = NewPersonalKey {
        id: PersonalKeyId::from_uuid(Uuid::now_v7()),
        name: name.trim().to_owned(),
        prefix: text.chars().take(SHOWN_CHARS).collect(),
        scopes: scopes.into_iter().map(|word| word.0).collect(),
        days: expires_in_days,
        hash: secret.hash(),
    };
    let made = caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            // Whatever was kept with the key is a refusal here.
            idempotency::earlier(tx, scope.owner, key.as_ref()).await?;
            hold_login(tx, scope.actor, login).await?;
            if personal_keys::count_live(tx, scope.owner).await? >= MOST_KEYS {
                return Err(ApiError::field("name", "too_many", "revoke one of your 20 keys first"));
            }
            let made = personal_keys::insert(tx, scope.owner, new).await?;
            let told = Made::at("/api/v1/me/api-keys", made.id.uuid());
            idempotency::withhold(tx, scope.owner, key.as_ref(), &told).await?;
            let detail = json!({ "prefix": made.prefix, "scopes": made.scopes });
            record(tx, scope, "personal_key_created", Target::User(scope.actor), detail).await?;
            Ok(made)
        })
        .await?;
    Ok(HttpResponse::Created().json(CreatedPersonalKey { key: text, about: made.into() }))
}

/// Revoke a key. It stops at once.
#[utoipa::path(
    operation_id = "revoke_personal_key",
    tag = "session",
    params(("key_id" = Uuid, Path)),
    responses(
        (status = 204, description = "Revoked."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[delete("/api/v1/me/api-keys/{key_id}")]
pub async fn revoke_personal_key(
    caller: Allowed<ManageSelf>,
    key_id: web::Path<PersonalKeyId>,
    shared: web::Data<Shared>,
) -> ApiResult<HttpResponse> {
    let (scope, id) = (caller.scope, *key_id);
    caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            let prefix = personal_keys::revoke(tx, scope.owner, id).await?;
            let detail = json!({ "prefix": prefix });
            record(tx, scope, "personal_key_revoked", Target::User(scope.actor), detail).await?;
            Ok::<_, StoreError>(())
        })
        .await?;
    shared.keys.forget(scope.actor);
    Ok(HttpResponse::NoContent().finish())
}
