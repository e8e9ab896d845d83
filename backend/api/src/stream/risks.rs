//! Where accounts and groups stand, for those who look at them: computed anew
//! after a change, at most four times a second unless it is urgent.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use flotilla_domain::id::{AccountId, GroupId, OwnerId};
use flotilla_store::changes::{Change, ChangeKind};
use flotilla_store::risk_members::{self, Which};
use flotilla_store::{Scope, StoreResult, Tx, groups, risk_events};
use tokio::sync::Notify;
use tokio::time::timeout;
use uuid::Uuid;

use crate::dto::risk_events::message;
use crate::dto::stream::StreamEvent;
use crate::routes::group_risk::group_risk;
use crate::routes::risk::account_risks;
use crate::stream::event::Event;
use crate::stream::hub::Hub;
use crate::stream::topic::Topic;

/// Between two computations.
const APART: Duration = Duration::from_millis(250);
/// Groups that are told to those who look at all of them.
const GROUPS: i64 = 200;

/// What changed of an owner's accounts and was not looked at yet.
#[derive(Debug, Default)]
pub struct Changed {
    accounts: BTreeSet<AccountId>,
    groups: BTreeSet<GroupId>,
}

/// Changes that wait for the next computation.
#[derive(Default)]
pub struct Risks {
    waiting: Mutex<BTreeMap<OwnerId, Changed>>,
    changed: Notify,
    urgent: Notify,
}

impl Risks {
    /// Notes what the hints of one message are about.
    pub fn note(&self, changes: &[Change]) {
        let mut waiting = self.lock();
        let mut has_any = false;
        let is_ours = |change: &&Change| matches!(change.kind, ChangeKind::Risk | ChangeKind::Group);
        for change in changes.iter().filter(is_ours) {
            let owner = change.owner;
            let touched = waiting.entry(owner).or_default();
            let is_new = match change.kind {
                ChangeKind::Risk => touched.accounts.insert(change.account),
                ChangeKind::Group => touched.groups.insert(GroupId::from_uuid(change.id)),
                _ => false,
            };
            has_any |= is_new;
        }
        drop(waiting);
        if has_any {
            self.changed.notify_one();
        }
    }

    /// What waits is computed at once.
    pub fn hurry(&self) {
        self.urgent.notify_one();
    }

    fn take(&self) -> BTreeMap<OwnerId, Changed> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<OwnerId, Changed>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Relays for ever.
pub async fn relay(hub: &Hub) {
    loop {
        hub.risks.changed.notified().await;
        for (owner, changed) in hub.risks.take() {
            let watched = hub.watched(owner);
            if watched.is_empty() {
                continue;
            }
            let told = hub
                .db
                .read(Scope::own(owner.into()), async move |tx: &mut Tx| {
                    read(tx, owner, &changed, &watched).await
                })
                .await;
            match told {
                Ok(events) => hub.tell(owner, events),
                Err(error) => {
                    tracing::warn!(%error, owner.id = %owner, "risk cannot be read; sockets must resync");
                    hub.lose(owner);
                }
            }
        }
        let _ = timeout(APART, hub.risks.urgent.notified()).await;
    }
}

/// What changed, as far as somebody looks at it.
async fn read(
    tx: &mut Tx,
    owner: OwnerId,
    changed: &Changed,
    watched: &BTreeSet<Topic>,
) -> StoreResult<Vec<Event>> {
    let mut events = of_groups(tx, owner, changed, watched).await?;
    let shown: Vec<AccountId> =
        changed.accounts.iter().filter(|id| watched.contains(&Topic::Account(**id))).copied().collect();
    if !shown.is_empty() {
        // Those that are gone are left out.
        events.extend(account_risks(tx, owner, &shown).await?.into_iter().map(|risk| Event {
            topics: vec![Topic::Account(risk.account_id)],
            event: StreamEvent::RiskAccount(Box::new(risk)).into(),
        }));
    }
    Ok(events)
}

async fn of_groups(
    tx: &mut Tx,
    owner: OwnerId,
    changed: &Changed,
    watched: &BTreeSet<Topic>,
) -> StoreResult<Vec<Event>> {
    let mut shown = if watched.contains(&Topic::Groups) {
        groups::list(tx, owner, None, GROUPS).await?
    } else {
        Vec::new()
    };
    // Whoever has more groups than are told of together may look at one of the others.
    let is_shown = |id: &GroupId| shown.iter().any(|group| group.id == *id);
    let others = watched.iter().filter_map(Topic::group).filter(|id| !is_shown(id));
    let others: Vec<Uuid> = others.map(GroupId::uuid).collect();
    if !others.is_empty() {
        shown.extend(groups::find_all(tx, owner, &others).await?);
    }
    let is_touched = |group: &flotilla_domain::group::Group| {
        changed.groups.contains(&group.id)
            || group.accounts.iter().any(|account| changed.accounts.contains(&account.id))
    };
    read_groups(tx, owner, shown.into_iter().filter(is_touched).collect()).await
}

/// Where groups stand, each under its topics.
///
/// # Errors
///
/// When the database does not answer.
pub async fn read_groups(
    tx: &mut Tx,
    owner: OwnerId,
    groups: Vec<flotilla_domain::group::Group>,
) -> StoreResult<Vec<Event>> {
    let ids: BTreeSet<AccountId> =
        groups.iter().flat_map(|group| group.accounts.iter().map(|account| account.id)).collect();
    let ids: Vec<AccountId> = ids.into_iter().collect();
    let all =
        if ids.is_empty() { Vec::new() } else { risk_members::list(tx, owner, Which::These(&ids)).await? };
    let of_group = |group: flotilla_domain::group::Group| {
        let in_it: BTreeSet<AccountId> = group.accounts.iter().map(|account| account.id).collect();
        let members: Vec<_> = all.iter().filter(|member| in_it.contains(&member.id)).cloned().collect();
        Event {
            topics: vec![Topic::Groups, Topic::Group(group.id)],
            event: StreamEvent::RiskGroup(Box::new(group_risk(&group, &members))).into(),
        }
    };
    Ok(groups.into_iter().map(of_group).collect())
}

/// What happened to accounts, under their topics and those of their groups.
///
/// # Errors
///
/// When the database does not answer.
pub async fn read_events(tx: &mut Tx, owner: OwnerId, ids: &[Uuid]) -> StoreResult<Vec<Event>> {
    let mut told = Vec::new();
    for event in risk_events::find_all(tx, owner, ids).await? {
        let account = event.account_id;
        let mut topics = vec![Topic::Accounts, Topic::Account(account), Topic::Groups];
        topics.extend(groups::list_of_account(tx, owner, account).await?.into_iter().map(Topic::Group));
        let event = message(event);
        if let Some(StreamEvent::GuardTripped(trip) | StreamEvent::GuardResumed(trip)) = &event {
            // Whoever tripped it may have left the group since.
            topics.extend(trip.group().map(Topic::Group));
            topics.sort_unstable();
            topics.dedup();
        }
        told.extend(event.map(|event| Event { topics, event: event.into() }));
    }
    Ok(told)
}
