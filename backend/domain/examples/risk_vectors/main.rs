//! Runs golden vectors of the risk engine and prints every mismatch.
//!
//! `cargo run -q -p flotilla-domain --example risk_vectors -- FILE`; the exit
//! status is 1 when something differs and 2 when the file cannot be read.

mod compare;
mod read;
mod render;
mod vectors;

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: risk_vectors FILE");
        return ExitCode::from(2);
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{path}: {error}");
            return ExitCode::from(2);
        }
    };
    match vectors::run(&text) {
        Err(error) => {
            eprintln!("{path}: {error}");
            ExitCode::from(2)
        }
        Ok(outcome) => {
            for mismatch in &outcome.mismatches {
                println!("{mismatch}");
            }
            println!("{} of {} vectors agree", outcome.agreeing, outcome.total);
            if outcome.mismatches.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
    }
}
