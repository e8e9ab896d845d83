//! What the document says that routes may refuse.

use std::sync::LazyLock;

use reqwest::Method;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};

static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(flotilla_api::openapi::document);

/// Fails at a refusal that the document does not name.
pub fn check(method: &Method, path: &str, status: u16) {
    // Nobody may expect a 500: tests that provoke one say so themselves.
    if !(400..600).contains(&status) || status == 500 {
        return;
    }
    if let Some(operation) = operation(method, path) {
        let is_named = operation.responses.responses.contains_key(&status.to_string());
        assert!(is_named, "{method} {path} answers {status}, which the document does not name");
    }
}

/// `None` where there is no such address, or not with this method.
fn operation(method: &Method, path: &str) -> Option<&'static Operation> {
    let fitting = DOCUMENT.paths.paths.iter().filter(|(address, _)| fits(address, path));
    let (_, item) = fitting.min_by_key(|(address, _)| address.matches('{').count())?;
    with_method(item, method)
}

fn fits(address: &str, path: &str) -> bool {
    let (wanted, given) = (address.split('/'), path.split('/'));
    wanted.clone().count() == given.clone().count()
        && wanted.zip(given).all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
}

fn with_method<'a>(item: &'a PathItem, method: &Method) -> Option<&'a Operation> {
    match method.as_str() {
        "GET" => item.get.as_ref(),
        "POST" => item.post.as_ref(),
        "PUT" => item.put.as_ref(),
        "PATCH" => item.patch.as_ref(),
        "DELETE" => item.delete.as_ref(),
        _ => None,
    }
}
