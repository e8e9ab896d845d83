//! Restoring a backup, and putting in order what something else restored.
//!
//! A restored database does not know what was sent after the backup was taken, so nothing may be
//! opened on its word alone: copying is stopped for every owner, in the transaction that restores.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use flotilla_security::keyring::Keyring;
use flotilla_store::restored::{self, Told};
use flotilla_store::whole::{self, Whole};
use flotilla_store::{Db, Tx, migrate};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::backup::lacking;
use super::migrate::{admin, apply};
use crate::backup_file::{self, Heading};
use crate::postgres_tools::PostgresTools;
use crate::settings::{DatabaseUrl, DatabaseUrls, Environment, postgres_folder, read_keyring};

/// For sessions of a server that has ended to be gone.
const LINGERS: Duration = Duration::from_secs(3);

/// Puts a backup into the database, all of it or nothing.
///
/// * `replaces`: whether what Flotilla has there now goes.
///
/// # Errors
///
/// When the file is not whole, is of a newer version, or needs keys that are not here; when a server
/// is connected, or the database is not empty. Nothing was changed then, apart from roles that were missing.
pub async fn run(environment: &Environment<'_>, path: &Path, replaces: bool) -> anyhow::Result<()> {
    let keyring = read_keyring(environment)?;
    let urls = DatabaseUrls::read(environment)?;
    let database = admin(&urls)?;
    let (heading, archive) = backup_file::open(path)?;
    refuse_unfit(&heading, &keyring)?;
    let found = look_when_quiet(database).await?;
    ensure!(
        found.is_empty || replaces,
        "the database is not empty. Name an empty one in DATABASE_URL, or say --replace: then everything of Flotilla \
         in it is deleted, and what the backup has takes its place"
    );
    migrate::make_roles(database.expose()).await?;
    let tools = PostgresTools { folder: postgres_folder(environment), database };
    let after = format!("{}{}", restored::HOLD, whole::END);
    tokio::task::block_in_place(|| tools.restore(archive, &whole::begin(replaces), &after))
        .context("nothing was restored")?;
    println!("restored {}: the database as of {}", path.display(), heading.taken);
    for name in &apply(database, &urls).await? {
        println!("ran {name}");
    }
    let detail = json!({ "taken_at": heading.taken, "version": heading.version });
    tell(&urls, &detail).await
}

/// Does what a restoration does with a database that something else restored.
///
/// # Errors
///
/// When a server is connected, or the schema is not what a backup of this version has.
pub async fn put_in_order(environment: &Environment<'_>) -> anyhow::Result<()> {
    let urls = DatabaseUrls::read(environment)?;
    let database = admin(&urls)?;
    look_when_quiet(database).await?;
    restored::hold(database.expose()).await.context("the database could not be put in order")?;
    tell(&urls, &json!({})).await
}

fn refuse_unfit(heading: &Heading, keyring: &Keyring) -> anyhow::Result<()> {
    let Heading { version, migration, .. } = heading;
    ensure!(
        whole::knows(migration)?,
        "the backup was taken by version {version}, whose migration {migration} this version does not know; \
         restore it with that version or a newer one"
    );
    if let Some((key, has_another)) = lacking(keyring, &heading.keys) {
        let is = if has_another { "is another one here" } else { "is not among the keys here" };
        bail!(
            "the backup has secrets sealed under the {} key {}, which {is}: they could never be opened. \
             Set FLOTILLA_KEYS_FILE to the keys of the installation that it is of. Nothing was changed",
            key.purpose,
            key.kid
        );
    }
    Ok(())
}

/// What is there, once no server is connected: sessions of one that just ended may linger.
async fn look_when_quiet(database: &DatabaseUrl) -> anyhow::Result<Whole> {
    let until = Instant::now() + LINGERS;
    loop {
        let found = whole::look(database.expose()).await?;
        if found.servers.is_empty() {
            return Ok(found);
        }
        ensure!(
            Instant::now() < until,
            "servers are connected to the database ({}): stop every `flotilla serve`, `work` and `all` first",
            found.servers.join(", ")
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Records it for every owner, and says what is to be done now.
async fn tell(urls: &DatabaseUrls, detail: &Value) -> anyhow::Result<()> {
    let db = Db::connect(urls.worker.expose(), 1)?;
    let Told { owners, keyed } = db.open(async |tx: &mut Tx| restored::note(tx, detail).await).await?;
    println!(
        "copying is stopped for every owner ({owners}): nothing is opened until he resumes; closes go on"
    );
    println!("everybody has to sign in again, and integrators need new keys");
    println!(
        "keys of terminals are those of then: one that was replaced since is good again, and its successor is not. \
         The inbox of every owner who has such keys ({keyed}) tells him to replace it once more"
    );
    println!(
        "what was changed since then is lost, and what was opened since then is at terminals and exchanges unknown \
         to Flotilla: start it, have owners compare positions, then resume"
    );
    Ok(())
}
