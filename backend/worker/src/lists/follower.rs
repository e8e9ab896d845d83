//! A follower's list: what is gone, what is back, what becomes of copies in doubt.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::{CopyId, TradeId};
use flotilla_domain::ticket::Ticket;
use flotilla_engine::reconcile::doubt::{Baseline, Doubt, Gone, Scene, resolve};
use flotilla_engine::reconcile::{Finding, Held, List, held, is_doubtful, is_netting_suspected};
use flotilla_protocol::v7::{ClientLine, decode};
use flotilla_store::alerts::NewAlert;
use flotilla_store::changes::Change;
use flotilla_store::copy_orders::claim::{Closes, DueClose, claim_closes};
use flotilla_store::copy_orders::held::{HeldCopy, lock_for_list, note_listed};
use flotilla_store::copy_orders::settle::{CopyChange, settle};
use flotilla_store::ea_login::EaLogin;
use flotilla_store::pair_closes::PairClose;
use flotilla_store::snapshots::{self, Siblings, StoredSnapshot};
use flotilla_store::{StoreResult, Tx, alerts, evidence, journal_projection, orphans, sessions};
use uuid::Uuid;

use super::delta;
use crate::alarms;
use crate::dispatch;
use crate::failpoint::{Point, pass_if};
use crate::gateway::Gateway;
use crate::pairs;
use crate::settle::change;

/// Lines about positions that left which are looked at for a copy in doubt.
const GONE: i64 = 200;

/// What a list led to.
#[derive(Default)]
struct Judged {
    changes: Vec<CopyChange>,
    closes: Vec<DueClose>,
    trades: Vec<(Uuid, TradeId)>,
    unhedged: Vec<PairClose>,
    alerts: Vec<NewAlert>,
    raised: Vec<Change>,
}

/// Judges a follower's list. Everything the follower said before must be settled.
pub(crate) async fn follower(gateway: Arc<Gateway>, login: EaLogin, epoch: i64, tickets: Vec<Ticket>) {
    match gateway.converse(async |tx| judge(tx, &gateway, (&login, epoch), &tickets).await).await {
        Ok(judged) => {
            pass_if(Point::Listed, !judged.changes.is_empty());
            tell(&gateway, &login, &judged);
            release_opens(gateway, &login, epoch).await;
        }
        // The next list says it again.
        Err(error) => {
            tracing::error!(%error, account.id = %login.account_id, "a list of tickets could not be judged");
        }
    }
}

/// What was in doubt is judged: what waited for that may be opened.
///
/// In a transaction of its own, because a log-in locks the session before the
/// copies. Should it fail, opens are held until their time has passed.
async fn release_opens(gateway: Arc<Gateway>, login: &EaLogin, epoch: i64) {
    let account = login.account_id;
    match gateway.converse(async |tx| sessions::release_opens(tx, account, epoch).await).await {
        Ok(true) => dispatch::resume(gateway, account).await,
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, account.id = %account, "opens are held a while longer"),
    }
}

async fn judge(
    tx: &mut Tx,
    gateway: &Gateway,
    (login, epoch): (&EaLogin, i64),
    tickets: &[Ticket],
) -> StoreResult<Judged> {
    let stored = snapshots::insert(tx, login, epoch, tickets).await?;
    let apart = delta(gateway.config.timing.lists_apart);
    // What a list called never opened is looked at until one came that is far enough from it to agree; where a close is
    // owed then, for a while longer: that one may show something that could be its position.
    let since = stored.previous_at.map(|previous| previous - apart);
    let rows = lock_for_list(tx, login.account_id, tickets, since).await?;
    let list = List { tickets: tickets.iter().copied().collect(), at: stored.received_at };
    let copies: Vec<Held> = rows.iter().map(engine_copy).collect();
    let unowned = snapshots::list_unowned(tx, login.account_id, tickets).await?;

    let mut notes = Notes { snapshot: Some(stored), ..Notes::default() };
    for copy in &copies {
        notes.take(&copy.order, held(copy, &list, apart));
    }
    let doubts = doubts(tx, login, &rows).await?;
    if let Some(since) = first_claim(&doubts) {
        let gone = gone(tx, login, since).await?;
        let siblings = siblings(tx, login, (&unowned, &gone), since).await?;
        let is_own_in_flight = copies.iter().any(|copy| is_in_flight(&copy.order, epoch));
        let scene = Scene {
            list: &list,
            unknown: &unowned,
            gone: &gone,
            siblings: &siblings.tickets,
            epoch,
            is_in_flight: is_own_in_flight || siblings.is_awaited,
            is_doubtful: is_doubtful(&copies, &list),
            adopts: snapshots::get_choice(tx, login.account_id).await?.adopts,
            apart,
        };
        for (doubt, finding) in doubts.iter().zip(resolve(&doubts, &scene)) {
            notes.take_doubt(doubt, finding, &scene);
        }
    }
    let netting = netting_alerts(&copies, &notes, &list);
    let mut judged = write(tx, gateway, notes).await?;
    judged.alerts.extend(netting);
    let orphans = note_orphans(tx, login, &unowned, &list).await?;
    if !orphans.is_empty() {
        judged.alerts.push(alarms::orphans(login.owner_id, login.account_id, &orphans));
    }
    judged.raised = alerts::raise_all(tx, &judged.alerts).await?;
    pass_if(Point::Listing, !judged.changes.is_empty());
    Ok(judged)
}

