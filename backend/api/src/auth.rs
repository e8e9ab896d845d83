//! Who is calling, and what he may do: as the type of a handler's argument.

use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use flotilla_domain::id::{LoginId, OwnerId, UserId};
use flotilla_domain::permission::Permission;
use flotilla_domain::user::Role;
use flotilla_store::{Db, Scope, grants};
use futures_util::future::LocalBoxFuture;
use uuid::Uuid;

use crate::address;
use crate::error::{ApiError, ApiResult};
use crate::key_standings;
use crate::shared::Shared;

/// Names the owner whose rows a viewer or admin wants to read.
pub const OWNER_HEADER: &str = "x-flotilla-owner";

/// A permission as a type, so that a handler's signature states what it needs.
pub trait Permit: 'static {
    const PERMISSION: Permission;
}

macro_rules! permits {
    ($($name:ident),+) => {$(
        #[doc = concat!("[`Permission::", stringify!($name), "`].")]
        pub struct $name;

        impl Permit for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )+};
}

permits!(Read, ManageSelf, ManageAccounts, Trade);

/// A signed-in caller who holds permission `P`.
///
/// The only source of a [`Scope`] in handlers, and the store asks for one on
/// every call: a handler without an `Allowed<_>` argument reaches no data.
pub struct Allowed<P> {
    /// Whose rows, and who acts. They differ when a viewer reads under a grant.
    pub scope: Scope,
    /// The signed-in device.
    pub login: LoginId,
    /// The caller's own, also under a grant.
    pub role: Role,
    /// Whether an integrator acts, with a key.
    pub is_key: bool,
    /// The pool whose role may do what `P` allows, and no more.
    pub db: Db,
    permit: PhantomData<P>,
}

impl<P> Allowed<P> {
    /// Whether the rows belong to somebody else.
    pub fn is_guest(&self) -> bool {
        UserId::from(self.scope.owner) != self.scope.actor
    }

    /// Whether he may be told what opens something to strangers: neither a viewer, nor a program that was let
    /// read or trade.
    pub fn may_see_tokens(&self) -> bool {
        !self.is_guest() && !self.is_key
    }
}

impl<P: Permit> FromRequest for Allowed<P> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { authorize(&request).await })
    }
}

async fn authorize<P: Permit>(request: &HttpRequest) -> ApiResult<Allowed<P>> {
    let shared = shared(request);
    let token = bearer(request).ok_or(ApiError::Unauthenticated)?;
    let is_key = token.starts_with(key_standings::PREFIX);
    let caller =
        if is_key { by_key::<P>(request, &shared, token).await? } else { by_login(&shared, token).await? };
    let budget = shared.limits.signed_in(caller.user)?;
    request.extensions_mut().insert(budget);

    let Some(owner) = named_owner(request)?.filter(|owner| UserId::from(*owner) != caller.user) else {
        if !caller.role.allows(P::PERMISSION) {
            return Err(ApiError::Forbidden(P::PERMISSION.as_str()));
        }
        return Ok(Allowed {
            scope: Scope::own(caller.user),
            login: caller.login,
            role: caller.role,
            is_key: caller.is_key,
            db: shared.stores.app.clone(),
            permit: PhantomData,
        });
    };
    guest(&shared, &caller, owner).await
}

/// Whoever presents a token.
struct Caller {
    user: UserId,
    login: LoginId,
    role: Role,
    is_key: bool,
}

async fn by_login(shared: &Shared, token: &str) -> ApiResult<Caller> {
    let claims = shared.tokens.verify(token, shared.clock.now()).map_err(|_| ApiError::Unauthenticated)?;
    let standing =
        shared.standings.of(&shared.stores.app, &claims).await?.ok_or(ApiError::Unauthenticated)?;
    Ok(Caller { user: claims.sub, login: claims.sid, role: standing.role, is_key: false })
}

/// Keys of integrators have no login: what needs one, they may not do.
async fn by_key<P: Permit>(request: &HttpRequest, shared: &Shared, token: &str) -> ApiResult<Caller> {
    let look_up = || shared.limits.key(address::client(request, &shared.config.trusted_proxies));
    let holder = shared.keys.of(&shared.stores.app, token, look_up).await?;
    let holder = holder.ok_or(ApiError::Unauthenticated)?;
    if !holder.may(P::PERMISSION) {
        return Err(ApiError::Forbidden(P::PERMISSION.as_str()));
    }
    let login = LoginId::from_uuid(Uuid::nil());
    Ok(Caller { user: holder.user, login, role: holder.role, is_key: true })
}

/// Under a grant the role `flotilla_readonly` reads; its policies name the grant again.
async fn guest<P: Permit>(shared: &Shared, caller: &Caller, owner: OwnerId) -> ApiResult<Allowed<P>> {
    if P::PERMISSION != Permission::Read {
        return Err(ApiError::ReadOnly);
    }
    let scope = Scope { owner, actor: caller.user };
    let db = shared.stores.readonly.clone();
    if !db.read(scope, async |tx| grants::is_granted(tx).await).await? {
        return Err(ApiError::NotFound);
    }
    let (login, role, is_key) = (caller.login, caller.role, caller.is_key);
    Ok(Allowed { scope, login, role, is_key, db, permit: PhantomData })
}

/// What all handlers share.
pub fn shared(request: &HttpRequest) -> Arc<Shared> {
    request.app_data::<web::Data<Shared>>().cloned().expect("registered in app.rs").into_inner()
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn named_owner(request: &HttpRequest) -> ApiResult<Option<OwnerId>> {
    let Some(value) = request.headers().get(OWNER_HEADER) else { return Ok(None) };
    let owner = value.to_str().ok().and_then(|text| text.parse().ok());
    owner.map(Some).ok_or(ApiError::NotFound)
}
