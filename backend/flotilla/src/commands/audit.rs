//! Walking the audit chains, and noting their heads.
//!
//! A chain shows edits, removals and reorderings by itself. That its end was cut off shows only
//! against a head noted elsewhere, so run `flotilla audit heads` daily and keep the output outside
//! the database.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use flotilla_domain::audit::{ChainHead, ChainWalk, FirstBadRow};
use flotilla_domain::id::OwnerId;
use flotilla_store::{Db, Tx, audit};

use super::heads;
use crate::settings::{DatabaseUrls, Environment};

/// Rows read at a time; a chain may be longer than memory is wide.
const PAGE: i64 = 1_000;

/// Checks every owner's chain and prints the first bad row of each that is not intact.
///
/// * `noted`: file of heads from `flotilla audit heads`.
///
/// # Errors
///
/// When database or file cannot be read. A bad chain is not an error but a failing exit code.
pub async fn verify(environment: &Environment<'_>, noted: Option<&Path>) -> anyhow::Result<ExitCode> {
    let noted = match noted {
        Some(path) => heads::read(path)?,
        None => BTreeMap::new(),
    };
    let chains = walk_all(environment, noted).await?;
    let bad = chains.iter().filter(|(_, end)| end.is_err()).count();
    for (owner, end) in &chains {
        if let Err(first) = end {
            println!("owner {owner}, {first}");
        }
    }
    if bad > 0 {
        println!("{bad} of {} chains are not what was written", chains.len());
        return Ok(ExitCode::FAILURE);
    }
    let rows: i64 = chains.values().flatten().map(|head| head.seq).sum();
    println!("{} chains with {rows} rows are intact", chains.len());
    Ok(ExitCode::SUCCESS)
}

/// Prints the head of every chain, one line each: owner, place of the last row, its hash.
///
/// # Errors
///
/// When the database cannot be read, or a chain is not intact: a head of such a chain vouches for
/// nothing.
pub async fn heads(environment: &Environment<'_>) -> anyhow::Result<()> {
    for (owner, end) in walk_all(environment, BTreeMap::new()).await? {
        let head = end.with_context(|| format!("the chain of owner {owner} is not intact"))?;
        println!("{}", heads::line(owner, &head));
    }
    Ok(())
}

type Ends = BTreeMap<OwnerId, Result<ChainHead, FirstBadRow>>;

/// The end of every chain that has rows or a noted head.
async fn walk_all(
    environment: &Environment<'_>,
    noted: BTreeMap<OwnerId, ChainHead>,
) -> anyhow::Result<Ends> {
    let urls = DatabaseUrls::read(environment)?;
    // The worker's role reads the rows of every owner.
    let db = Db::connect(urls.worker.expose(), 1)?;
    let mut owners =
        db.open(async |tx: &mut Tx| Ok::<_, anyhow::Error>(audit::list_owners(tx).await?)).await?;
    owners.extend(noted.keys());
    owners.sort_unstable();
    owners.dedup();
    let mut ends = Ends::new();
    for owner in owners {
        ends.insert(owner, walk(&db, owner, noted.get(&owner).copied()).await?);
    }
    Ok(ends)
}

async fn walk(
    db: &Db,
    owner: OwnerId,
    noted: Option<ChainHead>,
) -> anyhow::Result<Result<ChainHead, FirstBadRow>> {
    let mut walk = ChainWalk::new(noted);
    let mut after = 0;
    loop {
        let rows = db
            .open(async move |tx: &mut Tx| Ok::<_, anyhow::Error>(audit::list(tx, owner, after, PAGE).await?))
            .await?;
        let Some(last) = rows.last() else {
            return Ok(walk.finish());
        };
        after = last.entry.seq;
        if let Err(first) = rows.iter().try_for_each(|row| walk.step(row)) {
            return Ok(Err(first));
        }
    }
}
