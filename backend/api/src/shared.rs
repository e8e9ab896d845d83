//! What all handlers of the process share.

use flotilla_domain::id::{AccountId, GroupId, OwnerId, TradeId};
use flotilla_domain::risk::guard::Trip;
use flotilla_security::keyring::Keyring;
use flotilla_security::refresh::RefreshKeys;
use flotilla_security::seal::Sealer;
use flotilla_security::token::TokenKeys;
use flotilla_security::{PasswordError, TokenError};
use flotilla_store::changes::{Change, ChangeKind, Notifier};
use flotilla_store::risk_events::EventRef;
use flotilla_store::risk_records::Recorded;
use flotilla_store::{Scope, Tx, risk_events};
use uuid::Uuid;

use crate::arrivals::Arrivals;
use crate::clock::Clock;
use crate::config::{Config, Stores};
use crate::imports::Imports;
use crate::key_standings::KeyStandings;
use crate::limits::Limits;
use crate::passwords::Passwords;
use crate::standing::Standings;
use crate::stream::hub::Hub;
use crate::turns::OwnTurns;
use crate::visitors::Visitors;
use crate::vitals::Vitals;

/// Pictures that arrive at once: each is in memory until it is stored.
const PICTURES: usize = 16;

/// Settings, keys, pools, counters and the hub.
pub struct Shared {
    pub config: Config,
    pub stores: Stores,
    pub tokens: TokenKeys,
    pub refresh: RefreshKeys,
    pub sealer: Sealer,
    pub passwords: Passwords,
    pub clock: Clock,
    pub standings: Standings,
    pub keys: KeyStandings,
    pub limits: Limits,
    pub hub: Hub,
    pub imports: Imports,
    /// Pictures that arrive.
    pub pictures: Arrivals,
    pub visitors: Visitors,
    pub vitals: Vitals,
    /// Statistics that are made, of each who asks for them.
    pub statistics: OwnTurns,
    /// Figures that strangers look at, of each owner.
    pub links: OwnTurns,
    notifier: Notifier,
}

/// Why the API cannot start with its keys.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Password(#[from] PasswordError),
}

impl Shared {
    /// Takes keys out of `keyring`; needs a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`SetupError`] when the keys are not usable.
    pub fn new(config: Config, stores: Stores, keyring: &Keyring) -> Result<Self, SetupError> {
        Ok(Self {
            tokens: TokenKeys::new(keyring)?,
            refresh: RefreshKeys::new(keyring),
            sealer: Sealer::new(keyring),
            passwords: Passwords::new()?,
            clock: Clock::default(),
            standings: Standings::default(),
            keys: KeyStandings::default(),
            limits: Limits::new(config.limit_factor),
            hub: Hub::new(stores.app.clone(), config.sockets_per_user),
            imports: Imports::default(),
            pictures: Arrivals::new(PICTURES),
            visitors: Visitors::default(),
            vitals: Vitals::default(),
            statistics: OwnTurns::default(),
            links: OwnTurns::default(),
            notifier: Notifier::start(stores.changes_url.clone()),
            config,
            stores,
        })
    }

    /// Hints at a change of an account; call it after the commit.
    pub fn account_changed(&self, owner: OwnerId, account: AccountId) {
        self.notifier.hint(Change { kind: ChangeKind::Account, owner, account, id: account.uuid() });
    }

    /// Hints at an alert; call it after the commit. The nil identifier: at all of them.
    pub fn alert_changed(&self, owner: OwnerId, alert: Uuid) {
        self.hint(Change { kind: ChangeKind::Alert, owner, account: Uuid::nil().into(), id: alert });
    }

    /// Hints at a group, or that it is gone; call it after the commit.
    pub fn group_changed(&self, owner: OwnerId, group: GroupId) {
        let (account, id) = (Uuid::nil().into(), group.uuid());
        self.hint(Change { kind: ChangeKind::Group, owner, account, id });
    }

    /// Hints at where an account stands, and at what happened to it; call it after the commit.
    pub async fn risk_changed(&self, scope: Scope, account: AccountId, recorded: Option<&Recorded>) {
        let owner = scope.owner;
        self.hint(Change { kind: ChangeKind::Risk, owner, account, id: account.uuid() });
        let Some(recorded) = recorded else { return };
        recorded.requests.iter().for_each(|request| self.requested(owner, account, request.uuid()));
        recorded.alerts.iter().for_each(|alert| self.hint(*alert));
        self.tell_events(scope, account, recorded.events.iter().map(|event| event.id).collect()).await;
    }

    /// Hints at a guard that was resumed; call it after the commit.
    pub async fn guard_resumed(&self, scope: Scope, trip: &Trip, event: EventRef) {
        let (owner, place) = (scope.owner, trip.place());
        if let Some(group) = place.group() {
            self.group_changed(owner, group);
        }
        if let Some(account) = place.account() {
            self.hint(Change { kind: ChangeKind::Risk, owner, account, id: account.uuid() });
        }
        self.tell_events(scope, trip.account_id, vec![event.id]).await;
    }

    /// They are marked as told: the worker tells the others.
    async fn tell_events(&self, scope: Scope, account: AccountId, ids: Vec<Uuid>) {
        let owner = scope.owner;
        for id in &ids {
            self.hint(Change { kind: ChangeKind::RiskEvent, owner, account, id: *id });
        }
        if ids.is_empty() {
            return;
        }
        let mark = async move |tx: &mut Tx| risk_events::mark_told(tx, &ids).await;
        if let Err(error) = self.stores.app.write(scope, mark).await {
            tracing::warn!(%error, account.id = %account, "events of an account will be told twice");
        }
    }

    /// Hints at many trades of an account; call it after the commit.
    pub fn trades_changed(&self, owner: OwnerId, account: AccountId) {
        self.hint(Change { kind: ChangeKind::Trade, owner, account, id: Uuid::nil() });
    }

    /// Hints at a trade, or that it is gone; call it after the commit.
    pub fn trade_changed(&self, owner: OwnerId, account: AccountId, trade: TradeId) {
        self.hint(Change { kind: ChangeKind::Trade, owner, account, id: trade.uuid() });
    }

    /// Hints at any change; call it after the commit.
    pub fn hint(&self, change: Change) {
        self.notifier.hint(change);
    }

    /// Hints at a request to the worker; call it after the commit.
    pub fn requested(&self, owner: OwnerId, account: AccountId, request: Uuid) {
        self.notifier.hint(Change { kind: ChangeKind::Request, owner, account, id: request });
    }
}
