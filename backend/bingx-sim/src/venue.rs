//! The whole exchange, without a socket: requests in, answers and events out, at a time that is given.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;

use crate::chance::{Chance, Snowflake};
use crate::desk::Desk;
use crate::fault::{Faults, Mishap, StreamMishap};
use crate::json::{Json, number, object, text};
use crate::ledger::{Ledger, Status};
use crate::limits::{Allowance, Limits};
use crate::market::{Market, contracts};
use crate::profile::Profile;
use crate::request::{HostName, Incoming};

const EIGHT_HOURS_MS: i64 = 8 * 3_600_000;
/// Funding times before the start that are told.
const EARLIER_FUNDINGS: i64 = 90;

/// An account and its key. Both hosts know the key; their books are apart.
#[derive(Debug, Clone)]
pub struct Account {
    /// Number.
    pub uid: u64,
    /// Key.
    pub key: String,
    /// Secret.
    pub secret: String,
    /// 1 spot, 2 read, 3 perpetual, 4 transfer, 5 withdraw, 7 transfer between sub-accounts.
    pub permissions: BTreeSet<u8>,
    /// Addresses it works from; all, where there are none.
    pub ips: Vec<String>,
    /// Revoked.
    pub is_disabled: bool,
}

/// One host's books.
#[derive(Debug)]
pub struct Host {
    /// Markets, by contract.
    pub markets: BTreeMap<String, Market>,
    /// Books of accounts, by uid.
    pub ledgers: BTreeMap<u64, Ledger>,
    /// Prices to which a random walk comes back.
    home: BTreeMap<String, Decimal>,
}

/// A row of the journal: a request and what came of it. No key, no signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Unix milliseconds.
    pub at_ms: i64,
    /// Which host.
    pub host: HostName,
    /// Whose; nothing for public data.
    pub uid: Option<u64>,
    /// `GET` and so on.
    pub method: String,
    /// Path.
    pub path: String,
    /// Client's name of the order it is about, in small letters; empty for none.
    pub client_id: String,
    /// HTTP status of the answer that was meant; 0 where the connection was ended.
    pub status: u16,
    /// `code` of the answer that was meant.
    pub code: i64,
    /// What went wrong on the way, if something did.
    pub mishap: Option<String>,
}

/// An event for a user stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Which host.
    pub host: HostName,
    /// Whose.
    pub uid: u64,
    /// The frame's text.
    pub text: String,
}

/// What the socket does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Answers.
    Answer(Reply),
    /// Answers after so many milliseconds.
    Late(u64, Reply),
    /// Sends half of the answer and ends the connection.
    Half(Reply),
    /// Ends the connection.
    Drop,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: String,
    /// What its headers say about the limit; nothing where the gate did not count it.
    pub allowance: Option<Allowance>,
}

impl Reply {
    /// A body with status 200.
    pub const fn ok(body: String) -> Self {
        Self { status: 200, body, allowance: None }
    }
}

/// The exchange.
#[derive(Debug)]
pub struct Venue {
    /// Manners.
    pub profile: Profile,
    /// Faults on order.
    pub faults: Faults,
    /// Limits.
    pub limits: Limits,
    /// All requests.
    pub journal: Vec<Entry>,
    /// Events that no stream has taken yet.
    pub pushes: Vec<Push>,
    /// What goes wrong with streams, by account.
    pub stream_faults: HashMap<u64, Vec<StreamMishap>>,
    /// A step of the random walk every so many milliseconds; none for 0.
    pub walk_every_ms: i64,
    pub(crate) chance: Chance,
    pub(crate) names: Snowflake,
    pub(crate) accounts: BTreeMap<u64, Account>,
    pub(crate) hosts: BTreeMap<HostName, Host>,
    pub(crate) now_ms: i64,
    /// Funding times that are past and the rate of each in millionths, oldest first.
    pub(crate) fundings: Vec<(i64, i64)>,
    next_funding_ms: i64,
    next_walk_ms: i64,
}

