//! The outbox: mails that the API wants leave from here.
//!
//! An attempt is noted before it begins. A worker that dies between the mail
//! server's yes and our note of it sends the same mail once more, with a link of
//! its own; both links lead to the same one use. What nobody takes is tried again,
//! ever later, until the mail is of no use any more.

use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::mail::MailKind;
use flotilla_security::opaque::MailToken;
use flotilla_store::outbox::{DueMail, Reader};
use flotilla_store::{StoreError, StoreResult, Tx, alert_mails, mail_tokens, outbox};
use tokio::time::{Instant, MissedTickBehavior};

mod alert_words;
mod carrier;
mod config;
mod letter;
mod probe;
mod words;

pub(crate) use carrier::Carrier;
pub use config::{MailConfig, MailError, Relay, RelayTls, Transport};
pub use probe::{MailTrouble, MailWay, probe_mail};

use carrier::Undelivered;
use letter::Letter;

use crate::gateway::Gateway;

/// Between two times of forgetting old mails and tokens.
const FORGET_EVERY: Duration = Duration::from_hours(1);
/// Alerts that one mail names; the others it counts.
const MOST_ALERTS: i64 = 10;

/// What became of a mail whose turn it was.
enum Turn {
    /// Nobody gets it: it was dropped.
    Nobody,
    /// It is too soon after another one: it was put off.
    Later,
    /// It can be written.
    Write(Box<Letter>),
}

/// Sends what is due, until the worker drains.
pub(crate) async fn run(gateway: Arc<Gateway>, carrier: Arc<Carrier>) {
    let mut ticks = tokio::time::interval(carrier.look());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut forgot_at: Option<Instant> = None;
    loop {
        tokio::select! {
            () = gateway.draining.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = send_due(&gateway, &carrier).await {
            tracing::warn!(%error, "mails were not looked for; it is tried again");
        }
        if forgot_at.is_none_or(|at| at.elapsed() >= FORGET_EVERY) {
            forgot_at = Some(Instant::now());
            forget_old(&gateway, &carrier).await;
        }
    }
}

async fn forget_old(gateway: &Gateway, carrier: &Carrier) {
    if let Err(error) = gateway.db.open(forget).await {
        tracing::warn!(%error, "old mails were not forgotten");
    }
    if let Err(error) = carrier.forget_old().await {
        tracing::warn!(%error, "old mails stay in the folder");
    }
}

async fn forget(tx: &mut Tx) -> StoreResult<()> {
    mail_tokens::remove_expired(tx).await?;
    outbox::forget_old(tx).await?;
    Ok(())
}

async fn send_due(gateway: &Arc<Gateway>, carrier: &Carrier) -> StoreResult<()> {
    while !gateway.draining.is_cancelled() {
        let again_in_s = carrier.again_in_s();
        let claimed = gateway.db.open(async move |tx: &mut Tx| outbox::claim(tx, again_in_s).await).await?;
        let Some(mail) = claimed else { return Ok(()) };
        send(gateway, carrier, mail).await?;
    }
    Ok(())
}

async fn send(gateway: &Arc<Gateway>, carrier: &Carrier, mail: DueMail) -> StoreResult<()> {
    let (id, kind, attempts) = (mail.id, mail.kind, mail.attempts);
    let public_url = carrier.public_url().to_owned();
    let turn = gateway.db.open(async move |tx: &mut Tx| prepare(tx, mail, &public_url).await).await?;
    let letter = match turn {
        Turn::Write(letter) => letter,
        Turn::Nobody => {
            tracing::info!(mail.id = %id, %kind, "nobody gets a mail");
            return Ok(());
        }
        Turn::Later => return Ok(()),
    };
    // A worker that ends waits for no mail server; the next one sends it.
    let sent = tokio::select! {
        () = gateway.draining.cancelled() => Err(Undelivered::Silence),
        sent = carrier.carry(id, &letter) => sent,
    };
    match &sent {
        Ok(()) => tracing::info!(mail.id = %id, %kind, attempts, "a mail was handed over"),
        Err(why) => {
            tracing::warn!(mail.id = %id, %kind, attempts, %why, is_final = why.is_final(), "a mail was not handed over");
        }
    }
    gateway
        .db
        .open(async move |tx: &mut Tx| match sent {
            Ok(()) => outbox::mark_sent(tx, id).await,
            Err(why) => outbox::mark_failed(tx, id, &why.to_string(), why.is_final()).await,
        })
        .await
}

/// Finds out who gets a mail, and makes the token of its link.
async fn prepare(tx: &mut Tx, mail: DueMail, public_url: &str) -> StoreResult<Turn> {
    if outbox::is_late(tx, &mail).await? {
        outbox::mark_failed(tx, mail.id, &Undelivered::Late.to_string(), true).await?;
        return Ok(Turn::Nobody);
    }
    let reader = outbox::find_reader(tx, &mail).await?.filter(|reader| is_wanted(&mail, reader));
    let Some(reader) = reader else {
        outbox::drop_mail(tx, mail.id).await?;
        return Ok(Turn::Nobody);
    };
    if mail.kind == MailKind::Alerts {
        return prepare_alerts(tx, &mail, &reader, public_url).await;
    }
    if outbox::is_flooded(tx, &mail).await? {
        give_up(tx, &mail).await?;
        return Ok(Turn::Nobody);
    }
    mail_tokens::lock(tx, reader.user).await?;
    if outbox::is_overtaken(tx, &mail).await? {
        outbox::drop_mail(tx, mail.id).await?;
        return Ok(Turn::Nobody);
    }
    // Sent as the user wrote it, whatever was typed to ask for it.
    let address = if mail.user.is_none() { reader.email.clone() } else { mail.address };
    let token = MailToken::generate();
    mail_tokens::insert(tx, reader.user, mail.kind, &address, &token.hash()).await?;
    let letter = Letter::write(mail.kind, &reader, address, public_url, &token.text());
    Ok::<_, StoreError>(Turn::Write(Box::new(letter)))
}

/// Names what its reader has not read; goes to the address he has now.
async fn prepare_alerts(tx: &mut Tx, mail: &DueMail, reader: &Reader, public_url: &str) -> StoreResult<Turn> {
    if !alert_mails::take_turn(tx, mail.id, reader.user).await? {
        return Ok(Turn::Later);
    }
    let unread = alert_mails::list_unread(tx, mail.id, MOST_ALERTS).await?;
    if unread.alerts.is_empty() {
        outbox::drop_mail(tx, mail.id).await?;
        return Ok(Turn::Nobody);
    }
    Ok(Turn::Write(Box::new(Letter::of_alerts(reader, &unread, public_url))))
}

/// What a user has done stays written down: it may have ended links of earlier mails.
async fn give_up(tx: &mut Tx, mail: &DueMail) -> StoreResult<()> {
    if mail.user.is_none() {
        return outbox::drop_mail(tx, mail.id).await;
    }
    outbox::mark_failed(tx, mail.id, &Undelivered::Enough.to_string(), true).await
}

/// An address that was proven, or changed since, needs no proof.
fn is_wanted(mail: &DueMail, reader: &Reader) -> bool {
    match mail.kind {
        MailKind::EmailChangeAsked => reader.email == mail.address,
        MailKind::VerifyEmail => !reader.is_verified && reader.email == mail.address,
        MailKind::ConfirmEmail => reader.email != mail.address,
        MailKind::Alerts => reader.is_verified,
        MailKind::ResetPassword | MailKind::EmailChanged | MailKind::PasswordChanged => true,
    }
}
