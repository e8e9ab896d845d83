//! Requests: their turn, their time stamp, their signature, and what their replies mean for the next ones.

mod heed;
mod order_turn;
mod protection;
mod time;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::clock::ServerClock;
use super::contract::{Contract, ContractList, Contracts};
use super::endpoint::{self, Endpoint, Environment};
use super::error::ErrorClass;
use super::id::Credentials;
use super::reply::RawReply;
use super::sign::Params;
use super::transport::{Call, Transport, TransportError};
use crate::limits::{Limit, Limiter, Passage, Priority, Rate};
use crate::outcome::{Doubt, NotSent, Outcome, ReadError};

pub use order_turn::OrderTurn;
use order_turn::order_limits;
pub use protection::InVain;
use protection::Protections;

/// How long things take and last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Until a reply must be there. Longer leaves fewer orders in doubt, shorter finds out sooner.
    pub timeout: Duration,
    /// How old the measurement of the server's time may be.
    pub clock_age: Duration,
    /// How old the list of contracts may be.
    pub contracts_age: Duration,
    /// How long an address is silent after a ban.
    pub ban: Duration,
    /// How often a read is tried, at least once.
    pub read_attempts: u32,
    /// How many orders leave one source address, those of all accounts together. Half of it is kept for what closes.
    pub orders: Rate,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            clock_age: Duration::from_mins(5),
            contracts_age: Duration::from_hours(1),
            ban: Duration::from_mins(5),
            read_attempts: 3,
            orders: Rate::per_ten_seconds(300),
        }
    }
}

/// BingX, for all accounts of this process: one limiter, one clock and one list of contracts for each host.
pub struct BingX {
    transport: Arc<dyn Transport>,
    limiter: Limiter,
    settings: Settings,
    live: Host,
    demo: Host,
    /// When changes cease to be signed; `None`: never.
    signs_until: Mutex<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Host {
    clock: ServerClock,
    contracts: Contracts,
    reading_contracts: tokio::sync::Mutex<()>,
    /// Held while its time is read: one reads, the others wait for it. When that last failed, and from which address.
    reading_clock: tokio::sync::Mutex<Option<(Instant, String)>>,
}

/// When a request has its turn, and by when at the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// How urgent it is.
    pub priority: Priority,
    /// After this it is not sent any more.
    pub deadline: Instant,
}

impl Turn {
    /// A turn within so much time from now.
    #[must_use]
    pub fn within(priority: Priority, time: Duration) -> Self {
        Self { priority, deadline: Instant::now() + time }
    }
}

/// One account at BingX: whose key, on which host, from which address.
///
/// The environment is part of it and cannot be changed: it is chosen when a connection is created.
#[derive(Clone)]
pub struct Account {
    pub(crate) bingx: Arc<BingX>,
    pub(crate) environment: Environment,
    egress: String,
    /// Shared by all keys of one uid, as the venue's limits are.
    limits: String,
    credentials: Credentials,
    /// Shared by all copies of this value.
    protections: Arc<Protections>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "account {} on {}", self.limits, self.environment.as_str())
    }
}

/// Which host, and from which address.
#[derive(Clone, Copy)]
pub(crate) struct Way<'a> {
    pub environment: Environment,
    pub egress: &'a str,
}

/// Why there is no reply.
pub(crate) enum Failure {
    NotSent(NotSent),
    Lost(String),
}

impl From<NotSent> for Failure {
    fn from(why: NotSent) -> Self {
        Self::NotSent(why)
    }
}

impl<T> From<Failure> for Outcome<T> {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotSent(why) => Self::NotSent(why),
            Failure::Lost(why) => Self::Unknown(Doubt::NoAnswer(why)),
        }
    }
}

impl From<Failure> for ReadError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotSent(why) => Self::NotSent(why),
            Failure::Lost(why) => Self::NoAnswer(Doubt::NoAnswer(why)),
        }
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::NotSent(why) => Self::NotSent(NotSent::NoConnection(why)),
            TransportError::Lost(why) => Self::Lost(why),
        }
    }
}