fn engine_copy(row: &HeldCopy) -> Held {
    Held { order: row.copy.order.clone(), missing_since: row.missing_since, was_listed: row.was_listed }
}

fn is_in_flight(copy: &CopyOrder, epoch: i64) -> bool {
    matches!(copy.state, CopyState::Claimed | CopyState::Received) && copy.claim_epoch == Some(epoch)
}

/// What is to be written about the copies of a list.
#[derive(Default)]
struct Notes {
    snapshot: Option<StoredSnapshot>,
    changes: Vec<CopyChange>,
    present: Vec<CopyId>,
    missing: Vec<CopyId>,
    /// Copies that this list alone calls never opened.
    unlisted: Vec<CopyOrder>,
    /// Copies that two lists call so.
    unopened: Vec<CopyOrder>,
}

impl Notes {
    fn take_doubt(&mut self, doubt: &Doubt, finding: Finding, scene: &Scene<'_>) {
        let copy = &doubt.order;
        match &finding {
            Finding::Moves(edge) if edge.to == CopyState::Failed && !doubt.is_second(scene) => {
                self.unlisted.push(copy.clone());
                if doubt.missing_since.is_none() {
                    self.missing.push(copy.id);
                }
            }
            Finding::Moves(edge) if edge.to == CopyState::Failed => self.unopened.push(copy.clone()),
            Finding::Agreed => self.unopened.push(copy.clone()),
            _ => {}
        }
        self.take(copy, finding);
    }

    fn take(&mut self, copy: &CopyOrder, finding: Finding) {
        match finding {
            Finding::Known | Finding::Agreed => {}
            Finding::Present => self.present.push(copy.id),
            Finding::Missing => self.missing.push(copy.id),
            Finding::Moves(edge) => {
                if edge.to == CopyState::Open {
                    self.present.push(copy.id);
                }
                let mut change = change(copy, edge);
                change.snapshot_id = self.snapshot.map(|snapshot| snapshot.id);
                self.changes.push(change);
            }
        }
    }
}

async fn doubts(tx: &mut Tx, login: &EaLogin, rows: &[HeldCopy]) -> StoreResult<Vec<Doubt>> {
    let is_doubt = |copy: &CopyOrder| {
        copy.state == CopyState::Unconfirmed
            || (copy.state == CopyState::Failed && copy.reason == Some(ReasonCode::NotOpened))
    };
    let rows: Vec<&HeldCopy> = rows.iter().filter(|row| is_doubt(&row.copy.order)).collect();
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let claims: Vec<_> =
        rows.iter().filter_map(|row| Some((row.copy.order.id, row.copy.order.claimed_at?))).collect();
    let mut before = snapshots::list_reports_before(tx, login.account_id, &claims).await?;
    let doubt = |row: &HeldCopy| Doubt {
        order: row.copy.order.clone(),
        baseline: before.remove(&row.copy.order.id).map(|reports| Baseline {
            listed: reports.listed.into_iter().collect(),
            highest: reports.highest,
        }),
        missing_since: row.missing_since,
    };
    Ok(rows.into_iter().map(doubt).collect())
}

/// When the first of the copies in doubt was claimed; each of them was.
fn first_claim(doubts: &[Doubt]) -> Option<DateTime<Utc>> {
    doubts.iter().filter_map(|doubt| doubt.order.claimed_at).min()
}

/// What of positions that are here, or were, may be other accounts'.
async fn siblings(
    tx: &mut Tx,
    login: &EaLogin,
    (unowned, gone): (&[Ticket], &[Gone]),
    since: DateTime<Utc>,
) -> StoreResult<Siblings> {
    let tickets: Vec<Ticket> = unowned.iter().copied().chain(gone.iter().map(|gone| gone.ticket)).collect();
    snapshots::find_siblings(tx, login.account_id, &tickets, since).await
}

