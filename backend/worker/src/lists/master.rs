//! A master's list: which trades of its chart have left unseen.

use std::sync::Arc;

use flotilla_domain::copy::order::CopyOrder;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::ticket::Ticket;
use flotilla_engine::deadline::CLOSE_REPEATS_S;
use flotilla_engine::reconcile::List;
use flotilla_engine::reconcile::master::{Led, absent};
use flotilla_store::alerts::NewAlert;
use flotilla_store::changes::{Change, ChangeKind};
use flotilla_store::copy_orders::flatten::{Flatten, Flattened, flatten};
use flotilla_store::ea_login::EaLogin;
use flotilla_store::master_lists::{self, Chart, CopiesOf, LeftTrade};
use flotilla_store::snapshots::{self, ListedTickets, StoredSnapshot};
use flotilla_store::{StoreResult, Tx, alerts, signals};
use uuid::Uuid;

use super::delta;
use crate::alarms;
use crate::failpoint::{Point, pass_if};
use crate::gateway::Gateway;
use crate::ingest::tell_flattened;
use crate::patience::Patience;

/// A list of a master that was stored.
#[derive(Debug, Clone)]
pub(crate) struct MasterList {
    pub snapshot: StoredSnapshot,
    pub tickets: Vec<Ticket>,
}

/// Stores a list as evidence; nothing is concluded from it yet.
pub(crate) async fn keep(
    gateway: Arc<Gateway>,
    login: EaLogin,
    epoch: i64,
    tickets: Vec<Ticket>,
) -> Option<MasterList> {
    match gateway.converse(async |tx| snapshots::insert(tx, &login, epoch, &tickets).await).await {
        Ok(snapshot) => Some(MasterList { snapshot, tickets }),
        Err(error) => {
            tracing::error!(%error, account.id = %login.account_id, "a list of tickets could not be stored");
            None
        }
    }
}

/// Stores on which chart a connection stands; whether it is stored.
pub(crate) async fn save_chart(gateway: Arc<Gateway>, login: EaLogin, chart: Chart) -> bool {
    let saved = gateway.converse(async |tx| master_lists::save_chart(tx, &login, &chart).await).await;
    if let Err(error) = &saved {
        tracing::warn!(%error, account.id = %login.account_id, "a chart could not be stored; it is tried again");
    }
    saved.is_ok()
}

/// What a list led to.
#[derive(Default)]
struct Judged {
    left: Vec<LeftTrade>,
    copies: Vec<Flattened>,
    raised: Vec<Change>,
}

/// Judges a stored list of the chart of `lineage`.
pub(crate) async fn master(
    gateway: Arc<Gateway>,
    login: EaLogin,
    (epoch, lineage): (i64, Uuid),
    list: MasterList,
) {
    let turn = gateway.turns.queue(login.account_id).await.turn().await;
    let mut patience = Patience::new(&gateway);
    let judged = loop {
        match gateway.db.open(async |tx| judge(tx, &gateway, &login, (epoch, lineage), &list).await).await {
            Ok(judged) => break Ok(judged),
            Err(error) => {
                if let Err(gave_up) = patience.after(error).await {
                    break Err(gave_up);
                }
            }
        }
    };
    drop(turn);
    match judged {
        Ok(judged) => {
            pass_if(Point::Listed, !judged.left.is_empty());
            tell(&gateway, &login, &judged);
        }
        // The next list says it again.
        Err(gave_up) => {
            tracing::error!(?gave_up, account.id = %login.account_id, "a list of tickets could not be judged");
        }
    }
}

