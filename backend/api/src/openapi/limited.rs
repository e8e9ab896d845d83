//! Rate limits: what answers say of them, and 429 wherever there is one.

use utoipa::openapi::schema::{ObjectBuilder, Ref, Type};
use utoipa::openapi::{ComponentsBuilder, Header, HeaderBuilder, OpenApi, RefOr, Response};

use super::{operations, refusals};

/// What is limited by address, without signing in: each has a limit of its own.
const BY_ADDRESS: [&str; 7] = [
    "get_market",
    "get_shared",
    "login",
    "register",
    "request_password_reset",
    "reset_password",
    "verify_email",
];

/// On what signed-in callers are answered, and on each 429.
const BUDGET: [(&str, &str); 3] = [
    ("RateLimit-Limit", "Requests that may come at once."),
    ("RateLimit-Remaining", "Of these, those that may come now."),
    ("RateLimit-Reset", "Seconds until all may come at once again."),
];
/// On each 429 and 503.
const RETRY: (&str, &str) = ("Retry-After", "Seconds until the next request is taken.");
/// The answer above a limit.
const REFUSED: &str = "RateLimited";

/// Writes them down for every operation that has a limit.
pub fn mark(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(|| ComponentsBuilder::new().build());
    for (name, meaning) in BUDGET.into_iter().chain([RETRY]) {
        components.headers.insert(name.to_owned(), RefOr::T(seconds_or_count(meaning)));
    }
    for (name, response) in &mut components.responses {
        if name != refusals::NOT_SIGNED_IN {
            tell_budget(response);
        }
        if let (refusals::UNAVAILABLE, RefOr::T(response)) = (name.as_str(), response) {
            response.headers.insert(RETRY.0.to_owned(), header(RETRY.0));
        }
    }
    components.responses.insert(REFUSED.to_owned(), RefOr::T(refused()));
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        let is_signed_in = operation.security.is_some();
        if is_signed_in {
            operation.responses.responses.values_mut().for_each(tell_budget);
        }
        let id = operation.operation_id.as_deref().unwrap_or_default();
        if is_signed_in || BY_ADDRESS.contains(&id) {
            let refused = RefOr::Ref(Ref::from_response_name(REFUSED));
            operation.responses.responses.insert("429".to_owned(), refused);
        }
    }
}

fn tell_budget(response: &mut RefOr<Response>) {
    if let RefOr::T(response) = response {
        for (name, _) in BUDGET {
            response.headers.insert(name.to_owned(), header(name));
        }
    }
}

fn header(name: &str) -> RefOr<Header> {
    RefOr::Ref(Ref::new(format!("#/components/headers/{name}")))
}

fn seconds_or_count(meaning: &str) -> Header {
    let schema = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).build();
    HeaderBuilder::new().schema(Some(schema)).description(Some(meaning)).build()
}

fn refused() -> Response {
    let mut response = refusals::problem("Too many requests: `rate_limited`.");
    for (name, _) in BUDGET.into_iter().chain([RETRY]) {
        response.headers.insert(name.to_owned(), header(name));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_limited_is_told() {
        let mut document = crate::openapi::document();
        let mut by_address = Vec::new();

        for operation in document.paths.paths.values_mut().flat_map(operations) {
            let id = operation.operation_id.clone().expect("a name");
            let is_limited = operation.responses.responses.contains_key("429");
            if operation.security.is_some() {
                assert!(is_limited, "{id}");
            } else if is_limited {
                by_address.push(id);
            }
        }

        by_address.sort_unstable();
        assert_eq!(by_address, BY_ADDRESS, "all of these are there");
    }
}