impl Venue {
    /// An exchange without accounts, at this time.
    pub fn new(seed: u64, now_ms: i64) -> Self {
        let host = |name: HostName| {
            let listed = contracts(name == HostName::Demo);
            let home = listed.iter().map(|(rules, price)| (rules.symbol.clone(), *price)).collect();
            let markets = listed
                .into_iter()
                .map(|(rules, price)| (rules.symbol.clone(), Market::new(rules, price, now_ms)))
                .collect();
            (name, Host { markets, ledgers: BTreeMap::new(), home })
        };
        let profile = Profile::default();
        let next_funding_ms = now_ms - now_ms.rem_euclid(EIGHT_HOURS_MS) + EIGHT_HOURS_MS;
        let earlier = (1..=EARLIER_FUNDINGS).rev();
        let fundings =
            earlier.map(|back| (next_funding_ms - back * EIGHT_HOURS_MS, profile.funding_ppm)).collect();
        Self {
            profile,
            faults: Faults::default(),
            limits: Limits::default(),
            journal: Vec::new(),
            pushes: Vec::new(),
            stream_faults: HashMap::new(),
            walk_every_ms: 0,
            chance: Chance::new(seed),
            names: Snowflake::default(),
            accounts: BTreeMap::new(),
            hosts: [host(HostName::Live), host(HostName::Demo)].into(),
            now_ms,
            fundings,
            next_funding_ms,
            next_walk_ms: now_ms,
        }
    }

    /// Opens an account with this much on each host. Its key may read and trade.
    pub fn open_account(&mut self, key: &str, secret: &str, deposit: Decimal) -> u64 {
        let uid = 16_844_999 + u64::try_from(self.accounts.len()).unwrap_or(0);
        let permissions = [1, 2, 3].into();
        let account = Account {
            uid,
            key: key.to_owned(),
            secret: secret.to_owned(),
            permissions,
            ips: Vec::new(),
            is_disabled: false,
        };
        self.accounts.insert(uid, account);
        for (name, host) in &mut self.hosts {
            let asset = if *name == HostName::Live { "USDT" } else { "VST" };
            host.ledgers.insert(uid, Ledger::new(asset, deposit));
        }
        uid
    }

    /// An account, to be changed.
    pub fn account_mut(&mut self, uid: u64) -> Option<&mut Account> {
        self.accounts.get_mut(&uid)
    }

    /// An account's books.
    pub fn ledger(&self, host: HostName, uid: u64) -> Option<&Ledger> {
        self.hosts.get(&host)?.ledgers.get(&uid)
    }

    /// A market.
    pub fn market(&self, host: HostName, symbol: &str) -> Option<&Market> {
        self.hosts.get(&host)?.markets.get(symbol)
    }

    /// A market, to be changed by hand.
    pub fn market_mut(&mut self, host: HostName, symbol: &str) -> Option<&mut Market> {
        self.hosts.get_mut(&host)?.markets.get_mut(symbol)
    }

    /// Moves a market and lets everybody's orders see it.
    pub fn move_price(&mut self, host: HostName, symbol: &str, price: Decimal) {
        let now_ms = self.now_ms;
        if let Some(market) = self.market_mut(host, symbol) {
            market.move_to(price, now_ms);
        }
        self.settle(host, symbol);
    }

    /// Lets everybody's orders see a market as it is now.
    pub fn settle(&mut self, host: HostName, symbol: &str) {
        let all: Vec<u64> =
            self.hosts.get(&host).map(|host| host.ledgers.keys().copied().collect()).unwrap_or_default();
        for uid in all {
            self.at_desk(host, uid, |desk| desk.on_price(symbol));
        }
    }

