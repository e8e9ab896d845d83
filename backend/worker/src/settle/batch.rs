//! One batch: lock, decide, write, commit, tell.

use std::sync::Arc;

use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::id::TradeId;
use flotilla_engine::deadline::CLOSE_REPEATS_S;
use flotilla_engine::matching::Named;
use flotilla_engine::{Cause, Transition, takeover};
use flotilla_store::alerts::{self, NewAlert};
use flotilla_store::changes::Change;
use flotilla_store::copy_orders::claim::{Closes, DueClose, claim_closes};
use flotilla_store::copy_orders::settle::{CopyChange, settle as write};
use flotilla_store::copy_orders::{self, CopyKey};
use flotilla_store::ea_login::EaLogin;
use flotilla_store::evidence::{self, EvidenceLine, Kept};
use flotilla_store::orphans::{self, AnsweredPosition};
use flotilla_store::pair_closes::PairClose;
use flotilla_store::{StoreResult, Tx, copy_events, journal_projection, sessions};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::alarms;
use crate::dispatch;
use crate::failpoint::{self, Point};
use crate::gateway::Gateway;
use crate::measure;
use crate::pairs;
use crate::settle::book::Book;
use crate::settle::{Heard, Item, NotWritten, change};

/// What a batch changed.
#[derive(Default)]
struct Settled {
    changes: Vec<CopyChange>,
    closes: Vec<DueClose>,
    trades: Vec<(Uuid, TradeId)>,
    /// Masters' trades that their only partner does not hold.
    unhedged: Vec<PairClose>,
    /// Alerts about what no copy owns and what needs a person.
    raised: Vec<Change>,
    left: Vec<EaLogin>,
}

pub(super) async fn settle(gateway: Arc<Gateway>, items: Arc<Vec<Item>>) -> StoreResult<()> {
    let heard: Vec<&Heard> = items.iter().filter_map(Item::as_heard).collect();
    let unwritten: Vec<NotWritten> = items.iter().filter_map(Item::as_not_written).collect();
    if !heard.is_empty() || !unwritten.is_empty() {
        let said = gateway.db.open(async |tx| settle_said(tx, &gateway, &heard, &unwritten).await).await?;
        for heard in &heard {
            measure::persisted(heard.receipt.age_us());
        }
        failpoint::pass(Point::Settled);
        let clear = dispatch::ended_doubts(&said.changes);
        tell(&gateway, said);
        if !clear.is_empty() {
            // Beside the next batch, which does not depend on it.
            tokio::spawn(dispatch::after_doubts(Arc::clone(&gateway), clear));
        }
    }
    let ended: Vec<(EaLogin, i64)> = items.iter().filter_map(Item::as_ended).collect();
    for (login, epoch) in ended {
        // A commit of its own: a log-in takes the session's lock before those of
        // the copies, so this must not hold copies while it asks for a session.
        tell(&gateway, gateway.db.open(async |tx| end_session(tx, &gateway, &login, epoch).await).await?);
    }
    Ok(())
}

async fn settle_said(
    tx: &mut Tx,
    gateway: &Gateway,
    heard: &[&Heard],
    unwritten: &[NotWritten],
) -> StoreResult<Settled> {
    let mut settled = Settled::default();
    let kept = keep(tx, heard).await?;
    let mut keys: Vec<CopyKey> = heard.iter().flat_map(|heard| keys(heard)).collect();
    keys.extend(unwritten.iter().map(|open| CopyKey::Id(open.copy)));
    let mut book = Book::new(copy_orders::lock_named(tx, &keys).await?);
    // What was stored before was settled before.
    for (heard, kept) in heard.iter().zip(&kept).filter(|(_, kept)| kept.is_new) {
        book.hear(heard, Some(kept.id), &gateway.flights);
    }
    for open in unwritten {
        book.not_written(*open);
    }
    write(tx, &book.changes).await?;

    let before: Vec<i64> = kept.iter().filter(|kept| !kept.is_new).map(|kept| kept.id).collect();
    let untold = untold(tx, &book, &before).await?;
    let mut to_close = book.to_close();
    to_close.extend(untold.iter().map(|change| change.copy.id.uuid()));
    if !to_close.is_empty() {
        settled.closes = claim_closes(tx, gateway.node, Closes::Copies(&to_close), &CLOSE_REPEATS_S).await?;
    }
    // Alerts of what was stored before were raised with it.
    let mut alerts = keep_orphans(tx, &book.orphans).await?;
    alerts.extend(alarms::of_changes(&book.changes));
    settled.raised = alerts::raise_all(tx, &alerts).await?;
    settled.changes = book.changes;
    settled.changes.extend(untold);
    settled.unhedged = pairs::owe_refused(tx, &settled.changes).await?;
    settled.unhedged.extend(pairs::owe_lost(tx, &settled.changes).await?);
    let touched: Vec<Uuid> = settled.changes.iter().map(|change| change.copy.id.uuid()).collect();
    settled.trades = journal_projection::list_ids(tx, &touched).await?;
    journalled(gateway, heard).await;
    failpoint::pass(Point::Settling);
    Ok(settled)
}

