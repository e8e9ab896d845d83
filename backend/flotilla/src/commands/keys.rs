//! Making a keys file.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use flotilla_security::keyring::Keyring;
use secrecy::ExposeSecret as _;

use crate::settings::{Environment, keys_file};

/// Writes new keys to `file`, or to where `FLOTILLA_KEYS_FILE` points.
///
/// # Errors
///
/// When no path is given or the file exists: overwriting keys loses everything sealed with them.
pub fn generate(environment: &Environment<'_>, file: Option<PathBuf>) -> anyhow::Result<()> {
    let path = file
        .or_else(|| keys_file(environment))
        .context("say where to write the keys: `flotilla keys generate --file flotilla.keys`")?;
    let keys = Keyring::generate()?;
    write_private(&path, keys.expose_secret())?;
    println!("wrote new keys to {}", path.display());
    println!("keep a copy elsewhere, and start with FLOTILLA_KEYS_FILE={}", path.display());
    Ok(())
}

/// Creates a file that only its owner can read.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!(
            "{} exists and is not overwritten: what was sealed with its keys would be lost. \
             To replace keys, write new ones to another file and put their lines above the old ones",
            path.display()
        ),
        Err(error) => return Err(error).with_context(|| format!("cannot write {}", path.display())),
    };
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("cannot write {}", path.display()))
}
