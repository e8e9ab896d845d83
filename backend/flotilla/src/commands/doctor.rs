//! Whether keys, database and everything sealed fit together, how long certificates last, and
//! whether mails would leave.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use flotilla_domain::id::AccountId;
use flotilla_security::keyring::Keyring;
use flotilla_security::seal::{Sealer, kid_of};
use flotilla_security::tls::{Certificate, TlsFiles};
use flotilla_store::sealed_keys::{self, SealedColumn};
use flotilla_store::{Db, StoreError, Tx, risk_resets, whole};
use flotilla_worker::{MailWay, probe_mail};

use super::{migrate, sealed};
use crate::settings::{
    DatabaseUrls, EaSettings, Environment, SettingsError, read_http_tls, read_keyring, read_mail,
};

/// Values read at a time.
const PAGE: i64 = 500;

/// Prints what it finds, and changes nothing. Fails when something has to be done.
///
/// # Errors
///
/// When keys or database are not usable, or the schema is not current.
pub async fn run(environment: &Environment<'_>) -> anyhow::Result<ExitCode> {
    let keyring = read_keyring(environment)?;
    println!("keys: usable");
    let urls = DatabaseUrls::read(environment)?;
    // Whoever looks whether an upgrade is safe has not made it.
    migrate::check(&urls).await?;
    println!("database: schema is current");
    report_backups(&urls).await?;
    let db = Db::connect(urls.worker.expose(), 1)?;
    let sealer = Sealer::new(&keyring);
    let mut is_well = true;
    for column in SealedColumn::ALL {
        let found = look(&db, &sealer, column).await?;
        is_well &= report(&keyring, column, &found);
    }
    let now = db.open(risk_resets::clock).await?;
    is_well &= report_certificate("the API", read_http_tls(environment), now);
    let gateway = EaSettings::read(environment).map(|ea| ea.tls.map(|(_, files)| files));
    is_well &= report_certificate("the EA gateway", gateway, now);
    is_well &= report_mail(environment).await;
    if is_well {
        println!("all is well");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

/// Prints whether the login of `DATABASE_URL`, where it is set, can take backups.
async fn report_backups(urls: &DatabaseUrls) -> anyhow::Result<()> {
    let Some(admin) = &urls.admin else { return Ok(()) };
    if whole::look(admin.expose()).await?.sees_all {
        println!("backups: the login of DATABASE_URL sees every row");
    } else {
        println!("backups: none with the login of DATABASE_URL: it needs bypassrls to see every row");
    }
    Ok(())
}

/// Prints how long a certificate lasts, and returns whether nothing has to be done.
fn report_certificate(of: &str, files: Result<Option<TlsFiles>, SettingsError>, now: DateTime<Utc>) -> bool {
    let end = match read_certificate(files) {
        Ok(Some(certificate)) => certificate.expires_at(),
        Ok(None) => {
            println!("certificate of {of}: none is set");
            return true;
        }
        Err(error) => {
            println!("certificate of {of}: not usable: {error:#}");
            return false;
        }
    };
    match end {
        Some(end) if end <= now => {
            println!("certificate of {of}: expired on {}; renew it", end.format("%F"));
            return false;
        }
        Some(end) => {
            println!("certificate of {of}: until {}, {} days", end.format("%F"), (end - now).num_days());
        }
        None => println!("certificate of {of}: usable, but it does not say until when"),
    }
    true
}

fn read_certificate(files: Result<Option<TlsFiles>, SettingsError>) -> anyhow::Result<Option<Certificate>> {
    Ok(files?.map(Certificate::read).transpose()?)
}

/// Prints whether mails would leave, and returns it. None is sent.
async fn report_mail(environment: &Environment<'_>) -> bool {
    match look_at_mail(environment).await {
        Ok(MailWay::Relay { has_login: true }) => println!("mails: the mail server took the login"),
        Ok(MailWay::Relay { has_login: false }) => {
            println!("mails: the mail server answers; no login is set");
        }
        Ok(MailWay::Folder(folder)) => {
            println!("mails: into the folder {}, which this user may write to", folder.display());
        }
        Ok(MailWay::NewFolder(folder)) => {
            println!("mails: into the folder {}, which the first one makes", folder.display());
        }
        Err(error) => {
            println!("mails: none would leave: {error:#}");
            return false;
        }
    }
    true
}

async fn look_at_mail(environment: &Environment<'_>) -> anyhow::Result<MailWay> {
    let config = read_mail(environment)?;
    probe_mail(&config)
        .await
        .context("check FLOTILLA_SMTP_HOST and the variables beside it, or FLOTILLA_MAIL_DIR")
}

/// What is sealed in one column.
#[derive(Default)]
struct Found {
    /// Values by the name of the key they are sealed under.
    by_kid: BTreeMap<String, usize>,
    /// Values that do not open.
    closed: Vec<(AccountId, String)>,
}

async fn look(db: &Db, sealer: &Sealer, column: SealedColumn) -> Result<Found, StoreError> {
    let (mut found, mut after) = (Found::default(), None);
    loop {
        let values =
            db.open(async move |tx: &mut Tx| sealed_keys::list_after(tx, column, after, PAGE).await).await?;
        let Some(last) = values.last() else { return Ok(found) };
        after = Some(last.account_id);
        for value in &values {
            let (purpose, place) = sealed::place(column, value);
            let kid = kid_of(&value.sealed).unwrap_or("no key at all");
            *found.by_kid.entry(kid.to_owned()).or_insert(0) += 1;
            if let Err(error) = sealer.open(purpose, &place, &value.sealed) {
                found.closed.push((value.account_id, error.to_string()));
            }
        }
    }
}

/// Prints it, and returns whether nothing has to be done.
fn report(keyring: &Keyring, column: SealedColumn, found: &Found) -> bool {
    let current = keyring.kids(sealed::key_purpose(column)).first().map_or("", |kid| *kid).to_owned();
    let name = sealed::name(column);
    let mut is_well = found.closed.is_empty();
    if found.by_kid.is_empty() {
        println!("{name}: none");
    }
    for (kid, count) in &found.by_kid {
        if *kid == current {
            println!("{name}: {count} under {kid}, the current key");
        } else {
            is_well = false;
            println!("{name}: {count} under {kid}, an outdated key; run `flotilla keys rotate`");
        }
    }
    for (account, error) in &found.closed {
        println!("{name}: that of account {account} does not open: {error}");
    }
    is_well
}