/// What lines brought about that an earlier try of ours stored: the outcome of
/// its commit was unknown, so nobody was told.
async fn untold(tx: &mut Tx, book: &Book, evidence: &[i64]) -> StoreResult<Vec<CopyChange>> {
    if evidence.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = book.orders().map(|order| order.id.uuid()).collect();
    let edges = copy_events::list_of_evidence(tx, &ids, evidence).await?;
    let untold = edges.into_iter().filter_map(|edge| {
        let copy = book.orders().find(|order| order.id == edge.copy_id)?.clone();
        let is_refusal = edge.cause == Cause::AckOpenFail.as_str();
        let cause = if is_refusal { Cause::AckOpenFail } else { Cause::AckOpen };
        let edge = Transition { detail: edge.detail, ..Transition::new(&copy, edge.to, cause) };
        Some(change(&copy, edge))
    });
    Ok(untold.collect())
}

/// What is committed was journalled before.
async fn journalled(gateway: &Gateway, heard: &[&Heard]) {
    if let Some(newest) = heard.iter().map(|heard| heard.receipt.entry).max() {
        gateway.inbox.synced(newest).await;
        failpoint::pass(Point::AnswerJournalled);
    }
}

async fn keep(tx: &mut Tx, heard: &[&Heard]) -> StoreResult<Vec<Kept>> {
    if heard.is_empty() {
        return Ok(Vec::new());
    }
    let lines: Vec<EvidenceLine> = heard
        .iter()
        .map(|heard| EvidenceLine {
            line_id: heard.id,
            owner_id: heard.login.owner_id,
            account_id: heard.login.account_id,
            session_epoch: heard.epoch,
            line: heard.line.clone(),
            age_us: heard.receipt.age_us(),
        })
        .collect();
    evidence::insert(tx, &lines).await
}

/// What an answer may be about: an acknowledged position may also belong to
/// another copy already, which must be seen.
fn keys(heard: &Heard) -> Vec<CopyKey> {
    let follower = heard.login.account_id;
    let named = match heard.named {
        Named::MasterTicket(ticket) => CopyKey::MasterTicket(follower, ticket),
        Named::FollowerTicket(ticket) => CopyKey::FollowerTicket(follower, ticket),
    };
    match &heard.evidence {
        Evidence::Opened { ticket, .. } => vec![named, CopyKey::FollowerTicket(follower, *ticket)],
        _ => vec![named],
    }
}

/// Positions that answers named and that no copy owns after this batch.
async fn keep_orphans(tx: &mut Tx, answered: &[AnsweredPosition]) -> StoreResult<Vec<NewAlert>> {
    if answered.is_empty() {
        return Ok(Vec::new());
    }
    let new = orphans::note_answered(tx, answered).await?;
    let alert = |(account, ticket)| {
        let owner = answered.iter().find(|one| one.login.account_id == account)?.login.owner_id;
        Some(alarms::orphans(owner, account, &[ticket]))
    };
    Ok(new.into_iter().filter_map(alert).collect())
}

/// Ends the session unless a newer one has replaced it. What was claimed under
/// it may have been executed.
async fn end_session(tx: &mut Tx, gateway: &Gateway, login: &EaLogin, epoch: i64) -> StoreResult<Settled> {
    let mut settled = Settled::default();
    if sessions::leave(tx, login.account_id, gateway.node, Some(epoch)).await? {
        settled.left.push(*login);
    }
    let claimed = copy_orders::lock_claimed_until(tx, login.account_id, epoch).await?;
    let lost: Vec<CopyChange> = claimed
        .iter()
        .filter_map(|locked| takeover::lost(&locked.order, epoch).map(|edge| change(&locked.order, edge)))
        .collect();
    if !lost.is_empty() {
        write(tx, &lost).await?;
    }
    settled.changes.extend(lost);
    failpoint::pass(Point::Ending);
    Ok(settled)
}

fn tell(gateway: &Gateway, settled: Settled) {
    dispatch::tell_changes(gateway, &settled.changes, &settled.trades);
    dispatch::send_closes(gateway, &settled.closes);
    pairs::send(gateway, &settled.unhedged);
    alarms::tell(gateway, &settled.raised);
    for login in settled.left {
        gateway.hint_account(&login);
        gateway.dirty.follower_or_master(login.account_id);
    }
}

impl Item {
    const fn as_heard(&self) -> Option<&Heard> {
        match self {
            Self::Heard(heard) => Some(heard),
            Self::NotWritten(_) | Self::Ended(..) | Self::Awaited(_) => None,
        }
    }

    const fn as_not_written(&self) -> Option<NotWritten> {
        match self {
            Self::NotWritten(open) => Some(*open),
            Self::Heard(_) | Self::Ended(..) | Self::Awaited(_) => None,
        }
    }

    const fn as_ended(&self) -> Option<(EaLogin, i64)> {
        match self {
            Self::Ended(login, epoch) => Some((*login, *epoch)),
            Self::Heard(_) | Self::NotWritten(_) | Self::Awaited(_) => None,
        }
    }

    pub(super) fn as_awaited(&self) -> Option<Arc<Notify>> {
        match self {
            Self::Awaited(settled) => Some(Arc::clone(settled)),
            Self::Heard(_) | Self::NotWritten(_) | Self::Ended(..) => None,
        }
    }
}
