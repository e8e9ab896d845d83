//! What mails lead to: a new password, a proven address.

use actix_web::{HttpRequest, HttpResponse, post, web};
use flotilla_domain::id::UserId;
use flotilla_domain::mail::MailKind;
use flotilla_domain::user::{User, login_name};
use flotilla_security::opaque::MailToken;
use flotilla_store::mail_tokens::{self, Proof};
use flotilla_store::{Scope, StoreError, Tx, outbox, personal_keys, refresh_tokens, shares, users};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::address;
use crate::body::Checked;
use crate::dto::recovery::{RequestPasswordReset, ResetPassword, VerifyEmail};
use crate::dto::users::UserDto;
use crate::error::{ApiError, ApiResult, Problem};
use crate::passwords::Who;
use crate::recording::{Target, record};
use crate::shared::Shared;

const RESET: [MailKind; 1] = [MailKind::ResetPassword];
const VERIFY: [MailKind; 2] = [MailKind::VerifyEmail, MailKind::ConfirmEmail];

/// Ask for a mail with a link to a new password.
///
/// The same answer in the same time whether anybody has the address: who that is
/// is looked up later, by whoever sends the mail.
#[utoipa::path(
    operation_id = "request_password_reset",
    tag = "session",
    request_body = RequestPasswordReset,
    responses(
        (status = 202, description = "If somebody signs in with this address, a mail is on its way to it."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/api/v1/auth/forgot")]
pub async fn request_password_reset(
    request: HttpRequest,
    shared: web::Data<Shared>,
    body: Checked<RequestPasswordReset>,
) -> ApiResult<HttpResponse> {
    let name = login_name(&body.0.email);
    shared.limits.forgot(address::client(&request, &shared.config.trusted_proxies), name.clone())?;
    shared.stores.app.open(async move |tx: &mut Tx| outbox::add_reset(tx, &name).await).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Set a new password with the link of a mail.
///
/// The link works once. All sessions end, and keys for integrators and links for strangers are revoked.
#[utoipa::path(
    operation_id = "reset_password",
    tag = "session",
    request_body = ResetPassword,
    responses(
        (status = 204, description = "Changed; sign in with it."),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "`invalid_link`: used, too old or never sent."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/api/v1/auth/reset")]
pub async fn reset_password(
    request: HttpRequest,
    shared: web::Data<Shared>,
    body: Checked<ResetPassword>,
) -> ApiResult<HttpResponse> {
    let Checked(body) = body;
    shared.limits.link(address::client(&request, &shared.config.trusted_proxies))?;
    let (user, token) = find_holder(&shared, &RESET, &body.token).await?;
    let hash = shared.passwords.hash(Who::Stranger, body.new_password).await?;
    let scope = Scope::own(user);
    shared
        .stores
        .app
        .write(scope, async move |tx: &mut Tx| {
            let (current, proof) = take(tx, user, &RESET, &token).await?;
            users::set_password(tx, user, &hash).await?;
            users::verify_email(tx, user, &proof.address).await?;
            end_everything(tx, scope, &current).await?;
            Ok::<_, ApiError>(())
        })
        .await?;
    shared.standings.forget(user);
    shared.keys.forget(user);
    Ok(HttpResponse::NoContent().finish())
}

/// Whoever could sign in before cannot any more, by whatever way, nor look on by a link that he made.
async fn end_everything(tx: &mut Tx, scope: Scope, current: &User) -> Result<(), StoreError> {
    let user = scope.actor;
    refresh_tokens::end_all_logins(tx, user).await?;
    mail_tokens::end_all(tx, user).await?;
    outbox::add(tx, user, MailKind::PasswordChanged, &current.email).await?;
    let revoked = personal_keys::revoke_all(tx, scope.owner).await?;
    let links = shares::revoke_all(tx, scope.owner).await?;
    let detail = json!({ "revoked_keys": revoked, "revoked_links": links });
    record(tx, scope, "password_reset", Target::User(user), detail).await
}

/// Prove an address with the link of a mail.
///
/// Of a new user, or of one who changes his address: then it is the one he signs
/// in with from now on, and the old one is told.
#[utoipa::path(
    operation_id = "verify_email",
    tag = "session",
    request_body = VerifyEmail,
    responses(
        (status = 200, body = UserDto),
        (status = 400, body = Problem, content_type = "application/problem+json", description = "`invalid_link`: used, too old or never sent."),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`email_taken`: somebody else signs in with it by now."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/api/v1/auth/verify")]
pub async fn verify_email(
    request: HttpRequest,
    shared: web::Data<Shared>,
    body: Checked<VerifyEmail>,
) -> ApiResult<web::Json<UserDto>> {
    let Checked(body) = body;
    shared.limits.link(address::client(&request, &shared.config.trusted_proxies))?;
    let (user, token) = find_holder(&shared, &VERIFY, &body.token).await?;
    let scope = Scope::own(user);
    let verified = shared
        .stores
        .app
        .write(scope, async move |tx: &mut Tx| {
            let (current, proof) = take(tx, user, &VERIFY, &token).await?;
            Ok::<_, ApiError>(note_proof(tx, scope, &current, &proof).await?)
        })
        .await;
    match verified {
        Ok(user) => Ok(web::Json(user.into())),
        Err(ApiError::Store(error)) if error.is_constraint("login_names_pkey") => Err(ApiError::EmailTaken),
        Err(error) => Err(error),
    }
}

async fn note_proof(tx: &mut Tx, scope: Scope, old: &User, proof: &Proof) -> Result<User, StoreError> {
    let user = scope.actor;
    if proof.kind != MailKind::ConfirmEmail {
        let verified = users::verify_email(tx, user, &proof.address).await?;
        record(tx, scope, "email_verified", Target::User(user), json!({})).await?;
        return Ok(verified);
    }
    let changed = users::change_email(tx, user, &proof.address).await?;
    // Links that went to the old address, or to a third one, lead nowhere now.
    mail_tokens::end_all(tx, user).await?;
    outbox::add(tx, user, MailKind::EmailChanged, &old.email).await?;
    record(tx, scope, "email_changed", Target::User(user), json!({})).await?;
    Ok(changed)
}

/// Uses a link up, of a user who may sign in.
///
/// Holds him first, as whoever changes his password does: two that took links or ended them first would
/// wait for one another.
async fn take(
    tx: &mut Tx,
    user: UserId,
    kinds: &[MailKind],
    token: &mail_tokens::TokenHash,
) -> ApiResult<(User, Proof)> {
    let current = users::lock(tx, user).await?;
    let proof = mail_tokens::take(tx, user, kinds, token).await?.ok_or(ApiError::InvalidLink)?;
    // Of an address that is his no more it proves nothing.
    let is_his = login_name(&current.email) == login_name(&proof.address);
    if current.is_active && (is_his || proof.kind == MailKind::ConfirmEmail) {
        Ok((current, proof))
    } else {
        Err(ApiError::InvalidLink)
    }
}

/// Whose link this is. Cheap, so that guesses cost no password hash.
async fn find_holder(
    shared: &Shared,
    kinds: &'static [MailKind],
    text: &SecretString,
) -> ApiResult<(UserId, mail_tokens::TokenHash)> {
    let token = MailToken::parse(text.expose_secret()).ok_or(ApiError::InvalidLink)?.hash();
    let db = &shared.stores.app;
    let found = db.open(async move |tx: &mut Tx| mail_tokens::find_user(tx, kinds, &token).await).await?;
    Ok((found.ok_or(ApiError::InvalidLink)?, token))
}

/// Wants a mail to a new user, in the transaction that makes him.
///
/// # Errors
///
/// When it cannot be written down.
pub async fn welcome(tx: &mut Tx, user: &User) -> Result<(), StoreError> {
    outbox::add(tx, user.id, MailKind::VerifyEmail, &user.email).await
}
