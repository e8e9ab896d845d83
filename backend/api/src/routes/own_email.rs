//! The caller's own address.

use actix_web::{HttpResponse, post, web};
use flotilla_domain::mail::MailKind;
use flotilla_domain::user::login_name;
use flotilla_store::{StoreError, Tx, mail_tokens, outbox, users};
use serde_json::json;

use crate::auth::{Allowed, ManageSelf};
use crate::body::Checked;
use crate::dto::recovery::ChangeEmail;
use crate::error::{ApiError, ApiResult, Problem};
use crate::recording::{Target, record};
use crate::routes::me::{hold_login, require_password};
use crate::shared::Shared;

/// Ask to sign in with another address.
///
/// Nothing changes until the link in the mail to the new address is used. The
/// address of now is told. The answer does not tell whether somebody else has the new one.
#[utoipa::path(
    operation_id = "change_email",
    tag = "me",
    request_body = ChangeEmail,
    responses(
        (status = 202, description = "A mail is on its way to the new address."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/me/email")]
pub async fn change_email(
    caller: Allowed<ManageSelf>,
    shared: web::Data<Shared>,
    body: Checked<ChangeEmail>,
) -> ApiResult<HttpResponse> {
    let Checked(body) = body;
    require_password(&caller, &shared, body.password).await?;
    shared.limits.mail(caller.scope.actor)?;
    let (scope, login, email) = (caller.scope, caller.login, body.email.trim().to_owned());
    caller
        .db
        .write(scope, async move |tx: &mut Tx| {
            let user = hold_login(tx, scope.actor, login).await?;
            if login_name(&user.email) == login_name(&email) {
                return Err(ApiError::field("email", "unchanged", "this is your address already"));
            }
            // Of several wishes the last one counts.
            mail_tokens::end(tx, user.id, MailKind::ConfirmEmail).await?;
            outbox::add(tx, user.id, MailKind::ConfirmEmail, &email).await?;
            outbox::add(tx, user.id, MailKind::EmailChangeAsked, &user.email).await?;
            record(tx, scope, "email_change_asked", Target::User(user.id), json!({})).await?;
            Ok(())
        })
        .await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Send the mail that proves the caller's address once more.
#[utoipa::path(
    operation_id = "resend_verification",
    tag = "me",
    responses(
        (status = 202, description = "A mail is on its way."),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "`already_verified`: there is nothing to prove."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[post("/api/v1/me/email/verify")]
pub async fn resend_verification(
    caller: Allowed<ManageSelf>,
    shared: web::Data<Shared>,
) -> ApiResult<HttpResponse> {
    let actor = caller.scope.actor;
    shared.limits.mail(actor)?;
    let is_wanted = caller
        .db
        .write(caller.scope, async move |tx: &mut Tx| {
            let user = users::get(tx, actor).await?;
            if !user.email_verified {
                outbox::add(tx, actor, MailKind::VerifyEmail, &user.email).await?;
            }
            Ok::<_, StoreError>(!user.email_verified)
        })
        .await?;
    if is_wanted { Ok(HttpResponse::Accepted().finish()) } else { Err(ApiError::AlreadyVerified) }
}
