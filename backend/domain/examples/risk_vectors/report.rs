//! What the command says of a file, and how it ends.

use super::vectors;

/// Lines to print, and the status to end with.
pub struct Report {
    pub lines: Vec<String>,
    /// 0 when all agree, 1 when something differs, 2 when the file cannot be read.
    pub status: u8,
    pub is_read: bool,
}

/// Runs all vectors of the file at `path`.
pub fn of_file(path: &str) -> Report {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
    match text.and_then(|text| vectors::run(&text)) {
        Err(error) => Report { lines: vec![format!("{path}: {error}")], status: 2, is_read: false },
        Ok(outcome) => {
            let mut lines: Vec<String> = outcome.mismatches.iter().map(ToString::to_string).collect();
            let status = u8::from(!lines.is_empty());
            lines.push(format!("{} of {} vectors agree", outcome.agreeing, outcome.total));
            Report { lines, status, is_read: true }
        }
    }
}
