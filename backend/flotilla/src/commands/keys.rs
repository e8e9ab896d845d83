//! Making a keys file, and sealing anew what older keys sealed.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use flotilla_domain::id::AccountId;
use flotilla_security::SealError;
use flotilla_security::keyring::Keyring;
use flotilla_security::seal::Sealer;
use flotilla_store::sealed_keys::{self, SealedColumn};
use flotilla_store::{Db, StoreError, Tx};
use secrecy::ExposeSecret as _;

use super::sealed;
use crate::settings::{DatabaseUrls, Environment, keys_file, read_keyring};

/// Values in one commit.
const BATCH: i64 = 50;

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

/// Seals everything anew that is sealed under another than the current key of its purpose.
///
/// In small commits: whenever it ends, everything opens, and the next run goes on. Servers may run meanwhile; they need
/// the old keys in their file until this has finished.
///
/// # Errors
///
/// When keys or database are not usable, or a value does not open. The others are sealed anew all the same.
pub async fn rotate(environment: &Environment<'_>) -> anyhow::Result<()> {
    let sealer = Sealer::new(&read_keyring(environment)?);
    let urls = DatabaseUrls::read(environment)?;
    let db = Db::connect(urls.worker.expose(), 1)?;
    println!(
        "every server has to have been restarted with this keys file: exchange accounts of a worker that does not know \
         the current key would stand still"
    );
    let mut closed = Vec::new();
    for column in SealedColumn::ALL {
        let (mut after, mut renewed) = (None, 0);
        loop {
            let batch = renew(&db, &sealer, column, after).await?;
            renewed += batch.renewed;
            closed.extend(batch.closed);
            let Some(last) = batch.last else { break };
            after = Some(last);
        }
        println!("{}: {renewed} sealed anew", sealed::name(column));
    }
    if closed.is_empty() {
        println!(
            "everything is sealed under current keys; older lines may leave the keys file once `flotilla doctor` says \
             that nothing was sealed under them meanwhile"
        );
        return Ok(());
    }
    for (account, error) in &closed {
        println!("account {account}: {error}");
    }
    bail!(
        "{} values do not open; keep the old keys, and have their owners enter or rotate them",
        closed.len()
    )
}

/// What one commit did.
#[derive(Default)]
struct Batch {
    renewed: usize,
    closed: Vec<(AccountId, SealError)>,
    /// Where the next one begins; `None`: there is nothing more.
    last: Option<AccountId>,
}

async fn renew(
    db: &Db,
    sealer: &Sealer,
    column: SealedColumn,
    after: Option<AccountId>,
) -> Result<Batch, StoreError> {
    db.open(async move |tx: &mut Tx| {
        let values = sealed_keys::lock_after(tx, column, after, BATCH).await?;
        let mut batch = Batch { last: values.last().map(|value| value.account_id), ..Batch::default() };
        for value in values {
            let (purpose, place) = sealed::place(column, &value);
            match sealer.renew(purpose, &place, &value.sealed) {
                Ok(Some(anew)) => {
                    sealed_keys::replace(tx, column, value.account_id, &anew).await?;
                    batch.renewed += 1;
                }
                Ok(None) => {}
                Err(error) => batch.closed.push((value.account_id, error)),
            }
        }
        Ok(batch)
    })
    .await
}

/// Creates a file that only its owner can read.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut file = match options.open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!(
            "{} exists and is not overwritten: what was sealed with its keys would be lost. \
             To replace keys, write new ones to another file, put their lines above the old ones and restart every server",
            path.display()
        ),
        Err(error) => return Err(error).with_context(|| format!("cannot write {}", path.display())),
    };
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("cannot write {}", path.display()))
}