    /// Does something with one account's books.
    pub fn at_desk<T>(
        &mut self,
        host: HostName,
        uid: u64,
        act: impl FnOnce(&mut Desk<'_>) -> T,
    ) -> Option<T> {
        self.at_desk_with(host, uid, false, act)
    }

    pub(crate) fn at_desk_with<T>(
        &mut self,
        host: HostName,
        uid: u64,
        loses_exits: bool,
        act: impl FnOnce(&mut Desk<'_>) -> T,
    ) -> Option<T> {
        let books = self.hosts.get_mut(&host)?;
        let mut frames = Vec::new();
        let mut desk = Desk {
            ledger: books.ledgers.get_mut(&uid)?,
            markets: &mut books.markets,
            names: &mut self.names,
            pushes: &mut frames,
            profile: self.profile,
            now_ms: self.now_ms,
            loses_exits,
        };
        let done = act(&mut desk);
        for frame in frames {
            self.push(host, uid, &frame);
        }
        Some(done)
    }

    pub(crate) fn push(&mut self, host: HostName, uid: u64, frame: &Json) {
        // Whoever has no stream misses it for ever.
        if self.ledger(host, uid).is_some_and(|ledger| ledger.listen_key.is_some()) {
            self.pushes.push(Push { host, uid, text: frame.to_string() });
        }
    }

    /// Time goes on: walks, funding, dead man's switches, keys of streams. It never goes back here.
    pub fn advance(&mut self, now_ms: i64) {
        while self.walk_every_ms > 0 && self.next_walk_ms <= now_ms {
            self.now_ms = self.next_walk_ms.max(self.now_ms);
            self.next_walk_ms += self.walk_every_ms;
            self.walk();
        }
        while self.next_funding_ms <= now_ms {
            self.now_ms = self.next_funding_ms.max(self.now_ms);
            self.fundings.push((self.next_funding_ms, self.profile.funding_ppm));
            self.next_funding_ms += EIGHT_HOURS_MS;
            self.each_account(|desk| {
                desk.fund();
            });
        }
        self.now_ms = self.now_ms.max(now_ms);
        self.each_account(|desk| {
            let now_ms = desk.now_ms;
            if desk.ledger.cancel_all_at.is_some_and(|at| at <= now_ms) {
                desk.ledger.cancel_all_at = None;
                cancel_all(desk, |_| true);
            }
        });
        self.expire_listen_keys();
    }

    /// The exchange's time, Unix milliseconds.
    pub const fn now(&self) -> i64 {
        self.now_ms
    }

    /// Sets the clock, also backwards: a jump of the server.
    pub fn set_clock(&mut self, now_ms: i64) {
        if now_ms > self.now_ms {
            self.advance(now_ms);
        }
        self.now_ms = now_ms;
    }

    fn walk(&mut self) {
        for name in [HostName::Live, HostName::Demo] {
            let Some(host) = self.hosts.get_mut(&name) else { continue };
            for (symbol, market) in &mut host.markets {
                let home = host.home.get(symbol).copied().unwrap_or(market.last);
                market.walk(&mut self.chance, home, self.now_ms);
            }
            let symbols: Vec<String> = host.markets.keys().cloned().collect();
            for symbol in symbols {
                self.settle(name, &symbol);
            }
        }
    }

    fn each_account(&mut self, mut act: impl FnMut(&mut Desk<'_>)) {
        let all: Vec<u64> = self.accounts.keys().copied().collect();
        for name in [HostName::Live, HostName::Demo] {
            for uid in &all {
                self.at_desk(name, *uid, &mut act);
            }
        }
    }

    fn expire_listen_keys(&mut self) {
        let now_ms = self.now_ms;
        let mut expired = Vec::new();
        for (name, host) in &mut self.hosts {
            for (uid, ledger) in &mut host.ledgers {
                if let Some(key) = ledger.listen_key.take_if(|key| key.until <= now_ms) {
                    let frame = object([
                        ("e", text("listenKeyExpired")),
                        ("E", number(now_ms)),
                        ("listenKey", text(key.key)),
                    ]);
                    expired.push(Push { host: *name, uid: *uid, text: frame.to_string() });
                }
            }
        }
        self.pushes.extend(expired);
    }

    /// The account whose stream this is.
    pub fn listener(&self, host: HostName, listen_key: &str) -> Option<u64> {
        let ledgers = &self.hosts.get(&host)?.ledgers;
        let is_it = |ledger: &Ledger| ledger.listen_key.as_ref().is_some_and(|key| key.key == listen_key);
        ledgers.iter().find(|(_, ledger)| is_it(ledger)).map(|(uid, _)| *uid)
    }

    /// Answers a request, at this time.
    pub fn handle(&mut self, request: &Incoming, now_ms: i64) -> Delivery {
        self.advance(now_ms);
        let uid = request.key.as_ref().and_then(|key| self.uid_of(key));
        let mishap = self.faults.strike(uid, request, &mut self.chance);
        let mut entry = Entry {
            at_ms: self.now_ms,
            host: request.host,
            uid,
            method: request.method.clone(),
            path: request.path.clone(),
            client_id: String::new(),
            status: 0,
            code: 0,
            mishap: mishap.as_ref().map(|mishap| format!("{mishap:?}")),
        };
        let delivery = self.deliver(request, mishap.as_ref(), &mut entry);
        self.journal.push(entry);
        delivery
    }

    fn deliver(&mut self, request: &Incoming, mishap: Option<&Mishap>, entry: &mut Entry) -> Delivery {
        let of_status = |status, body: &str| Reply { status, body: body.to_owned(), allowance: None };
        match mishap {
            Some(Mishap::StatusBefore { status }) => return Delivery::Answer(of_status(*status, "")),
            Some(Mishap::DropBefore) => return Delivery::Drop,
            Some(Mishap::Firewall) => {
                return Delivery::Answer(of_status(403, "<html><body>Access denied</body></html>"));
            }
            Some(Mishap::Refuse { code, text: words } | Mishap::RefuseAndShow { code, text: words }) => {
                if matches!(mishap, Some(Mishap::RefuseAndShow { .. })) {
                    self.show_all(request.host, entry.uid);
                }
                let body = object([("code", number(code)), ("msg", text(words)), ("data", object([]))]);
                return Delivery::Answer(Reply::ok(body.to_string()));
            }
            _ => {}
        }
        let reply = self.answer(request, mishap, entry);
        match mishap {
            Some(Mishap::StatusAfter { status }) => Delivery::Answer(of_status(*status, "")),
            Some(Mishap::DropAfter | Mishap::Hide { lost: true, .. }) => Delivery::Drop,
            Some(Mishap::Answer { status, body }) => Delivery::Answer(of_status(*status, body)),
            Some(Mishap::FloatIds) => Delivery::Answer(Reply { body: floated(&reply.body), ..reply }),
            Some(Mishap::OtherSymbol) => {
                let body = reply.body.replace("BTC-USDT", "ETH-USDT");
                Delivery::Answer(Reply { body, ..reply })
            }
            Some(Mishap::Slow { ms }) => Delivery::Late(*ms, reply),
            Some(Mishap::HalfBody) => Delivery::Half(reply),
            Some(Mishap::Garbage) => Delivery::Answer(Reply::ok("{\"code\":0,\"msg\":\"\",,".to_owned())),
            _ => Delivery::Answer(reply),
        }
    }

    fn show_all(&mut self, host: HostName, uid: Option<u64>) {
        let now_ms = self.now_ms;
        let ledger = self.hosts.get_mut(&host).zip(uid).and_then(|(host, uid)| host.ledgers.get_mut(&uid));
        if let Some(ledger) = ledger {
            for order in ledger.orders.values_mut() {
                order.shown_from = order.shown_from.min(now_ms);
            }
        }
    }

    pub(crate) fn uid_of(&self, key: &str) -> Option<u64> {
        self.accounts.values().find(|account| account.key == key).map(|account| account.uid)
    }

    /// What is wrong with anybody's sums.
    pub fn faults_of_books(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (name, host) in &self.hosts {
            for (uid, ledger) in &host.ledgers {
                faults.extend(
                    ledger.faults().into_iter().map(|fault| format!("{} {uid}: {fault}", name.as_str())),
                );
            }
        }
        faults
    }
}

/// A text whose long numbers have gone through a float.
fn floated(text: &str) -> String {
    let mut floated = String::with_capacity(text.len());
    let mut digits = String::new();
    for c in text.chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        match digits.split_at_checked(1) {
            Some((first, rest)) if digits.len() > 15 => {
                let number = format!("{first}.{}e{}", rest.get(..14).unwrap_or(rest), rest.len());
                floated.push_str(&number);
            }
            _ => floated.push_str(&digits),
        }
        digits.clear();
        if c != '\0' {
            floated.push(c);
        }
    }
    floated
}

/// Cancels all open orders that fit. Returns their names.
pub fn cancel_all(desk: &mut Desk<'_>, fits: impl Fn(&crate::ledger::Order) -> bool) -> Vec<u64> {
    let open: Vec<u64> = desk
        .ledger
        .orders
        .values()
        .filter(|order| order.status.is_open() && fits(order))
        .map(|order| order.id)
        .collect();
    for id in &open {
        desk.end(*id, Status::Cancelled);
    }
    open
}
