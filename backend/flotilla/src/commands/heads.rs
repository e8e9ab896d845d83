//! Heads of audit chains as text: `<owner> <place of the last row> <its hash in hexadecimal>`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use flotilla_domain::audit::ChainHead;
use flotilla_domain::id::OwnerId;

/// One head as a line.
pub fn line(owner: OwnerId, head: &ChainHead) -> String {
    head.hash.iter().fold(format!("{owner} {} ", head.seq), |mut line, byte| {
        // Writing to a String cannot fail.
        let _ = write!(line, "{byte:02x}");
        line
    })
}

/// Reads noted heads; of an owner named twice the last line counts.
///
/// # Errors
///
/// When the file cannot be read or a line is not a head; it names the line.
pub fn read(path: &Path) -> anyhow::Result<BTreeMap<OwnerId, ChainHead>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            parse(line).with_context(|| {
                format!("{}, line {}: expected a line of `flotilla audit heads`", path.display(), index + 1)
            })
        })
        .collect()
}

fn parse(line: &str) -> Option<(OwnerId, ChainHead)> {
    let mut words = line.split_ascii_whitespace();
    let (owner, seq, hash, None) = (words.next()?, words.next()?, words.next()?, words.next()) else {
        return None;
    };
    let head = ChainHead { seq: seq.parse().ok()?, hash: hash_of(hash)? };
    Some((owner.parse().ok()?, head))
}

fn hash_of(hex: &str) -> Option<[u8; 32]> {
    let digits = hex.chars().map(|digit| digit.to_digit(16)?.try_into().ok()).collect::<Option<Vec<u8>>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back() {
        let owner = "018f0000-0000-7000-8000-000000000001".parse().expect("an id");
        let head =
            ChainHead { seq: 42, hash: std::array::from_fn(|byte| u8::try_from(byte * 8).unwrap_or(255)) };

        assert_eq!(parse(&line(owner, &head)), Some((owner, head)));
    }

    #[test]
    fn other_lines_are_refused() {
        let owner = "018f0000-0000-7000-8000-000000000001";
        let hash = "0".repeat(64);
        let lines = [
            String::new(),
            owner.to_owned(),
            format!("{owner} 1"),
            format!("{owner} x {hash}"),
            format!("{owner} 1 {hash} more"),
            format!("{owner} 1 {hash}0"),
            format!("{owner} 1 {}g", "0".repeat(63)),
            format!("nobody 1 {hash}"),
        ];

        for line in lines {
            assert_eq!(parse(&line), None, "{line}");
        }
    }
}
