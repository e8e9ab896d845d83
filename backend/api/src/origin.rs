//! Whether a request comes from our own pages.

use actix_web::HttpRequest;
use actix_web::http::{Uri, header};

use crate::error::{ApiError, ApiResult};

const CUSTOM_HEADER: &str = "x-flotilla";

/// Refuses what a foreign page could make a browser send with our cookie.
///
/// A browser says where a request comes from in `Sec-Fetch-Site` or at least in
/// `Origin`; a program that says neither holds no cookie of anybody else.
///
/// # Errors
///
/// 403 `cross_site`.
pub fn require_same(request: &HttpRequest, public_url: &Uri) -> ApiResult<()> {
    let has_custom_header = text(request, CUSTOM_HEADER) == Some("1");
    let is_same_site = match text(request, "sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => is_allowed(request, public_url),
    };
    if has_custom_header && is_same_site { Ok(()) } else { Err(ApiError::CrossSite) }
}

/// Whether the `Origin` header, if there is one, names this site: its public
/// address, or the very host the request was sent to.
pub fn is_allowed(request: &HttpRequest, public_url: &Uri) -> bool {
    if !request.headers().contains_key(header::ORIGIN) {
        return true;
    }
    let Some(origin) = text(request, "origin").and_then(|origin| origin.parse::<Uri>().ok()) else {
        return false;
    };
    let host = text(request, "host");
    let is_public = origin.scheme() == public_url.scheme() && origin.authority() == public_url.authority();
    let is_own_host = origin.authority().is_some_and(|authority| Some(authority.as_str()) == host);
    is_public || is_own_host
}

fn text<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn verdict(headers: &[(&'static str, &'static str)]) -> bool {
        let mut request = TestRequest::post().insert_header(("host", "fleet.example"));
        for &header in headers {
            request = request.append_header(header);
        }
        require_same(&request.to_http_request(), &Uri::from_static("https://fleet.example")).is_ok()
    }

    #[test]
    fn n18_only_our_own_pages_may_use_the_cookie() {
        let custom = ("x-flotilla", "1");

        assert!(verdict(&[custom, ("sec-fetch-site", "same-origin")]));
        assert!(verdict(&[custom, ("origin", "https://fleet.example")]));
        assert!(!verdict(&[("sec-fetch-site", "same-origin")]));
        assert!(!verdict(&[custom, ("sec-fetch-site", "cross-site"), ("origin", "https://fleet.example")]));
        assert!(!verdict(&[custom, ("sec-fetch-site", "same-site")]));
        assert!(!verdict(&[custom, ("sec-fetch-site", "none")]));
        for foreign in
            ["https://evil.example", "null", "https://fleet.example.evil.example", "https://xfleet.example"]
        {
            assert!(!verdict(&[custom, ("origin", foreign)]), "{foreign}");
        }
    }
}