impl BingX {
    /// All of BingX, over this way to it.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>, settings: Settings) -> Self {
        let (live, demo) = (Host::default(), Host::default());
        Self { transport, limiter: Limiter::new(), settings, live, demo, signs_until: Mutex::default() }
    }

    /// Changes of accounts are signed until `instant` and not after it: by then another process may act for them.
    ///
    /// Reads go on. What was signed before is refused by the exchange once it is five seconds old.
    pub fn sign_until(&self, instant: Instant) {
        *self.signs_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(instant);
    }

    fn may_sign(&self) -> bool {
        let until = *self.signs_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_none_or(|until| Instant::now() < until)
    }

    /// One account.
    ///
    /// * `uid`: the account's number at the exchange, or anything of its own until that is known.
    /// * `egress`: name of the source address that its key is bound to.
    #[must_use]
    pub fn account(
        self: &Arc<Self>,
        environment: Environment,
        uid: &str,
        credentials: Credentials,
        egress: &str,
    ) -> Account {
        Account {
            bingx: Arc::clone(self),
            environment,
            egress: egress.to_owned(),
            limits: format!("{} {uid}", environment.as_str()),
            credentials,
            protections: Arc::default(),
        }
    }

    /// The clock of a host, to compare with others.
    #[must_use]
    pub const fn clock(&self, environment: Environment) -> &ServerClock {
        &self.host(environment).clock
    }

    const fn host(&self, environment: Environment) -> &Host {
        match environment {
            Environment::Live => &self.live,
            Environment::Demo => &self.demo,
        }
    }

    /// The contracts of a host, read again when they are old. One reads, the others wait for it.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when they cannot be read. A list that is known stays, see [`BingX::known_contract`].
    pub async fn contracts(&self, environment: Environment, egress: &str) -> Result<&Contracts, ReadError> {
        let host = self.host(environment);
        if host.contracts.are_older_than(self.settings.contracts_age) {
            let _one = host.reading_contracts.lock().await;
            if host.contracts.are_older_than(self.settings.contracts_age) {
                let list: ContractList =
                    self.market(environment, egress, endpoint::CONTRACTS, Params::new()).await?;
                host.contracts.replace(list.0);
            }
        }
        Ok(&host.contracts)
    }

    /// One contract, for what closes or guards: as far as it is known, however old that is. The list is read only where
    /// it is not.
    ///
    /// A close never waits for a list. One that an answer speaks against is read by whoever looks or opens next.
    ///
    /// # Errors
    ///
    /// As for [`BingX::contracts`].
    pub async fn contract(
        &self,
        environment: Environment,
        egress: &str,
        symbol: &super::id::Symbol,
    ) -> Result<Option<Arc<Contract>>, ReadError> {
        if let Some(known) = self.known_contract(environment, symbol) {
            return Ok(Some(known));
        }
        Ok(self.contracts(environment, egress).await?.get(symbol))
    }

    /// A contract as far as it is known, however old that is.
    #[must_use]
    pub fn known_contract(
        &self,
        environment: Environment,
        symbol: &super::id::Symbol,
    ) -> Option<Arc<Contract>> {
        self.host(environment).contracts.get(symbol)
    }

    /// Has the contracts read again soon: by what is known of one, something is not even asked for.
    pub(crate) fn doubt_contracts(&self, environment: Environment) {
        self.host(environment).contracts.expire();
    }

    /// Reads public data.
    pub(crate) async fn market<T: DeserializeOwned>(
        &self,
        environment: Environment,
        egress: &str,
        endpoint: Endpoint,
        params: Params,
    ) -> Result<T, ReadError> {
        let turn = Turn::within(Priority::Account, Duration::from_secs(30));
        self.market_within(Way { environment, egress }, endpoint, &params, turn).await
    }

    /// Reads public data when it is its turn, and again a few times where that makes sense.
    pub(crate) async fn market_within<T: DeserializeOwned>(
        &self,
        way: Way<'_>,
        endpoint: Endpoint,
        params: &Params,
        turn: Turn,
    ) -> Result<T, ReadError> {
        let mut attempt = 1;
        loop {
            let reply = self.unsigned(way, endpoint, params, turn).await;
            let result = reply.map_err(ReadError::from).and_then(|reply| reply.read());
            match result {
                Err(error) if attempt < self.settings.read_attempts && may_repeat(&error) => {
                    attempt += 1;
                }
                result => return result,
            }
            tokio::time::sleep(pause(attempt)).await;
        }
    }

    async fn unsigned(
        &self,
        way: Way<'_>,
        endpoint: Endpoint,
        params: &Params,
        turn: Turn,
    ) -> Result<RawReply, Failure> {
        let Way { environment, egress } = way;
        let limits = endpoint.egress_limits(egress, environment);
        // Nothing can be sent without the time and the contract, closes neither. One reads them for all who wait: whoever
        // that is, it is not held back for others.
        let is_for_all = [endpoint::SERVER_TIME, endpoint::CONTRACTS].contains(&endpoint);
        let priority = if is_for_all { Priority::Protect } else { turn.priority };
        let passage = self.limiter.turn(egress, &limits, priority, turn.deadline).await?;
        let call = Call {
            environment,
            egress: egress.to_owned(),
            method: endpoint.method,
            path: endpoint.path,
            query: params.query(),
            api_key: None,
            timeout: self.settings.timeout,
        };
        let reply = self.transport.send(call).await?;
        self.heed(&reply, egress, environment, &limits);
        passage.answered();
        Ok(reply)
    }
}

