use actix_web::{HttpRequest, HttpResponse, post, web};
use flotilla_domain::id::{LoginId, UserId};
use flotilla_domain::user::{Language, User, login_name};
use flotilla_security::refresh::RefreshToken;
use flotilla_security::token::AccessClaims;
use flotilla_store::refresh_tokens::{self, NewLogin, Rotation};
use flotilla_store::users::{self, NewUser};
use flotilla_store::{Scope, StoreError, Tx, alerts, devices};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use crate::body::Checked;
use crate::config::Registration;
use crate::dto::session::{Login, Register, SessionDto};
use crate::error::{ApiError, ApiResult, Problem};
use crate::passwords::Who;
use crate::recording::{Target, record};
use crate::routes::recovery;
use crate::shared::Shared;
use crate::{address, cookie, device, origin, session_alerts};

/// Life of an access token in seconds.
const ACCESS_SECONDS: i64 = 600;

/// A login that was just begun or continued.
struct Session {
    user: User,
    login: LoginId,
    token: RefreshToken,
}

/// Sign up.
///
/// Signs in as well: the refresh token is set as a cookie. A mail asks to prove the address.
#[utoipa::path(
    operation_id = "register",
    tag = "session",
    request_body = Register,
    responses(
        (status = 201, body = SessionDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/api/v1/auth/register")]
pub async fn register(
    request: HttpRequest,
    shared: web::Data<Shared>,
    body: Checked<Register>,
) -> ApiResult<HttpResponse> {
    let Checked(body) = body;
    shared.limits.register(address::client(&request, &shared.config.trusted_proxies))?;
    may_register(&shared.config.registration, body.invite_code.as_ref())?;
    let new = NewUser {
        id: UserId::from_uuid(Uuid::now_v7()),
        email: body.email.trim().to_owned(),
        name: body.name.trim().to_owned(),
        password_hash: shared.passwords.hash(Who::Stranger, body.password).await?,
        language: body.language.map_or(Language::English, |word| word.0),
    };
    let session = create_user(&shared, new, device::kind(&request)).await?;
    answer(&shared, HttpResponse::Created(), session)
}

fn may_register(registration: &Registration, code: Option<&SecretString>) -> ApiResult<()> {
    match registration {
        Registration::Open => Ok(()),
        Registration::Closed => Err(ApiError::RegistrationClosed),
        Registration::Invite(expected) => {
            let given = code.map(ExposeSecret::expose_secret).unwrap_or_default();
            let is_right: bool = given.as_bytes().ct_eq(expected.expose_secret().as_bytes()).into();
            if is_right { Ok(()) } else { Err(ApiError::InvalidInvite) }
        }
    }
}

async fn create_user(shared: &Shared, new: NewUser, device: String) -> ApiResult<Session> {
    let scope = Scope::own(new.id);
    let (login, token) = (LoginId::from_uuid(Uuid::now_v7()), RefreshToken::generate());
    let new_login = NewLogin { login, token: token.hash(), device: device.clone() };
    let created = shared
        .stores
        .app
        .write(scope, async move |tx: &mut Tx| {
            let user = users::insert(tx, new).await?;
            refresh_tokens::insert(tx, user.id, &new_login).await?;
            devices::note(tx, scope.owner, &device).await?;
            recovery::welcome(tx, &user).await?;
            record(tx, scope, "user_registered", Target::User(user.id), json!({})).await?;
            Ok::<_, StoreError>(user)
        })
        .await;
    match created {
        Ok(user) => Ok(Session { user, login, token }),
        Err(error) if error.is_constraint("login_names_pkey") => Err(ApiError::EmailTaken),
        Err(error) => Err(error.into()),
    }
}

/// Sign in.
///
/// Unknown addresses and wrong passwords get the same answer in the same time.
#[utoipa::path(
    operation_id = "login",
    tag = "session",
    request_body = Login,
    responses(
        (status = 200, body = SessionDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/api/v1/auth/login")]
pub async fn sign_in(
    request: HttpRequest,
    shared: web::Data<Shared>,
    body: Checked<Login>,
) -> ApiResult<HttpResponse> {
    let Checked(body) = body;
    let name = login_name(&body.email);
    shared.limits.login(address::client(&request, &shared.config.trusted_proxies), name.clone())?;
    let user = authenticate(&shared, name, body.password).await?;
    let session = begin_login(&shared, user, device::kind(&request)).await?;
    answer(&shared, HttpResponse::Ok(), session)
}

/// One hash for everybody: known, unknown and disabled users.
async fn authenticate(shared: &Shared, name: String, password: SecretString) -> ApiResult<User> {
    let known = find_credentials(shared, name).await?;
    let (user, stored) = known.map_or((None, None), |(user, hash)| (Some(user), Some(hash)));
    let is_right = shared.passwords.verify(Who::Stranger, password, stored).await?;
    let user = user.filter(|user| is_right && user.is_active);
    user.ok_or(ApiError::InvalidCredentials)
}

async fn find_credentials(shared: &Shared, name: String) -> ApiResult<Option<(User, String)>> {
    let db = &shared.stores.app;
    let found = db.open(async move |tx: &mut Tx| users::find_by_login_name(tx, &name).await).await?;
    // A name nobody has costs the same second look-up, of a user nobody is.
    let user = found.unwrap_or_else(|| UserId::from_uuid(Uuid::nil()));
    let credentials = db
        .read(Scope::own(user), async move |tx: &mut Tx| {
            let credentials = (users::get(tx, user).await?, users::password_hash(tx, user).await?);
            Ok::<_, StoreError>(credentials)
        })
        .await;
    match credentials {
        Ok(credentials) => Ok(Some(credentials)),
        Err(StoreError::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Refused when the password that was accepted is another one by now.
async fn begin_login(shared: &Shared, accepted: User, device: String) -> ApiResult<Session> {
    let (scope, version) = (Scope::own(accepted.id), accepted.security_version);
    let (login, token) = (LoginId::from_uuid(Uuid::now_v7()), RefreshToken::generate());
    let new_login = NewLogin { login, token: token.hash(), device: device.clone() };
    let (user, alert) = shared
        .stores
        .app
        .write(scope, async move |tx: &mut Tx| {
            let user = users::touch_login(tx, scope.actor, version).await?;
            let user = user.ok_or(ApiError::InvalidCredentials)?;
            refresh_tokens::insert(tx, user.id, &new_login).await?;
            let is_new = devices::note(tx, scope.owner, &device).await?;
            let alert = if is_new {
                Some(alerts::raise(tx, &session_alerts::new_device(scope.owner, &device)).await?)
            } else {
                None
            };
            record(tx, scope, "user_signed_in", Target::Login(login), json!({ "device": device })).await?;
            Ok::<_, ApiError>((user, alert))
        })
        .await?;
    if let Some(alert) = alert {
        shared.hint(alert);
    }
    Ok(Session { user, login, token })
}

/// Continue a session.
///
/// Exchanges the refresh cookie for the next one and a new access token. Needs
/// the header `X-Flotilla: 1`.
#[utoipa::path(
    operation_id = "refresh_session",
    tag = "session",
    params(("X-Flotilla" = String, Header, pattern = "^1$", description = "Always `1`.")),
    responses(
        (status = 200, body = SessionDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/api/v1/auth/refresh")]
pub async fn refresh(request: HttpRequest, shared: web::Data<Shared>) -> ApiResult<HttpResponse> {
    origin::require_same(&request, &shared.config.public_url)?;
    let presented = cookie::read(&shared.config, &request).ok_or(ApiError::SessionExpired)?;
    let next = shared.refresh.successor(&presented).ok_or(ApiError::SessionExpired)?;
    let (user, rotation) = rotate(&shared, &presented, &next, device::kind(&request)).await?;
    match rotation {
        Rotation::Exchanged(login) if user.is_active => {
            answer(&shared, HttpResponse::Ok(), Session { user, login, token: next })
        }
        Rotation::Reused(login) => {
            shared.standings.forget(user.id);
            tracing::warn!(user.id = %user.id, login.id = %login, "a used refresh token was presented again; its login was ended");
            Err(ApiError::SessionExpired)
        }
        Rotation::Exchanged(_) | Rotation::Ended => Err(ApiError::SessionExpired),
    }
}

/// A reuse is an answer here, not an error: ending the login must be committed.
async fn rotate(
    shared: &Shared,
    presented: &RefreshToken,
    next: &RefreshToken,
    device: String,
) -> ApiResult<(User, Rotation)> {
    let (presented, next) = (presented.hash(), next.hash());
    let db = &shared.stores.app;
    let found = db.open(async move |tx: &mut Tx| refresh_tokens::find_user(tx, &presented).await).await?;
    let scope = Scope::own(found.ok_or(ApiError::SessionExpired)?);
    let (user, rotation, alert) = db
        .write(scope, async move |tx: &mut Tx| {
            // A login that ends at this moment ends with its next token, or before there is one.
            let user = users::lock(tx, scope.actor).await?;
            let rotation = refresh_tokens::rotate(tx, &presented, &next).await?;
            let Rotation::Reused(login) = rotation else { return Ok((user, rotation, None)) };
            let alert =
                alerts::raise(tx, &session_alerts::refresh_reuse(scope.owner, login, &device)).await?;
            record(tx, scope, "refresh_token_reused", Target::Login(login), json!({})).await?;
            Ok::<_, StoreError>((user, rotation, Some(alert)))
        })
        .await?;
    if let Some(alert) = alert {
        shared.hint(alert);
    }
    Ok((user, rotation))
}

/// Sign out.
///
/// Ends the login of the refresh cookie. Needs the header `X-Flotilla: 1`.
#[utoipa::path(
    operation_id = "logout",
    tag = "session",
    params(("X-Flotilla" = String, Header, pattern = "^1$", description = "Always `1`.")),
    responses(
        (status = 204, description = "Signed out, or was not signed in."),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[post("/api/v1/auth/logout")]
pub async fn logout(request: HttpRequest, shared: web::Data<Shared>) -> ApiResult<HttpResponse> {
    origin::require_same(&request, &shared.config.public_url)?;
    if let Some(token) = cookie::read(&shared.config, &request) {
        end_login(&shared, &token).await?;
    }
    Ok(HttpResponse::NoContent().cookie(cookie::remove(&shared.config)).finish())
}

async fn end_login(shared: &Shared, token: &RefreshToken) -> ApiResult<()> {
    let hash = token.hash();
    let db = &shared.stores.app;
    let Some(user) = db.open(async move |tx: &mut Tx| refresh_tokens::find_user(tx, &hash).await).await?
    else {
        return Ok(());
    };
    let scope = Scope::own(user);
    db.write(scope, async move |tx: &mut Tx| {
        if let Some(login) = refresh_tokens::end_login_of(tx, user, &hash).await? {
            record(tx, scope, "user_signed_out", Target::Login(login), json!({})).await?;
        }
        Ok::<_, StoreError>(())
    })
    .await?;
    shared.standings.forget(user);
    Ok(())
}

fn answer(
    shared: &Shared,
    mut response: actix_web::HttpResponseBuilder,
    session: Session,
) -> ApiResult<HttpResponse> {
    let now = shared.clock.now().timestamp();
    let access_token = shared.tokens.sign(&AccessClaims {
        sub: session.user.id,
        sid: session.login,
        jti: Uuid::now_v7(),
        role: session.user.role,
        ver: session.user.security_version,
        iat: now,
        exp: now.saturating_add(ACCESS_SECONDS),
        nbf: None,
    })?;
    Ok(response.cookie(cookie::issue(&shared.config, &session.token)).json(SessionDto {
        user: session.user.into(),
        access_token,
        token_type: "Bearer",
        expires_in: ACCESS_SECONDS,
    }))
}

#[cfg(test)]
mod tests {
    use flotilla_security::keyring::Keyring;
    use flotilla_store::Db;
    use flotilla_testkit::db::TestDb;

    use super::*;
    use crate::config::{Config, Stores};

    #[tokio::test(flavor = "multi_thread")]
    async fn n80_a_sign_in_costs_one_hash_whoever_it_names() {
        let db = TestDb::new().await;
        let stores = Stores {
            app: Db::connect(&db.app_url, 2).expect("a pool"),
            readonly: Db::connect(&db.readonly_url, 1).expect("a pool"),
            changes_url: db.app_url.clone(),
        };
        let keys = Keyring::generate().expect("keys");
        let keyring = Keyring::parse(keys.expose_secret()).expect("keys");
        let shared = Shared::new(Config::local(), stores, &keyring).expect("usable keys");
        let hash =
            shared.passwords.hash(Who::Stranger, "correct horse battery".into()).await.expect("a hash");
        for name in ["ada", "off"] {
            let new = NewUser {
                id: UserId::from_uuid(Uuid::now_v7()),
                email: format!("{name}@example.test"),
                name: name.to_owned(),
                password_hash: hash.clone(),
                language: Language::English,
            };
            create_user(&shared, new, "Firefox on Linux".to_owned()).await.expect("a user");
        }
        let disable = "update users set is_active = false where email = 'off@example.test'";
        db.admin().await.batch_execute(disable).await.expect("an update");

        let mut costs = Vec::new();
        for name in ["ada@example.test", "nobody@example.test", "off@example.test"] {
            let before = shared.passwords.hashes();
            let refused = authenticate(&shared, name.to_owned(), "a guess at most".into()).await;
            assert!(matches!(refused, Err(ApiError::InvalidCredentials)), "{name}");
            costs.push(shared.passwords.hashes() - before);
        }

        assert_eq!(costs, [1, 1, 1]);
    }
}
