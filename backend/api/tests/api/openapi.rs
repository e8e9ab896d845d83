//! `openapi/openapi.json` is what the handlers say.

use std::path::Path;

/// Run with `FLOTILLA_BLESS=1` after a change of the API to rewrite the file.
#[test]
fn document_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/openapi.json");
    let generated = flotilla_api::openapi::document().to_pretty_json().unwrap() + "\n";

    if std::env::var_os("FLOTILLA_BLESS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &generated).unwrap();
    }

    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(stored == generated, "openapi/openapi.json is not current; run this test with FLOTILLA_BLESS=1");
}
