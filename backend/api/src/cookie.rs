//! The cookie that carries the refresh token.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use flotilla_security::refresh::RefreshToken;
use secrecy::ExposeSecret;

use crate::config::Config;

const SECURE_NAME: &str = "__Host-flotilla_refresh";
/// Browsers drop `Secure` cookies of a site reached over plain http.
const PLAIN_NAME: &str = "flotilla_refresh";
const DAYS: i64 = 30;

/// The cookie that hands out `token`.
pub fn issue(config: &Config, token: &RefreshToken) -> Cookie<'static> {
    build(config, token.text().expose_secret().to_owned(), Duration::days(DAYS))
}

/// The cookie that removes it.
pub fn remove(config: &Config) -> Cookie<'static> {
    build(config, String::new(), Duration::ZERO)
}

/// The token a request carries, if it has the form of one.
pub fn read(config: &Config, request: &HttpRequest) -> Option<RefreshToken> {
    request.cookie(name(config)).and_then(|cookie| RefreshToken::parse(cookie.value()))
}

fn build(config: &Config, value: String, life: Duration) -> Cookie<'static> {
    Cookie::build(name(config), value)
        .secure(config.keeps_secure_cookies())
        .http_only(true)
        .same_site(SameSite::Strict)
        .path("/")
        .max_age(life)
        .finish()
}

fn name(config: &Config) -> &'static str {
    if config.keeps_secure_cookies() { SECURE_NAME } else { PLAIN_NAME }
}

#[cfg(test)]
mod tests {
    use actix_web::http::Uri;

    use super::*;

    #[test]
    fn the_cookie_is_bound_to_the_host_where_browsers_allow_it() {
        let issued = |url: &'static str| {
            let config = Config { public_url: Uri::from_static(url), ..Config::local() };
            issue(&config, &RefreshToken::generate()).to_string()
        };

        for url in ["https://fleet.example", "http://localhost:8080"] {
            let cookie = issued(url);
            assert!(cookie.starts_with("__Host-flotilla_refresh="), "{cookie}");
            assert!(cookie.contains("; HttpOnly; SameSite=Strict; Secure; Path=/;"), "{cookie}");
        }
        let cookie = issued("http://192.168.1.7:8080");
        assert!(cookie.starts_with("flotilla_refresh=") && !cookie.contains("Secure"), "{cookie}");
    }
}
