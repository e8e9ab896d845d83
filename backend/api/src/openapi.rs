//! The OpenAPI document, collected from the handlers.

use actix_web::App;
use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, OpenApi};
use utoipa::{Modify, OpenApi as _};
use utoipa_actix_web::AppExt;

mod limited;
mod presence;
mod refusals;

use crate::dto::stream::StreamRequest;
use crate::dto::words::{DateOrderWord, DecimalMarkWord, PresetWord};
use crate::routes;

/// What no handler says.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Flotilla", description = "Copy trading for MetaTrader accounts: REST and WebSocket."),
    components(schemas(StreamRequest, DateOrderWord, DecimalMarkWord, PresetWord)),
    modifiers(&Bearer),
    tags(
        (name = "session", description = "Sign up, in and out."),
        (name = "me", description = "The signed-in user."),
        (name = "accounts", description = "Trading accounts and their API keys."),
        (name = "exchange", description = "Keys of accounts at exchanges."),
        (name = "groups", description = "Accounts that are stopped and judged together."),
        (name = "risk", description = "Rules of accounts, and how far each account is from its lines."),
        (name = "copying", description = "Who follows whom, signals and copies."),
        (name = "journal", description = "Trades."),
        (name = "sharing", description = "Links that show chosen figures to strangers."),
        (name = "market", description = "Last prices of exchanges."),
        (name = "alerts", description = "The inbox."),
        (name = "stream", description = "Live updates."),
        (name = "health", description = "Whether the installation works."),
    ),
)]
pub struct Preamble;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut OpenApi) {
        let jwt = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = document.components.take().unwrap_or_else(|| ComponentsBuilder::new().build());
        let mut components = components;
        components.add_security_scheme("bearer", SecurityScheme::Http(jwt));
        document.components = Some(components);
    }
}

/// The document of this version.
#[must_use]
pub fn document() -> OpenApi {
    let app = App::new().into_utoipa_app().openapi(Preamble::openapi()).configure(routes::configure);
    let mut document = app.split_for_parts().1;
    presence::mark(&mut document);
    refusals::mark(&mut document);
    limited::mark(&mut document);
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
}

/// Which addresses exist, and with which methods: tells 405 from 404.
pub struct Addresses(Vec<(ResourceDef, Vec<Method>)>);

impl Addresses {
    /// Those of `document`.
    pub fn of(document: &OpenApi) -> Self {
        let paths = document.paths.paths.iter();
        Self(paths.map(|(path, item)| (ResourceDef::new(path.as_str()), methods(item))).collect())
    }

    /// Methods of the address a path stands for; `None` when there is none.
    pub fn methods(&self, path: &str) -> Option<&[Method]> {
        self.0.iter().find(|(address, _)| address.is_match(path)).map(|(_, methods)| methods.as_slice())
    }
}

fn methods(item: &PathItem) -> Vec<Method> {
    let operations: [(&Option<Operation>, Method); 5] = [
        (&item.get, Method::GET),
        (&item.post, Method::POST),
        (&item.put, Method::PUT),
        (&item.patch, Method::PATCH),
        (&item.delete, Method::DELETE),
    ];
    operations.into_iter().filter(|(operation, _)| operation.is_some()).map(|(_, method)| method).collect()
}
