//! Headers that every answer carries.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};

use crate::auth;
use crate::limits::Budget;

/// No script but our own files. Styles may stand in attributes: the components
/// place menus and tooltips that way. Pictures of trades are read with the token
/// and shown from memory, as `blob:`.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
];

/// Addresses that whoever searches the web should not find.
const UNLISTED: [&str; 2] = ["/shared/", "/api/v1/shared/"];

/// Two years. Of this host alone: what else is below its name is not ours to close.
const STRICT_TRANSPORT: &str = "max-age=63072000";

/// Adds them; answers of the API are never stored.
///
/// # Errors
///
/// Those of the handler.
pub async fn add<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let is_api = request.path().starts_with("/api/");
    let is_unlisted = UNLISTED.iter().any(|place| request.path().starts_with(place));
    let is_https = auth::shared(request.request()).config.is_https();
    let mut response = next.call(request).await?;
    let budget = response.request().extensions().get::<Budget>().copied();
    let headers = response.headers_mut();
    if let Some(budget) = budget.filter(|_| !headers.contains_key("ratelimit-limit")) {
        put_budget(headers, budget);
    }
    for (name, value) in ALWAYS {
        put(headers, name, value);
    }
    if is_api || !headers.contains_key(header::CACHE_CONTROL) {
        put(headers, header::CACHE_CONTROL, "no-store");
    }
    if is_unlisted {
        put(headers, HeaderName::from_static("x-robots-tag"), "noindex, nofollow");
    }
    if is_https {
        put(headers, header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
    Ok(response)
}

/// What is left to a signed-in client; reset in whole seconds.
fn put_budget(headers: &mut HeaderMap, budget: Budget) {
    let reset = budget.reset.as_millis().div_ceil(1_000).to_string();
    for (name, value) in [
        ("ratelimit-limit", budget.limit.to_string()),
        ("ratelimit-remaining", budget.remaining.to_string()),
        ("ratelimit-reset", reset),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
