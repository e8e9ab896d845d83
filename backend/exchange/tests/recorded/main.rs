//! What was recorded of the real exchange, as far as the folder is there.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod errors;
mod frames;
mod orders;
mod replay;
mod replies;

use std::path::{Path, PathBuf};

use flotilla_exchange::bingx::id::Symbol;
use flotilla_exchange::bingx::sign::{Params, signature};
use rust_decimal::Decimal;
use serde_json::Value;

/// The folder of recordings; a printed line and nothing where none is named and none is in the usual place.
///
/// # Panics
///
/// When one is named and is not there: whoever names it wants it compared.
fn recordings() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("FLOTILLA_BINGX_DATA").map(PathBuf::from) {
        assert!(folder.is_dir(), "FLOTILLA_BINGX_DATA: there are no recordings at {}", folder.display());
        return Some(folder);
    }
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/bingx");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there are no recordings at {}", folder.display());
    None
}

fn json(path: &str) -> Option<Value> {
    let text = std::fs::read_to_string(recordings()?.join(path)).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

/// The text of a field, digits and all: a `Value` would turn `9e-05` into a float.
fn field(text: &str, name: &str) -> String {
    use serde_json::value::RawValue;
    let fields: std::collections::HashMap<String, Box<RawValue>> = serde_json::from_str(text).unwrap();
    fields[name].get().to_owned()
}

/// A file of replies: what was asked, and what was answered, to the letter.
struct Recording {
    /// `GET /openApi/…`.
    asked: String,
    response: String,
}

impl Recording {
    /// * `name`: of its file, without the ending.
    fn read(folder: &Path, name: &str) -> Self {
        let text = std::fs::read_to_string(folder.join(format!("rest/{name}.json"))).unwrap();
        let words = |name: &str| serde_json::from_str::<String>(&field(&text, name)).unwrap();
        Self { asked: format!("{} {}", words("method"), words("path")), response: field(&text, "response") }
    }
}

/// Names of the files of a folder, without their endings, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| name.strip_suffix(".json").unwrap_or_else(|| panic!("{name}")).to_owned())
        .collect();
    names.sort();
    names
}

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

#[test]
fn all_signatures_are_ours_and_the_wrong_ones_are_not() {
    let Some(file) = json("signatures/vectors.json") else { return };
    let vectors = file["vectors"].as_array().unwrap();

    for vector in vectors {
        let secret = vector["secret"].as_str().unwrap().into();
        let text = vector["string_to_sign"].as_str().unwrap();
        let signed = signature(&secret, text);
        assert_eq!(signed, vector["signature"].as_str().unwrap(), "{}", vector["id"]);
        if vector["published_matches"] == false {
            assert_ne!(signed, vector["published_signature"].as_str().unwrap(), "{}", vector["id"]);
        }
        // The same values, sorted and encoded by us, where the recording was sorted.
        let Some(sent) = vector["sent_query"].as_str() else { continue };
        let params = sent.split('&').fold(Params::new(), |params, pair| {
            let (name, value) = pair.split_once('=').unwrap();
            params.with(name, percent_encoding::percent_decode_str(value).decode_utf8().unwrap())
        });
        if params.to_sign() == text {
            assert_eq!(params.query(), sent, "{}", vector["id"]);
        }
    }
    assert!(vectors.len() >= 40, "{} vectors", vectors.len());
}
