//! Signs what a file lists: one JSON object a line, `{"secret": "…", "params": [["name", "value"], …]}`.
//!
//! Prints `{"query": "…", "signature": "…"}` for each: what is sent, and the signature in it. Names are signed and sent in
//! the order of their letters, whatever order they are listed in.

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

/// The answers to a file, or why it has none.
fn sign_all(path: &str) -> Result<Vec<String>, String> {
    let text = read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| sign(line).map_err(|error| format!("{path}, line {}: {error}", index + 1)))
        .collect()
}

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: bingx_sign FILE   (parameters are sorted by name, then signed and sent)");
        return ExitCode::from(2);
    };
    match sign_all(&path) {
        Ok(answers) => {
            for answer in answers {
                println!("{answer}");
            }
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pair that the official documentation prints; nobody's key.
    const SECRET: &str =
        "mheO6dR8ovSsxZQCOYEFCtelpuxcWGTfHw7te326y6jOwq5WpvFQ9JNljoTwBXZGv5It07m9RXSPpDQEK2w";

    fn answers(name: &str, lines: &[&str]) -> Result<Vec<serde_json::Value>, String> {
        let path = std::env::temp_dir().join(format!("bingx-sign-{}-{name}", std::process::id()));
        std::fs::write(&path, lines.join("\n").replace("SECRET", SECRET)).unwrap();
        let answers = sign_all(path.to_str().unwrap());
        std::fs::remove_file(&path).unwrap();
        Ok(answers?.iter().map(|answer| serde_json::from_str(answer).unwrap()).collect())
    }

    #[test]
    fn each_line_is_signed_raw_and_sent_encoded() {
        let answers = answers(
            "good",
            &[
                r#"{"secret":"SECRET","params":[["recvWindow",0],["subAccountString","abc12345"],["timestamp",1696751141337]]}"#,
                "",
                r#"{"secret":"SECRET","params":[["timestamp","1693166413910"],["symbol","OTHR#99961-USDT"]]}"#,
                r#"{"params":[["clientOrderId","a b+c"],["symbol","BTC-USDT"],["timestamp","1700000000000"]],"secret":"SECRET"}"#,
            ],
        )
        .unwrap();

        assert_eq!(answers.len(), 3);
        let expected = [
            (
                "recvWindow=0&subAccountString=abc12345&timestamp=1696751141337",
                "8d0d3ea9b592be3678c33332ab13e9102e093e67255921e15a581146c87c272f",
            ),
            ("symbol=OTHR%2399961-USDT&timestamp=1693166413910", "4bc1d4addbee6b72"),
            ("clientOrderId=a%20b%2Bc&symbol=BTC-USDT&timestamp=1700000000000", "7db9bb68a9d3f9d0"),
        ];
        for (answer, (query, begins)) in answers.iter().zip(expected) {
            let signature = answer["signature"].as_str().unwrap();
            assert!(signature.len() == 64 && signature.starts_with(begins), "{answer}");
            assert_eq!(answer["query"], format!("{query}&signature={signature}"));
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        let why = answers("bad", &["", r#"{"secret":"s","params":{"a":1}}"#]).unwrap_err();
        assert!(why.contains("line 2"), "{why}");
    }
}
