//! The file of a backup: a heading in words, what `pg_dump` wrote, and a sum over both.
//!
//! ```text
//! flotilla-backup 1
//! version 0.1.0
//! taken 2026-11-29T01:02:03Z
//! migration 202611282400000000
//! key exchange exchange-5f0c9a1e 0123456789abcdef0123456789abcdef
//!
//! <archive of pg_dump, custom format>
//! sha256 <sum over everything before this line>
//! ```

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read, Seek as _, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use sha2::{Digest as _, Sha256};

const FORMAT: &str = "flotilla-backup 1";
/// Longest heading in bytes, far above one with a thousand keys.
const MAX_HEADING: u64 = 1 << 20;
/// Length of the last line, with the line end before it.
const SUM_LENGTH: u64 = 73;

/// A key without which something in the backup cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NeededKey {
    /// The word of its purpose in a keys file.
    pub purpose: String,
    /// Its name.
    pub kid: String,
    /// What it is recognised by.
    pub fingerprint: String,
}

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Of the program that took it.
    pub version: String,
    /// When, by the database's clock.
    pub taken: String,
    /// The newest migration of the database.
    pub migration: String,
    /// The keys it needs.
    pub keys: Vec<NeededKey>,
}

impl Heading {
    fn text(&self) -> String {
        let Self { version, taken, migration, keys } = self;
        let mut text = format!("{FORMAT}\nversion {version}\ntaken {taken}\nmigration {migration}\n");
        for NeededKey { purpose, kid, fingerprint } in keys {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "key {purpose} {kid} {fingerprint}");
        }
        text.push('\n');
        text
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix("\n\n")?.lines();
        if lines.next()? != FORMAT {
            return None;
        }
        let mut named = |name: &str| Some(lines.next()?.strip_prefix(name)?.strip_prefix(' ')?.to_owned());
        let (version, taken, migration) = (named("version")?, named("taken")?, named("migration")?);
        let keys = lines.map(key).collect::<Option<Vec<_>>>()?;
        Some(Self { version, taken, migration, keys })
    }
}

fn key(line: &str) -> Option<NeededKey> {
    let mut words = line.split(' ');
    let (Some("key"), Some(purpose), Some(kid), Some(fingerprint), None) =
        (words.next(), words.next(), words.next(), words.next(), words.next())
    else {
        return None;
    };
    Some(NeededKey { purpose: purpose.to_owned(), kid: kid.to_owned(), fingerprint: fingerprint.to_owned() })
}

/// A file under another name until it is whole; removed unless it gets its own.
pub struct Unfinished {
    file: Summed<File>,
    path: PathBuf,
    beside: PathBuf,
}

impl Unfinished {
    /// Begins a file that only its owner reads.
    ///
    /// # Errors
    ///
    /// When there is a file of that name already, or none can be written there.
    pub fn create(path: &Path, heading: &Heading) -> anyhow::Result<Self> {
        ensure!(!path.exists(), "{} exists and is not overwritten", path.display());
        let name = path.file_name().context("say which file to write")?.to_string_lossy();
        let beside = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let file =
            options.open(&beside).with_context(|| format!("cannot write beside {}", path.display()))?;
        let mut unfinished =
            Self { file: Summed { inner: file, sum: Sha256::new() }, path: path.to_owned(), beside };
        unfinished.file.write_all(heading.text().as_bytes())?;
        Ok(unfinished)
    }

    /// Gives it its name once all of it is on the disk.
    ///
    /// # Errors
    ///
    /// When it cannot be written, or meanwhile there is another file of that name.
    pub fn finish(mut self) -> anyhow::Result<()> {
        let sum = hex(&self.file.sum.clone().finalize());
        write!(self.file, "\nsha256 {sum}\n")?;
        self.file.inner.sync_all()?;
        // Unlike a renaming, a link never takes the place of another file.
        match std::fs::hard_link(&self.beside, &self.path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                bail!("{} exists and is not overwritten", self.path.display())
            }
            // Some network disks have no links.
            Err(_) => std::fs::rename(&self.beside, &self.path)?,
        }
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(())
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.beside);
    }
}

