//! Changed rows as messages, each under every topic it belongs to.

use std::collections::BTreeSet;

use flotilla_domain::alert::AlertChannel;
use flotilla_domain::id::{AccountId, GroupId, OwnerId};
use flotilla_domain::risk::change::Transition;
use flotilla_store::changes::{Change, ChangeKind};
use flotilla_store::{
    StoreResult, Tx, accounts, alert_levels, alerts, copies, groups, operations, signal_list, trades,
};
use uuid::Uuid;

use crate::dto::alerts::UnreadDto;
use crate::dto::groups::DeletedGroupDto;
use crate::dto::stream::{StreamEvent, TradesChangedDto};
use crate::floating;
use crate::stream::risks;
use crate::stream::told::Told;
use crate::stream::topic::Topic;

/// An event and every topic it belongs to.
pub struct Event {
    pub topics: Vec<Topic>,
    pub event: Told,
}

impl Event {
    /// Whether somebody should hear of it at once: something is critical or worse.
    pub fn is_urgent(&self) -> bool {
        match self.event.event() {
            StreamEvent::RiskViolation(_) | StreamEvent::GuardTripped(_) | StreamEvent::GuardResumed(_) => {
                true
            }
            StreamEvent::RiskTransition(told) => {
                Transition { rule: None, from: told.from.0, to: told.to.0 }.is_urgent()
            }
            _ => false,
        }
    }
}

/// Reads what changed, as far as it is the owner's.
///
/// # Errors
///
/// When the database does not answer.
pub async fn read(tx: &mut Tx, owner: OwnerId, changes: &[Change]) -> StoreResult<Vec<Event>> {
    let ids = |kind| -> Vec<Uuid> {
        changes.iter().filter(|change| change.kind == kind).map(|change| change.id).collect()
    };
    let signals = ids(ChangeKind::Signal);
    let copies = ids(ChangeKind::Copy);
    let groups = ids(ChangeKind::Group);
    let (alerts, requests) = (ids(ChangeKind::Alert), ids(ChangeKind::Request));
    let mut events = Vec::new();
    if !signals.is_empty() {
        events.extend(read_signals(tx, owner, &signals).await?);
    }
    if !copies.is_empty() {
        events.extend(read_copies(tx, owner, &copies).await?);
    }
    let trades: Vec<&Change> = changes.iter().filter(|change| change.kind == ChangeKind::Trade).collect();
    if !trades.is_empty() {
        events.extend(read_trades(tx, owner, &trades).await?);
    }
    if !alerts.is_empty() {
        events.extend(read_alerts(tx, owner, &alerts).await?);
    }
    if !groups.is_empty() {
        events.extend(read_groups(tx, owner, &groups).await?);
    }
    let happened = ids(ChangeKind::RiskEvent);
    if !happened.is_empty() {
        events.extend(risks::read_events(tx, owner, &happened).await?);
    }
    if !requests.is_empty() {
        events.extend(read_operations(tx, owner, &requests).await?);
    }
    Ok(events)
}

/// Accounts that changed, as far as they are the owner's.
///
/// # Errors
///
/// When the database does not answer.
pub async fn read_accounts(
    tx: &mut Tx,
    owner: OwnerId,
    ids: &BTreeSet<AccountId>,
) -> StoreResult<Vec<Event>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let found = accounts::find_all(tx, owner, &ids).await?;
    Ok(found
        .into_iter()
        .map(|account| Event {
            topics: vec![Topic::Accounts, Topic::Account(account.id)],
            event: StreamEvent::AccountUpdated(Box::new(account.into())).into(),
        })
        .collect())
}

async fn read_signals(tx: &mut Tx, owner: OwnerId, ids: &[Uuid]) -> StoreResult<Vec<Event>> {
    let found = signal_list::find_all(tx, owner, ids).await?;
    Ok(found
        .into_iter()
        .map(|view| Event {
            topics: vec![Topic::Account(view.signal.account_id)],
            event: StreamEvent::SignalReceived(Box::new(view.into())).into(),
        })
        .collect())
}