impl Account {
    /// Which host.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.environment
    }

    /// Name of the source address.
    #[must_use]
    pub fn egress(&self) -> &str {
        &self.egress
    }

    /// Asks something that changes nothing, and again a few times where that makes sense.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        params: Params,
        turn: Turn,
    ) -> Result<T, ReadError> {
        let mut attempt = 1;
        loop {
            let reply = self.signed(endpoint, &params, turn).await;
            let result = reply.map_err(ReadError::from).and_then(|reply| reply.read());
            match result {
                Err(error) if attempt < self.bingx.settings.read_attempts && may_repeat(&error) => {
                    attempt += 1;
                }
                result => return result,
            }
            tokio::time::sleep(pause(attempt)).await;
        }
    }

    /// Asks for a change, once.
    ///
    /// `read` gets the result of a reply that says that all is well.
    ///
    /// Dropping the future after its turn leaves the request in doubt.
    pub(crate) async fn write<T>(
        &self,
        endpoint: Endpoint,
        params: Params,
        turn: Turn,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Outcome<T> {
        let outcome = match self.signed(endpoint, &params, turn).await {
            Ok(reply) => reply.outcome(read),
            Err(failure) => failure.into(),
        };
        if turn.priority.protects() && endpoint.changes_account() {
            self.protections.note(&outcome);
        }
        outcome
    }

    /// Whether what protects the account fails: how often in a row.
    ///
    /// Counted for this value and its copies: whatever closes, cancels or places exits with a priority that
    /// [protects](Priority::protects).
    /// Forgotten after five minutes without a failure.
    #[must_use]
    pub fn in_vain(&self) -> Option<InVain> {
        self.protections.in_vain()
    }

    /// Signs and sends. Only a refusal because of the time is answered with a second sending: the gate refused it
    /// before anything could act on it.
    pub(crate) async fn signed(
        &self,
        endpoint: Endpoint,
        params: &Params,
        turn: Turn,
    ) -> Result<RawReply, Failure> {
        self.keep_time(turn).await?;
        let (reply, signed_at) = self.send(endpoint, params, turn).await?;
        if !reply.is_about_time() {
            return Ok(reply);
        }
        self.measure(turn, signed_at).await?;
        Ok(self.send(endpoint, params, turn).await?.0)
    }

    async fn send(
        &self,
        endpoint: Endpoint,
        params: &Params,
        turn: Turn,
    ) -> Result<(RawReply, Instant), Failure> {
        let limits = self.limits_of(endpoint, turn.priority);
        let passage = self.bingx.limiter.turn(&self.egress, &limits, turn.priority, turn.deadline).await?;
        self.send_now(endpoint, params, (&limits, passage), None).await
    }

    /// What a request counts against, the narrowest first.
    fn limits_of(&self, endpoint: Endpoint, priority: Priority) -> Vec<Limit> {
        let mut limits = Vec::with_capacity(5);
        limits.extend(endpoint.account_limit(&self.limits));
        if endpoint == endpoint::PLACE {
            limits.extend(order_limits(&self.egress, self.environment, self.bingx.settings.orders, priority));
        }
        limits.extend(endpoint.egress_limits(&self.egress, self.environment));
        limits
    }

    /// Sends what has had its turn, unless it is after `by`. Returns with the reply when it was stamped.
    async fn send_now(
        &self,
        endpoint: Endpoint,
        params: &Params,
        (limits, passage): (&[Limit], Passage),
        by: Option<Instant>,
    ) -> Result<(RawReply, Instant), Failure> {
        // Stamped only now: it may have waited for long.
        let signed_at = Instant::now();
        let now = self.bingx.clock(self.environment).now_ms().ok_or(NotSent::NoTime)?;
        // Looked at after the stamp: should the process be held up from here on, the exchange finds the stamp too old.
        if by.is_some_and(|by| Instant::now() > by) {
            return Err(NotSent::NoTurn.into());
        }
        if endpoint.changes_account() && !self.bingx.may_sign() {
            return Err(NotSent::NoLease.into());
        }
        let stamped = params.clone().with("timestamp", now).with("recvWindow", 5_000);
        let call = Call {
            environment: self.environment,
            egress: self.egress.clone(),
            method: endpoint.method,
            path: endpoint.path,
            query: stamped.signed_query(&self.credentials.secret),
            api_key: Some(self.credentials.api_key.expose_secret().into()),
            timeout: self.bingx.settings.timeout,
        };
        let reply = self.bingx.transport.send(call).await?.without(&self.credentials);
        self.bingx.heed(&reply, &self.egress, self.environment, limits);
        passage.answered();
        Ok((reply, signed_at))
    }
}

/// Whether the same question may get another answer soon.
fn may_repeat(error: &ReadError) -> bool {
    match error {
        ReadError::Refused(error) => matches!(error.class, ErrorClass::Busy | ErrorClass::Rate),
        ReadError::NoAnswer(_) => true,
        ReadError::NotSent(why) => matches!(why, NotSent::NoConnection(_)),
    }
}

/// Before the attempt of this number.
fn pause(attempt: u32) -> Duration {
    Duration::from_millis(100).saturating_mul(1 << attempt.min(6))
}
