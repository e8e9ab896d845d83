//! What kind of device a sign-in comes from, as far as it says so itself.

use actix_web::HttpRequest;
use actix_web::http::header;

const UNKNOWN: &str = "unknown program";

/// Browsers and programs by a word of theirs. Those that name others too come first.
const BROWSERS: [(&str, &str); 12] = [
    ("edg", "Edge"),
    ("opr/", "Opera"),
    ("samsungbrowser", "Samsung Internet"),
    ("firefox", "Firefox"),
    ("fxios", "Firefox"),
    ("line/", "LINE"),
    ("chrome", "Chrome"),
    ("crios", "Chrome"),
    ("chromium", "Chrome"),
    ("safari", "Safari"),
    ("curl", "curl"),
    ("python", "Python"),
];

/// Systems by a word of theirs. Those that name others too come first.
const SYSTEMS: [(&str, &str); 7] = [
    ("android", "Android"),
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("windows", "Windows"),
    ("mac os", "macOS"),
    ("cros", "ChromeOS"),
    ("linux", "Linux"),
];

/// Kind of the device a request comes from, as in `Firefox on Windows`. From a
/// closed set: versions do not count, and made-up names do not fill a table.
pub fn kind(request: &HttpRequest) -> String {
    let said = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    kind_of(said.unwrap_or_default())
}

fn kind_of(user_agent: &str) -> String {
    let said = user_agent.to_ascii_lowercase();
    let find = |words: &[(&str, &'static str)]| {
        words.iter().find(|(word, _)| said.contains(word)).map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("{UNKNOWN} on {system}"),
        (None, None) => UNKNOWN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_a_browser_on_a_system_whatever_its_version() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
        for (said, kind) in [
            (chrome, "Chrome on Windows"),
            (&chrome.replace("142.0", "151.9"), "Chrome on Windows"),
            (&format!("{chrome} Edg/142.0.0.0"), "Edge on Windows"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 16; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.14.1", "curl"),
            ("", "unknown program"),
            ("<script>alert(1)</script>", "unknown program"),
        ] {
            assert_eq!(kind_of(said), kind, "{said}");
        }
    }
}