async fn read_copies(tx: &mut Tx, owner: OwnerId, ids: &[Uuid]) -> StoreResult<Vec<Event>> {
    let found = copies::find_all(tx, owner, ids).await?;
    Ok(floating::of_copies(tx, owner, found)
        .await?
        .into_iter()
        .map(|copy| Event {
            topics: vec![
                Topic::Copies,
                Topic::Account(copy.row.follower_id),
                Topic::Account(copy.row.master_id),
            ],
            event: StreamEvent::CopyUpdated(Box::new(copy.into())).into(),
        })
        .collect())
}

/// One that is not found is gone, or stands for many of its account.
async fn read_trades(tx: &mut Tx, owner: OwnerId, changes: &[&Change]) -> StoreResult<Vec<Event>> {
    let ids: Vec<Uuid> = changes.iter().map(|change| change.id).collect();
    let found = trades::find_all(tx, owner, &ids).await?;
    let there: BTreeSet<Uuid> = found.iter().map(|trade| trade.id.uuid()).collect();
    let many: BTreeSet<AccountId> =
        changes.iter().filter(|change| !there.contains(&change.id)).map(|change| change.account).collect();
    let topics = |account| vec![Topic::Trades, Topic::Account(account)];
    let updated = floating::of_trades(tx, owner, found).await?.into_iter().map(|trade| Event {
        topics: topics(trade.row.account_id),
        event: StreamEvent::TradeUpdated(Box::new(trade.into())).into(),
    });
    let of_many = many.into_iter().map(|account_id| Event {
        topics: topics(account_id),
        event: StreamEvent::TradesChanged(TradesChangedDto { account_id }).into(),
    });
    Ok(updated.chain(of_many).collect())
}

/// Those that neither the owner's inbox shows nor his pages tell are left out. The count, which is of the inbox, comes
/// last: it is true after all of them.
async fn read_alerts(tx: &mut Tx, owner: OwnerId, ids: &[Uuid]) -> StoreResult<Vec<Event>> {
    let levels = alert_levels::get(tx, owner).await?;
    let mut found = alerts::find_all(tx, owner, ids).await?;
    let shown = [AlertChannel::Inbox, AlertChannel::Popup];
    found.retain(|alert| shown.iter().any(|channel| levels.tells(*channel, alert.severity)));
    let unread = alerts::count_unread(tx, owner).await?;
    let told = found.into_iter().map(|alert| {
        let is_news = alert.is_news();
        let alert = Box::new(alert.into());
        if is_news { StreamEvent::AlertCreated(alert) } else { StreamEvent::AlertUpdated(alert) }
    });
    let counted = std::iter::once(StreamEvent::AlertsUnread(UnreadDto { unread }));
    Ok(told.chain(counted).map(|event| Event { topics: vec![Topic::Alerts], event: event.into() }).collect())
}

/// One that is not found is gone.
async fn read_groups(tx: &mut Tx, owner: OwnerId, ids: &[Uuid]) -> StoreResult<Vec<Event>> {
    let found = groups::find_all(tx, owner, ids).await?;
    let gone: Vec<GroupId> = ids
        .iter()
        .map(|id| GroupId::from_uuid(*id))
        .filter(|id| found.iter().all(|group| group.id != *id))
        .collect();
    let topics = |id: GroupId| vec![Topic::Groups, Topic::Group(id)];
    let updated = found.into_iter().map(|group| Event {
        topics: topics(group.id),
        event: StreamEvent::GroupUpdated(Box::new(group.into())).into(),
    });
    let deleted = gone.into_iter().map(|id| Event {
        topics: topics(id),
        event: StreamEvent::GroupDeleted(DeletedGroupDto { id }).into(),
    });
    Ok(updated.chain(deleted).collect())
}

async fn read_operations(tx: &mut Tx, owner: OwnerId, ids: &[Uuid]) -> StoreResult<Vec<Event>> {
    let found = operations::find_all(tx, owner, ids).await?;
    Ok(found
        .into_iter()
        .map(|operation| Event {
            topics: vec![Topic::Stop],
            event: StreamEvent::StopUpdated(Box::new(operation.into())).into(),
        })
        .collect())
}
