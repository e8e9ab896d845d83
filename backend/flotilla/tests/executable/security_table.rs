//! The table in `backend/SECURITY.md` names tests that exist, and every number once.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Highest number of a negative test.
const NUMBERS: u32 = 98;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Rows of the table: number and what stands in the column of tests.
fn rows() -> Vec<(u32, String)> {
    let text = fs::read_to_string(root().join("backend/SECURITY.md")).expect("the table");
    text.lines().filter_map(row).collect()
}

fn row(line: &str) -> Option<(u32, String)> {
    let mut cells = line.strip_prefix("| N")?.split('|');
    let number = cells.next()?.trim().parse().ok()?;
    Some((number, cells.nth(1)?.trim().to_owned()))
}

/// `path::test` names between backticks.
fn tests_in(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    cell.split('`').skip(1).step_by(2).filter_map(|name| name.rsplit_once("::"))
}

#[test]
fn every_number_has_one_row() {
    let mut seen = BTreeMap::new();
    for (number, _) in rows() {
        *seen.entry(number).or_insert(0) += 1;
    }

    let expected = (1..=NUMBERS).map(|number| (number, 1)).collect::<BTreeMap<_, _>>();
    assert_eq!(seen, expected);
}

#[test]
fn every_row_names_a_test_or_says_not_yet() {
    for (number, cell) in rows() {
        let named = tests_in(&cell).count();
        assert!(named > 0 || cell.starts_with("not yet: "), "N{number}: {cell}");
    }
}

#[test]
fn every_named_test_exists() {
    for (number, cell) in rows() {
        for (path, test) in tests_in(&cell) {
            let text = fs::read_to_string(root().join(path)).unwrap_or_default();
            // Tests in TypeScript are named by a sentence, those in Rust by a function.
            let exists = text.contains(&format!("fn {test}(")) || text.contains(&format!("test('{test}'"));
            assert!(exists, "N{number}: {path}::{test}");
        }
    }
}

#[test]
fn every_test_with_a_number_is_in_its_row() {
    let named: BTreeMap<u32, String> = rows().into_iter().collect();
    let mut files = Vec::new();
    collect(&root().join("backend"), &mut files);

    for file in files {
        let text = fs::read_to_string(&file).unwrap_or_default();
        for (number, test) in text.lines().filter_map(numbered_test) {
            let cell = named.get(&number).map_or("", String::as_str);
            assert!(
                cell.contains(&format!("::{test}`")),
                "{}: {test} is not in the row of N{number}",
                file.display()
            );
        }
    }
}

/// Number and name of a test whose name begins with its number.
fn numbered_test(line: &str) -> Option<(u32, &str)> {
    let (_, rest) = line.split_once("fn n")?;
    let (name, _) = rest.split_once('(')?;
    let (number, _) = name.split_once('_')?;
    let number = number.parse().ok()?;
    Some((number, line.split_once("fn ")?.1.split_once('(')?.0))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the sources").flatten() {
        let path = entry.path();
        if path.is_dir() && path.file_name().is_none_or(|name| name != "target") {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
