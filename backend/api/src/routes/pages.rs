//! The built pages, and what is neither page nor API.

use std::path::{Path, PathBuf};

use actix_files::NamedFile;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use percent_encoding::percent_decode_str;

use crate::error::{ApiError, ApiResult};
use crate::openapi::Addresses;
use crate::shared::Shared;

/// File names of the build carry a hash of the content.
const HASHED: &str = "public, max-age=31536000, immutable";
const REVALIDATE: &str = "no-cache";

/// Answers whatever no route does.
///
/// # Errors
///
/// 404, or 405 where the address exists.
pub async fn fallback(
    request: HttpRequest,
    shared: web::Data<Shared>,
    addresses: web::Data<Addresses>,
) -> ApiResult<HttpResponse> {
    if let Some(methods) = addresses.methods(request.path()) {
        let allowed: Vec<&str> = methods.iter().map(Method::as_str).collect();
        return Err(ApiError::MethodNotAllowed(allowed.join(", ")));
    }
    let is_page =
        !request.path().starts_with("/api") && matches!(*request.method(), Method::GET | Method::HEAD);
    let root = shared.config.web_dir.as_deref().filter(|_| is_page).ok_or(ApiError::NotFound)?;
    let (file, caching) = find(root, request.path()).ok_or(ApiError::NotFound)?;
    let opened = NamedFile::open(file).map_err(|_| ApiError::NotFound)?;
    let mut response = opened.into_response(&request);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    Ok(response)
}

/// The file a path names. Every other path of a page is `index.html`, whose
/// script shows the page.
fn find(root: &Path, path: &str) -> Option<(PathBuf, &'static str)> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let segments: Vec<&str> = decoded.split('/').filter(|segment| !segment.is_empty()).collect();
    if !segments.iter().all(|segment| is_plain(segment)) {
        return None;
    }
    let is_file_name = segments.last().is_some_and(|last| last.contains('.'));
    if !is_file_name {
        return Some((root.join("index.html"), REVALIDATE));
    }
    let file = segments.iter().fold(root.to_owned(), |path, segment| path.join(segment));
    let caching = if segments.first() == Some(&"assets") { HASHED } else { REVALIDATE };
    file.is_file().then_some((file, caching))
}

/// No dot files, nothing that leads out of the folder, no source maps.
fn is_plain(segment: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'@');
    let is_map =
        Path::new(segment).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("map"));
    segment.bytes().all(is_known) && !segment.starts_with('.') && !segment.contains("..") && !is_map
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n75_no_path_leads_out_of_the_folder() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");

        for path in [
            "/../Cargo.toml",
            "/%2e%2e/Cargo.toml",
            "/%252e%252e/Cargo.toml",
            "/..%2fCargo.toml",
            "/..\\Cargo.toml",
            "/routes/../lib.rs",
            "/lib.rs%00.html",
            "//etc/passwd.txt",
            "/.git",
            "/.env",
            "/assets/app.js.map",
            "/%ff",
        ] {
            assert_eq!(find(&root, path), None, "{path}");
        }
        assert_eq!(find(&root, "/lib.rs"), Some((root.join("lib.rs"), REVALIDATE)));
        assert_eq!(find(&root, "/accounts/0190-1"), Some((root.join("index.html"), REVALIDATE)));
    }
}
