//! Refusals: handlers say `4XX`, and the document says which, with 503. Most follow from what an operation takes.

use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::Ref;
use utoipa::openapi::{ComponentsBuilder, ContentBuilder, OpenApi, RefOr, Response, ResponseBuilder};

use super::operations;
use super::presence::here;

/// What handlers say.
const ANY: &str = "4XX";
/// Who is not signed in has no budget.
pub const NOT_SIGNED_IN: &str = "NotSignedIn";
/// Whoever is answered so may come again.
pub const UNAVAILABLE: &str = "Unavailable";
/// Status, name among the components, and meaning.
const REFUSALS: [(u16, &str, &str); 9] = [
    (400, "Malformed", "The request cannot be read."),
    (401, NOT_SIGNED_IN, "Not signed in, or not any more; or not with this password."),
    (403, "Forbidden", "Whoever asks may not do this."),
    (404, "NotFound", "There is no such thing, or it is somebody else's."),
    (409, "Conflict", "It does not go with how things stand; `code` says why."),
    (413, "TooLarge", "The body is too large."),
    (415, "WrongMediaType", "The body is of another type."),
    (422, "Invalid", "Something is not valid; `errors` names it."),
    (
        503,
        UNAVAILABLE,
        "Too much is going on, or a part of the server does not answer: come again. `code` says which.",
    ),
];
/// What does not follow from what an operation takes.
const ALSO: [(&str, &[u16]); 32] = [
    ("archive_account", &[409]),
    ("clear_violation", &[409]),
    ("confirm_rules", &[409]),
    ("delete_group", &[409]),
    ("delete_trade", &[409]),
    ("dry_run", &[409]),
    ("erase_me", &[409]),
    ("get_market", &[404, 503]),
    ("get_shared", &[404, 422, 503]),
    ("list_contracts", &[409]),
    ("list_corrections", &[409]),
    ("login", &[401, 503]),
    ("logout", &[403, 503]),
    ("open_stream", &[400, 403]),
    ("patch_exchange_key", &[409]),
    ("patch_trade", &[409]),
    ("preview_subscription", &[409]),
    ("put_account_guard", &[409]),
    ("put_day_start", &[409]),
    ("put_exchange_key", &[409]),
    ("put_group", &[409]),
    ("put_risk_defaults", &[409]),
    ("put_rules", &[409]),
    ("refresh_session", &[401, 403, 503]),
    ("register", &[403, 409, 503]),
    ("remove_exchange_key", &[409]),
    ("request_password_reset", &[503]),
    ("reset_password", &[503]),
    ("reveal_api_key", &[409]),
    ("take_back_floor", &[409]),
    ("verify_email", &[503]),
    ("verify_exchange_key", &[409, 422]),
];

/// Puts those that an operation may answer in the place of `4XX`. What a handler names itself stays.
pub fn mark(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(|| ComponentsBuilder::new().build());
    for (_, name, meaning) in REFUSALS {
        components.responses.insert(name.to_owned(), RefOr::T(problem(meaning)));
    }
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        if operation.responses.responses.remove(ANY).is_none() {
            continue;
        }
        for (status, name, meaning) in REFUSALS {
            if !follows(status, operation) && !is_also(status, operation) {
                continue;
            }
            // The components tell a budget, which whoever is not signed in does not have.
            let refusal = if operation.security.is_some() {
                RefOr::Ref(Ref::from_response_name(name))
            } else {
                RefOr::T(problem(meaning))
            };
            operation.responses.responses.entry(status.to_string()).or_insert(refusal);
        }
    }
}

/// An answer whose body is a problem.
pub fn problem(meaning: &str) -> Response {
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(meaning).content("application/problem+json", problem).build()
}

fn follows(status: u16, operation: &Operation) -> bool {
    let has_body = operation.request_body.is_some();
    match status {
        400 | 413 => has_body,
        // 404 as well where the address names nothing: the header that names an owner may.
        // 503 where the database is not to be had, which is asked who it is.
        401 | 403 | 404 | 503 => operation.security.is_some(),
        409 => parameters(operation).any(is_key),
        415 => takes_json(operation),
        422 => has_body || parameters(operation).any(|one| is_key(one) || is_query(one)),
        _ => false,
    }
}

fn is_also(status: u16, operation: &Operation) -> bool {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    ALSO.iter().any(|(name, statuses)| *name == id && statuses.contains(&status))
}

fn parameters(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation.parameters.iter().flatten().filter_map(here)
}

fn is_key(parameter: &Parameter) -> bool {
    parameter.name == "Idempotency-Key"
}

fn is_query(parameter: &Parameter) -> bool {
    parameter.parameter_in == ParameterIn::Query
}

/// Files are known by their bytes, whatever type is said.
fn takes_json(operation: &Operation) -> bool {
    let body = operation.request_body.as_ref().and_then(here);
    body.is_some_and(|body| body.content.contains_key("application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_here_does_not_follow_and_nothing_is_a_range() {
        let mut document = crate::openapi::document();
        let mut named = Vec::new();

        for operation in document.paths.paths.values_mut().flat_map(operations) {
            let id = operation.operation_id.clone().expect("a name");
            assert!(!operation.responses.responses.contains_key(ANY), "{id}");
            for (status, ..) in REFUSALS {
                let is_also = is_also(status, operation);
                assert!(!is_also || !follows(status, operation), "{id}: {status} follows");
                if is_also {
                    named.push((id.clone(), status));
                }
            }
        }

        let all = ALSO.iter().map(|(_, statuses)| statuses.len()).sum::<usize>();
        assert_eq!(named.len(), all, "all of these are there: {named:?}");
    }
}