/// Adds up what is written.
struct Summed<W> {
    inner: W,
    sum: Sha256,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.sum.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Reads a backup to its end and returns its heading and what `pg_dump` wrote.
///
/// # Errors
///
/// When it is no backup, or not what was written.
pub fn open(path: &Path) -> anyhow::Result<(Heading, io::Take<File>)> {
    let name = path.display();
    let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
    let length = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    let text = heading(&mut reader).with_context(|| format!("cannot read {name}"))?;
    let Some(text) = text else { bail!("{name} is not a backup of Flotilla") };
    let begins = u64::try_from(text.len())?;
    let damaged = || format!("{name} is damaged: it is not as it was written, and nothing of it is restored");
    let Some(archive) = length.checked_sub(begins + SUM_LENGTH) else { bail!(damaged()) };
    let mut summed = Summed { inner: io::sink(), sum: Sha256::new() };
    summed.write_all(text.as_bytes())?;
    io::copy(&mut reader.by_ref().take(archive), &mut summed)?;
    let mut last = String::new();
    let is_whole = reader.read_to_string(&mut last).is_ok()
        && last == format!("\nsha256 {}\n", hex(&summed.sum.finalize()));
    ensure!(is_whole, damaged());
    let heading = Heading::parse(&text).with_context(|| format!("the heading of {name} is not known"))?;
    let mut file = reader.into_inner();
    file.seek(SeekFrom::Start(begins))?;
    Ok((heading, file.take(archive)))
}

/// Everything up to the first empty line. `None`: there is none, or something else comes first.
fn heading(reader: &mut impl io::BufRead) -> io::Result<Option<String>> {
    let (mut bytes, mut limited) = (Vec::new(), reader.take(MAX_HEADING));
    while !bytes.ends_with(b"\n\n") {
        let is_foreign = !bytes.is_empty() && !bytes.starts_with(FORMAT.as_bytes());
        if is_foreign || limited.read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
    }
    Ok(String::from_utf8(bytes).ok())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Heading {
        let key = |purpose: &str| NeededKey {
            purpose: purpose.to_owned(),
            kid: format!("{purpose}-1"),
            fingerprint: "ab".repeat(16),
        };
        Heading {
            version: "0.1.0".to_owned(),
            taken: "2026-11-29T01:02:03Z".to_owned(),
            migration: "202611282400000000".to_owned(),
            keys: vec![key("ea-key"), key("exchange")],
        }
    }

    fn written(folder: &Path, archive: &[u8]) -> PathBuf {
        let path = folder.join("backup");
        let mut file = Unfinished::create(&path, &some()).expect("a new file");
        file.write_all(archive).expect("written");
        file.finish().expect("whole");
        path
    }

    #[test]
    fn what_is_written_reads_back_whatever_is_in_it() {
        let folder = tempfile::tempdir().expect("a folder");
        for archive in [b"".as_slice(), b"\n\nsha256 \0\xff\n\n"] {
            let path = written(folder.path(), archive);

            let (heading, mut source) = open(&path).expect("a backup");

            let mut read = Vec::new();
            source.read_to_end(&mut read).expect("readable");
            assert_eq!((heading, read.as_slice()), (some(), archive));
            std::fs::remove_file(path).expect("it is there");
        }
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = written(folder.path(), b"an archive");
        let whole = std::fs::read(&path).expect("readable");

        for place in 0..whole.len() {
            let mut changed = whole.clone();
            if let Some(byte) = changed.get_mut(place) {
                *byte ^= 1;
            }
            std::fs::write(&path, &changed).expect("writable");
            assert!(open(&path).is_err(), "byte {place}");
            std::fs::write(&path, whole.get(..place).unwrap_or_default()).expect("writable");
            assert!(open(&path).is_err(), "cut at {place}");
        }
    }

    #[test]
    fn a_file_that_is_not_finished_leaves_nothing_and_one_that_is_there_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("backup");
        drop(Unfinished::create(&path, &some()).expect("a new file"));
        assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 0);

        let late = Unfinished::create(&path, &some()).expect("a new file");
        std::fs::write(&path, "precious").expect("writable");
        assert!(late.finish().is_err() && Unfinished::create(&path, &some()).is_err());
        assert_eq!(std::fs::read_to_string(&path).expect("readable"), "precious");
    }
}
