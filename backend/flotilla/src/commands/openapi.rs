//! The OpenAPI document.

use std::io::Write as _;

use anyhow::Context as _;

/// Prints the document as JSON; needs neither database nor keys.
///
/// # Errors
///
/// When standard output is closed.
pub fn run() -> anyhow::Result<()> {
    let mut document =
        flotilla_api::openapi::document().to_pretty_json().context("the document is not JSON")?;
    document.push('\n');
    std::io::stdout().write_all(document.as_bytes()).context("cannot print the document")
}
