//! Signs what a file lists: one JSON object a line, `{"secret": "…", "params": [["name", "value"], …]}`.
//!
//! Prints `{"query": "…", "signature": "…"}` for each: what is sent, and the signature in it.

use std::fs::read_to_string;
use std::process::ExitCode;

use flotilla_exchange::bingx::sign::{Params, signature};
use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    secret: String,
    params: Vec<(String, Text)>,
}

/// A value as it is written, number or text.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
        Ok(Self(serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned())))
    }
}

fn sign(line: &str) -> Result<String, serde_json::Error> {
    let Line { secret, params } = serde_json::from_str(line)?;
    let secret = secret.into();
    let params =
        params.into_iter().fold(Params::new(), |params, (name, Text(value))| params.with(&name, value));
    let answer = serde_json::json!({
        "query": params.signed_query(&secret),
        "signature": signature(&secret, &params.to_sign()),
    });
    Ok(answer.to_string())
}

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: bingx_sign FILE");
        return ExitCode::from(2);
    };
    let text = match read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{path}: {error}");
            return ExitCode::FAILURE;
        }
    };
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match sign(line) {
            Ok(answer) => println!("{answer}"),
            Err(error) => {
                eprintln!("{path}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