async fn judge(
    tx: &mut Tx,
    gateway: &Gateway,
    login: &EaLogin,
    (epoch, lineage): (i64, Uuid),
    list: &MasterList,
) -> StoreResult<Judged> {
    signals::lock_master(tx, login.account_id).await?;
    snapshots::save_lineage(tx, list.snapshot.id, lineage).await?;
    let reported = master_lists::list_reported(tx, login.account_id, lineage).await?;
    let trades: Vec<Led> =
        reported.iter().map(|trade| Led { ticket: trade.ticket, reported_at: trade.reported_at }).collect();
    let earlier = snapshots::list_earlier(tx, login.account_id, lineage, list.snapshot.id).await?;
    let earlier: Vec<List> = earlier.into_iter().map(engine_list).collect();
    let now = List { tickets: list.tickets.iter().copied().collect(), at: list.snapshot.received_at };

    let mut judged = Judged::default();
    let gone = absent(&trades, &now, &earlier, delta(gateway.config.timing.lists_apart));
    let is_certain =
        |ticket: &Ticket| reported.iter().any(|trade| trade.ticket == *ticket && trade.is_of_chart);
    let (certain, unsure): (Vec<Ticket>, Vec<Ticket>) = gone.into_iter().partition(is_certain);
    for ticket in certain.iter().copied() {
        judged.left.extend(master_lists::leave(tx, login, epoch, ticket).await?);
        let what = Flatten::Trade(login.account_id, ticket);
        let reason = ReasonCode::MasterClosed;
        judged.copies.extend(flatten(tx, gateway.node, &what, reason, &CLOSE_REPEATS_S).await?);
    }
    let mut alarms = of_copies(tx, login, &certain, CopiesOf::Ended, alarms::exit_unseen).await?;
    if !certain.is_empty() {
        alarms.push(alarms::exits_unseen(login, &certain));
    }
    let mut raised = tell_once(tx, login, &list.tickets, &unsure).await?;
    let unheard = master_lists::list_unheard(tx, login.account_id, &list.tickets).await?;
    let (told, missed): (Vec<Ticket>, Vec<Ticket>) =
        unheard.into_iter().partition(|ticket| earlier.iter().any(|list| list.tickets.contains(ticket)));
    if !missed.is_empty() {
        tracing::warn!(account.id = %login.account_id, count = missed.len(), "positions are listed that no signal told of");
        // Those told before stay named: the alert may be the same, unread one.
        let all = [missed, told].concat();
        alarms.push(alarms::missed_opens(login, lineage, &all));
    }
    raised.extend(alerts::raise_all(tx, &alarms).await?);
    judged.raised = raised;
    pass_if(Point::Listing, !judged.left.is_empty());
    Ok(judged)
}

/// What is told once, because every list says it again.
///
/// * Trades that may have left: nothing is closed that might be open.
/// * Trades that were taken for over and are listed again: their copies were
///   closed, perhaps by mistake.
async fn tell_once(
    tx: &mut Tx,
    login: &EaLogin,
    listed: &[Ticket],
    unsure: &[Ticket],
) -> StoreResult<Vec<Change>> {
    let mut told = of_copies(tx, login, unsure, CopiesOf::Open, alarms::missed_exit).await?;
    let back = master_lists::list_back(tx, login.account_id, listed).await?;
    told.extend(of_copies(tx, login, &back, CopiesOf::Ended, alarms::back).await?);
    told.extend(back.iter().map(|ticket| alarms::reopened(login.owner_id, login.account_id, *ticket)));
    alerts::raise_untold(tx, &told).await
}

async fn of_copies(
    tx: &mut Tx,
    login: &EaLogin,
    tickets: &[Ticket],
    which: CopiesOf,
    alert: fn(&CopyOrder) -> NewAlert,
) -> StoreResult<Vec<NewAlert>> {
    if tickets.is_empty() {
        return Ok(Vec::new());
    }
    let copies = master_lists::list_copies(tx, login.account_id, tickets, which).await?;
    Ok(copies.iter().map(|copy| alert(&copy.order)).collect())
}

fn engine_list(list: ListedTickets) -> List {
    List { tickets: list.tickets.into_iter().collect(), at: list.at }
}

fn tell(gateway: &Gateway, login: &EaLogin, judged: &Judged) {
    let (account, owner) = (login.account_id, login.owner_id);
    tell_flattened(gateway, &judged.copies);
    for left in &judged.left {
        tracing::warn!(account.id = %account, signal.id = %left.signal_id, "a trade left unseen; its copies are closed");
        gateway.hint(ChangeKind::Signal, owner, account, left.signal_id.uuid());
        if let Some(trade) = left.trade_id {
            gateway.hint(ChangeKind::Trade, owner, account, trade.uuid());
        }
    }
    alarms::tell(gateway, &judged.raised);
}
