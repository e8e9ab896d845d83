use actix_web::{HttpResponse, delete, web};
use flotilla_domain::id::{AccountId, LoginId};
use flotilla_domain::permission::Permission;
use flotilla_domain::user::Role;
use flotilla_store::{Scope, Tx, accounts, erasures, mail_tokens, personal_keys, refresh_tokens, shares};
use serde_json::json;

use crate::auth::{Allowed, ManageSelf};
use crate::body::Checked;
use crate::cookie;
use crate::dto::users::EraseMe;
use crate::error::{ApiError, ApiResult, Problem};
use crate::recording::{Target, record};
use crate::routes::accounts::put_away;
use crate::routes::me::{hold_login, require_password};
use crate::shared::Shared;

/// More accounts than anybody has.
const ALL: i64 = 100_000;

/// Erase oneself: all accounts, trades, rules, keys and settings.
///
/// Refused while copies are open. Nothing works from now on; the rows are
/// deleted within minutes, and cannot be brought back. The audit trail stays,
/// under identifiers. Get `/api/v1/me/export` first.
#[utoipa::path(
    operation_id = "erase_me",
    tag = "me",
    request_body = EraseMe,
    responses(
        (status = 204, description = "Nothing works any more, and the rows are being deleted."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[delete("/api/v1/me")]
pub async fn erase_me(
    caller: Allowed<ManageSelf>,
    shared: web::Data<Shared>,
    body: Checked<EraseMe>,
) -> ApiResult<HttpResponse> {
    if caller.role == Role::Admin {
        // An installation must not lose its last one.
        return Err(ApiError::Forbidden(Permission::ManageSelf.as_str()));
    }
    require_password(&caller, &shared, body.0.password).await?;
    let (scope, login) = (caller.scope, caller.login);
    let gone = caller.db.write(scope, async move |tx: &mut Tx| retire(tx, scope, login).await).await?;
    for account in gone {
        shared.account_changed(scope.owner, account);
    }
    shared.standings.forget(scope.actor);
    shared.keys.forget(scope.actor);
    Ok(HttpResponse::NoContent().cookie(cookie::remove(&shared.config)).finish())
}

/// Puts all accounts away, ends whatever lets somebody act or look, and asks for
/// the erasure. Returns the accounts.
async fn retire(tx: &mut Tx, scope: Scope, login: LoginId) -> ApiResult<Vec<AccountId>> {
    hold_login(tx, scope.actor, login).await?;
    erasures::ask(tx, scope.actor).await?;
    let live = accounts::list(tx, scope.owner, None, ALL).await?;
    let ids: Vec<_> = live.iter().map(|account| account.id).collect();
    for id in &ids {
        put_away(tx, scope, *id).await?;
    }
    mail_tokens::end_all(tx, scope.actor).await?;
    refresh_tokens::end_all_logins(tx, scope.actor).await?;
    personal_keys::revoke_all(tx, scope.owner).await?;
    shares::revoke_all(tx, scope.owner).await?;
    record(tx, scope, "user_erasure_asked", Target::User(scope.actor), json!({})).await?;
    Ok(ids)
}
