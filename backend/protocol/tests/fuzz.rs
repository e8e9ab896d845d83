//! The fuzz targets on the stable toolchain: mutants of the corpus, seeded, as many as fit into a minute of tests.
//!
//! `FUZZ_SECONDS=600 cargo test -p flotilla-protocol --test fuzz -- --nocapture` goes on for longer, with a new seed;
//! `FUZZ_SEED` repeats one. With nightly, `cargo +nightly fuzz run decode` also follows the coverage.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a harness that cannot be set up has failed"
)]

#[path = "../fuzz/targets.rs"]
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Mutants of each target where no time is given: about twenty seconds each, a minute in all. A number and not a time, so
/// that a busy machine tries as many.
const MUTANTS: u64 = 1_500_000;
/// Longest input.
const LONGEST: usize = 4_096;

/// Words that lines are made of; a mutation by bytes alone rarely finds them.
const WORDS: [&str; 26] = [
    "|",
    "||",
    ",",
    ":",
    "\n",
    "\r\n",
    "\0",
    "AUTH_OK",
    "SUBSCRIBE_OK",
    "SNAPSHOT_OK",
    "ERROR:INVALID_TOKEN",
    "CMD_OPEN|",
    "SIGNAL_OPEN|BUY|",
    "ACK_OPEN_FAIL|1|",
    "MASTER_SNAPSHOT:",
    "ACCOUNT|",
    "1790000000000",
    "1e308",
    "NaN",
    "-0",
    "00",
    "0.00",
    "9223372036854775807",
    "\u{202e}",
    "\u{fffd}",
    "|BUY",
];

/// `SplitMix64`: small, seeded, and good enough to choose bytes.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap();
        usize::try_from(self.roll() % end).unwrap()
    }

    fn byte(&mut self) -> u8 {
        self.roll().to_le_bytes()[0]
    }
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

fn mutate(bytes: &mut Vec<u8>, others: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    match dice.below(8) {
        0 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
        1 if at < bytes.len() => bytes[at] = dice.byte(),
        2 if at < bytes.len() => drop(bytes.remove(at)),
        3 => bytes.insert(at, dice.byte()),
        4 => drop(bytes.splice(at..at, WORDS[dice.below(WORDS.len())].bytes())),
        5 => bytes.truncate(at),
        6 => {
            let other = &others[dice.below(others.len())];
            bytes.extend_from_slice(&other[dice.below(other.len() + 1)..]);
        }
        _ => {
            let end = at + dice.below(bytes.len() + 1 - at);
            let copy = bytes[at..end].to_vec();
            bytes.splice(at..at, copy);
        }
    }
    bytes.truncate(LONGEST);
}

/// Tries the corpus as it is, then its mutants. Another target's corpus is never wrong, only less likely.
fn fuzz(target: &str, run: fn(&[u8])) {
    let sound = corpus(target);
    assert!(!sound.is_empty(), "an empty corpus");
    for bytes in &sound {
        try_one(run, bytes, 0);
    }
    let asked = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a whole number"));
    let seconds = asked("FUZZ_SECONDS");
    let seed = asked("FUZZ_SEED").unwrap_or_else(|| if seconds.is_some() { clock().as_secs() } else { 7 });
    let until = seconds.map(|seconds| clock() + Duration::from_secs(seconds));
    let mut dice = Dice(seed);
    let mut tried = 0_u64;
    while until.map_or(tried < MUTANTS, |until| clock() < until) {
        let mut bytes = sound[dice.below(sound.len())].clone();
        for _ in 0..=dice.below(6) {
            mutate(&mut bytes, &sound, &mut dice);
        }
        try_one(run, &bytes, seed);
        tried += 1;
    }
    println!("{target}: {tried} mutants, seed {seed}");
}

fn try_one(run: fn(&[u8]), bytes: &[u8], seed: u64) {
    let is_sound = catch_unwind(AssertUnwindSafe(|| run(bytes))).is_ok();
    assert!(is_sound, "seed {seed}, input {:?}; keep it in the corpus", String::from_utf8_lossy(bytes));
}

#[expect(clippy::disallowed_methods, reason = "a person who fuzzes by hand says for how long")]
fn clock() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap()
}

#[test]
fn any_line_is_read_or_refused_and_leaves_sound() {
    fuzz("decode", targets::line);
}

#[test]
fn any_stream_is_cut_into_the_same_lines_however_it_is_packed() {
    fuzz("stream", targets::stream);
}

#[test]
fn any_list_is_whole_or_refused() {
    fuzz("list", targets::list);
}
