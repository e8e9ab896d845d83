//! Writing a backup.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, ensure};
use flotilla_security::keyring::{Keyring, Purpose};
use flotilla_security::seal::kid_of;
use flotilla_store::sealed_keys::{self, SealedColumn};
use flotilla_store::{Db, Tx, whole};

use super::migrate::admin;
use super::sealed;
use crate::backup_file::{Heading, NeededKey, Unfinished};
use crate::postgres_tools::PostgresTools;
use crate::settings::{DatabaseUrls, Environment, postgres_folder, read_keyring};

/// Values read at a time.
const PAGE: i64 = 500;

/// Writes the whole database, as it is at one moment, to a new file. Servers go on meanwhile.
///
/// # Errors
///
/// When keys or database are not usable, the login does not see every row, or the file cannot be
/// written. Nothing is left of it then.
pub async fn run(environment: &Environment<'_>, path: &Path) -> anyhow::Result<()> {
    let keyring = read_keyring(environment)?;
    let urls = DatabaseUrls::read(environment)?;
    let database = admin(&urls)?;
    let found = whole::look(database.expose()).await?;
    let migration = found.migration.context("there is nothing of Flotilla in this database")?;
    ensure!(
        found.sees_all,
        "the login of DATABASE_URL does not see every row: a backup needs a superuser or a login with bypassrls. \
         Where the provider gives none, use its own backups, and run `flotilla restored` after one was put back"
    );
    let heading = Heading {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        taken: found.now,
        migration,
        keys: needed_keys(&urls, &keyring).await?,
    };
    let tools = PostgresTools { folder: postgres_folder(environment), database };
    tokio::task::block_in_place(|| {
        let mut file = Unfinished::create(path, &heading)?;
        tools.dump(&mut file)?;
        file.finish()
    })?;
    println!("wrote {}: the database as of {}", path.display(), heading.taken);
    println!(
        "not in it, and to be kept elsewhere: the keys ({}), the settings with the passwords of the roles, \
         certificates, and the gateway's journal in FLOTILLA_JOURNAL_DIR, which stays where it is",
        if heading.keys.is_empty() {
            "nothing is sealed under them yet"
        } else {
            "without them it is not restored"
        },
    );
    Ok(())
}

/// Keys that something is sealed under, and the current ones, under which something may be before the backup begins.
async fn needed_keys(urls: &DatabaseUrls, keyring: &Keyring) -> anyhow::Result<Vec<NeededKey>> {
    let db = Db::connect(urls.worker.expose(), 1)?;
    let mut needed = BTreeSet::new();
    for column in SealedColumn::ALL {
        let current = keyring.kids(sealed::key_purpose(column)).first().copied().map(str::to_owned);
        let kids = kids_in_use(&db, column).await?.into_iter().chain(current);
        needed.extend(kids.filter_map(|kid| recognised(keyring, column, kid)));
    }
    Ok(needed.into_iter().collect())
}

fn recognised(keyring: &Keyring, column: SealedColumn, kid: String) -> Option<NeededKey> {
    let purpose = sealed::key_purpose(column);
    let fingerprint = keyring.fingerprint(purpose, &kid);
    if fingerprint.is_none() {
        let name = sealed::name(column);
        println!("{name}: some are sealed under {kid}, which is not among the keys here; they will not open");
    }
    Some(NeededKey { purpose: purpose.as_str().to_owned(), kid, fingerprint: fingerprint? })
}

async fn kids_in_use(db: &Db, column: SealedColumn) -> anyhow::Result<BTreeSet<String>> {
    let (mut kids, mut after) = (BTreeSet::new(), None);
    loop {
        let read = async move |tx: &mut Tx| sealed_keys::list_after(tx, column, after, PAGE).await;
        let values = db.open(read).await?;
        let Some(last) = values.last() else { return Ok(kids) };
        after = Some(last.account_id);
        kids.extend(values.iter().filter_map(|value| kid_of(&value.sealed).ok()).map(ToOwned::to_owned));
    }
}

/// The first key that a backup needs and the keyring lacks; with whether it has another of that name.
pub fn lacking<'a>(keyring: &Keyring, needed: &'a [NeededKey]) -> Option<(&'a NeededKey, bool)> {
    let has = |key: &NeededKey| {
        let purpose = Purpose::ALL.into_iter().find(|purpose| purpose.as_str() == key.purpose);
        purpose.and_then(|purpose| keyring.fingerprint(purpose, &key.kid))
    };
    needed.iter().find_map(|key| match has(key) {
        Some(fingerprint) if fingerprint == key.fingerprint => None,
        other => Some((key, other.is_some())),
    })
}