/// Positions of nobody that left since the first of the copies in doubt was claimed.
async fn gone(tx: &mut Tx, login: &EaLogin, since: DateTime<Utc>) -> StoreResult<Vec<Gone>> {
    let said = evidence::list_since(tx, login.account_id, since, "ACK_CLOSE_SO|", GONE).await?;
    let left: Vec<Gone> = said
        .iter()
        .filter_map(|said| match decode(said.line.as_bytes()) {
            Ok(ClientLine::AckCloseOther { ticket, evidence: Evidence::ClosedByOther { price, profit } }) => {
                Some(Gone { ticket, at: said.received_at, price, profit })
            }
            _ => None,
        })
        .collect();
    let tickets: Vec<Ticket> = left.iter().map(|gone| gone.ticket).collect();
    let unowned: HashSet<Ticket> =
        snapshots::list_unowned(tx, login.account_id, &tickets).await?.into_iter().collect();
    let mut seen = HashSet::new();
    Ok(left.into_iter().filter(|gone| unowned.contains(&gone.ticket) && seen.insert(gone.ticket)).collect())
}

fn netting_alerts(copies: &[Held], notes: &Notes, list: &List) -> Vec<NewAlert> {
    let is_suspected = |change: &&CopyChange| {
        let copy = copies.iter().find(|copy| copy.order.id == change.copy.id);
        change.to == CopyState::Closed && copy.is_some_and(|copy| is_netting_suspected(copy, copies, list))
    };
    notes.changes.iter().filter(is_suspected).map(alarms::netting).collect()
}

async fn write(tx: &mut Tx, gateway: &Gateway, notes: Notes) -> StoreResult<Judged> {
    let mut judged = Judged::default();
    if !notes.changes.is_empty() {
        settle(tx, &notes.changes).await?;
    }
    if !notes.present.is_empty() || !notes.missing.is_empty() {
        note_listed(tx, &notes.present, &notes.missing).await?;
    }
    let opened: Vec<Uuid> = notes
        .changes
        .iter()
        .filter(|change| change.to == CopyState::Open && change.copy.desired_lots.is_zero())
        .map(|change| change.copy.id.uuid())
        .collect();
    if !opened.is_empty() {
        let repeats = &flotilla_engine::deadline::CLOSE_REPEATS_S;
        judged.closes = claim_closes(tx, gateway.node, Closes::Copies(&opened), repeats).await?;
    }
    pairs::owe_unlisted(tx, &notes.unlisted).await?;
    judged.unhedged = pairs::owe_unopened(tx, &notes.unopened).await?;
    judged.unhedged.extend(pairs::owe_lost(tx, &notes.changes).await?);
    let touched: Vec<Uuid> = notes.changes.iter().map(|change| change.copy.id.uuid()).collect();
    judged.trades = journal_projection::list_ids(tx, &touched).await?;
    judged.alerts = alarms::of_changes(&notes.changes);
    judged.changes = notes.changes;
    Ok(judged)
}

/// Adopted positions have an owner by now.
async fn note_orphans(
    tx: &mut Tx,
    login: &EaLogin,
    unowned: &[Ticket],
    list: &List,
) -> StoreResult<Vec<Ticket>> {
    let unowned = snapshots::list_unowned(tx, login.account_id, unowned).await?;
    let new = orphans::note_listed(tx, login, &unowned).await?;
    if !list.tickets.is_empty() {
        let listed: Vec<Ticket> = list.tickets.iter().copied().collect();
        orphans::note_gone(tx, login.account_id, &listed).await?;
    }
    Ok(new)
}

fn tell(gateway: &Gateway, login: &EaLogin, judged: &Judged) {
    for change in &judged.changes {
        tracing::info!(copy.id = %change.copy.id, state = %change.to, cause = change.cause, "copy moved by a list");
    }
    dispatch::tell_changes(gateway, &judged.changes, &judged.trades);
    dispatch::send_closes(gateway, &judged.closes);
    dispatch::tell_claims(gateway, &judged.closes, &[]);
    pairs::send(gateway, &judged.unhedged);
    for alert in &judged.alerts {
        tracing::warn!(account.id = %login.account_id, kind = %alert.kind, "a list of tickets raises an alert");
    }
    alarms::tell(gateway, &judged.raised);
    gateway.hint_account(login);
}
