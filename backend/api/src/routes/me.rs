use actix_web::{HttpResponse, get, patch, post, web};
use flotilla_domain::id::{LoginId, UserId};
use flotilla_domain::mail::MailKind;
use flotilla_domain::user::User;
use flotilla_store::users::{self, ProfileChange};
use flotilla_store::{Tx, mail_tokens, outbox, personal_keys, refresh_tokens, shares};
use secrecy::SecretString;
use serde_json::json;

use crate::auth::{Allowed, ManageSelf};
use crate::body::Checked;
use crate::dto::users::{ChangePassword, PatchMe, UserDto};
use crate::error::{ApiError, ApiResult, Problem};
use crate::passwords::Who;
use crate::recording::{Target, record};
use crate::shared::Shared;

/// Who is signed in.
#[utoipa::path(
    operation_id = "get_me",
    tag = "me",
    responses(
        (status = 200, body = UserDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/me")]
pub async fn get_me(caller: Allowed<ManageSelf>) -> ApiResult<web::Json<UserDto>> {
    let actor = caller.scope.actor;
    let user = caller.db.read(caller.scope, async move |tx: &mut Tx| users::get(tx, actor).await).await?;
    Ok(web::Json(user.into()))
}

/// Change one's own name, language or time zone.
#[utoipa::path(
    operation_id = "patch_me",
    tag = "me",
    request_body = PatchMe,
    responses(
        (status = 200, body = UserDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[patch("/api/v1/me")]
pub async fn patch_me(caller: Allowed<ManageSelf>, body: Checked<PatchMe>) -> ApiResult<web::Json<UserDto>> {
    let Checked(body) = body;
    let actor = caller.scope.actor;
    let change = ProfileChange {
        name: body.name.map(|name| name.trim().to_owned()),
        language: body.language.map(|word| word.0),
        time_zone: body.time_zone,
    };
    let user = caller
        .db
        .write(caller.scope, async move |tx: &mut Tx| users::change_profile(tx, actor, change).await)
        .await?;
    Ok(web::Json(user.into()))
}

/// Change one's own password.
///
/// Other sessions end, keys for integrators and links for strangers are revoked, links in mails lead nowhere
/// any more, and a mail tells of it. Access tokens stop working, this session's too: continue it with the refresh cookie.
#[utoipa::path(
    operation_id = "change_password",
    tag = "me",
    request_body = ChangePassword,
    responses(
        (status = 204, description = "Changed."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/me/password")]
pub async fn change_password(
    caller: Allowed<ManageSelf>,
    shared: web::Data<Shared>,
    body: Checked<ChangePassword>,
) -> ApiResult<HttpResponse> {
    let Checked(body) = body;
    require_password(&caller, &shared, body.current_password).await?;
    let hash = shared.passwords.hash(Who::SignedIn, body.new_password).await?;
    let (scope, login) = (caller.scope, caller.login);
    caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            let user = hold_login(tx, scope.actor, login).await?;
            users::set_password(tx, user.id, &hash).await?;
            // Links that are on their way would undo it, or lead whoever knew the old one to another address.
            mail_tokens::end_all(tx, user.id).await?;
            outbox::add(tx, user.id, MailKind::PasswordChanged, &user.email).await?;
            refresh_tokens::end_other_logins(tx, scope.actor, login).await?;
            let revoked = personal_keys::revoke_all(tx, scope.owner).await?;
            // Whoever knew the old one may have made some for himself.
            let links = shares::revoke_all(tx, scope.owner).await?;
            let detail = json!({ "revoked_keys": revoked, "revoked_links": links });
            record(tx, scope, "password_changed", Target::User(scope.actor), detail).await?;
            Ok::<_, ApiError>(())
        })
        .await?;
    shared.standings.forget(scope.actor);
    shared.keys.forget(scope.actor);
    Ok(HttpResponse::NoContent().finish())
}

/// Refuses a caller who does not know his own password.
///
/// # Errors
///
/// 403 `wrong_password`; 429 when he guesses.
pub async fn require_password<P>(caller: &Allowed<P>, shared: &Shared, typed: SecretString) -> ApiResult<()> {
    let actor = caller.scope.actor;
    shared.limits.password(actor)?;
    let stored =
        caller.db.read(caller.scope, async move |tx: &mut Tx| users::password_hash(tx, actor).await).await?;
    let is_right = shared.passwords.verify(Who::SignedIn, typed, Some(stored)).await?;
    if is_right { Ok(()) } else { Err(ApiError::WrongPassword) }
}

/// Refuses a caller whose login ended after his password was looked at, and lets nobody change the user's
/// password, address or logins until the transaction ends.
///
/// # Errors
///
/// 401 `unauthenticated`: another device set a new password, or ended this login.
pub async fn hold_login(tx: &mut Tx, actor: UserId, login: LoginId) -> ApiResult<User> {
    let user = users::lock(tx, actor).await?;
    let standing = users::standing(tx, actor, login).await?;
    let is_live = standing.is_some_and(|standing| standing.live_version().is_some());
    if is_live { Ok(user) } else { Err(ApiError::Unauthenticated) }
}
