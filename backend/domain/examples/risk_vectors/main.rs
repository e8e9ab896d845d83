//! Runs golden vectors of the risk engine and prints every mismatch.
//!
//! `cargo run -q -p flotilla-domain --example risk_vectors -- FILE`; the exit
//! status is 1 when something differs and 2 when the file cannot be read.

mod compare;
mod read;
mod render;
mod report;
mod vectors;

use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: risk_vectors FILE");
        return ExitCode::from(2);
    };
    let report = report::of_file(&path);
    for line in report.lines {
        if report.is_read { println!("{line}") } else { eprintln!("{line}") }
    }
    ExitCode::from(report.status)
}
