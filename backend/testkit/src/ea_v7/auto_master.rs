//! A master's EA that runs by itself: it signals what happens at its broker on its chart's symbol.

mod signals;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use rust_decimal::Decimal;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use super::auto_follower::account_line;
use super::link::Link;
use super::pace::{Pace, field};
use super::terminal::Terminal;
use crate::broker::{Broker, By, DEFAULT_MAGIC, Position};

/// How a master's EA behaves.
#[derive(Debug, Clone)]
pub struct MasterManners {
    /// Where it runs.
    pub terminal: Terminal,
    /// How fast its clocks run.
    pub pace: Pace,
    /// Orders with this number are not signalled: a follower beside it made them.
    pub ignored_magic: i64,
    /// Least time between two lists of positions, at its pace. 15 min on MT5 and 5 on MT4.
    pub snapshot_every: Duration,
    /// The mode that it sets: once since it was loaded on MT5, with every connection on MT4.
    pub mode: Option<String>,
    /// Seconds between two `ACCOUNT` lines; a v7 EA sends none.
    pub reports_every: Option<Duration>,
}

impl MasterManners {
    /// A master in `terminal` with the times of the field.
    #[must_use]
    pub fn in_the_field(terminal: Terminal) -> Self {
        Self { pace: Pace::REAL, ..Self::fast(terminal) }
    }

    /// A master in `terminal` that lives twenty times as fast, for tests: it says twenty prices a second.
    #[must_use]
    pub fn fast(terminal: Terminal) -> Self {
        let minutes = if terminal == Terminal::Mt4 { 5 } else { 15 };
        Self {
            terminal,
            pace: Pace::fast(20),
            ignored_magic: DEFAULT_MAGIC,
            snapshot_every: Duration::from_mins(minutes),
            mode: None,
            reports_every: None,
        }
    }
}

/// A master in a task of its own; it ends when this value is dropped.
#[derive(Debug)]
pub struct AutoMaster {
    /// Trade here, and it signals.
    pub broker: Broker,
    is_let_in: watch::Receiver<bool>,
    task: JoinHandle<()>,
}

impl AutoMaster {
    /// Starts the EA of the chart of `symbol`. A master has one for every chart, all with the same key and broker.
    #[must_use]
    pub fn start(
        gateway: SocketAddr,
        api_key: &str,
        symbol: &str,
        broker: Broker,
        manners: MasterManners,
    ) -> Self {
        let (let_in, is_let_in) = watch::channel(false);
        let master = Master {
            gateway,
            api_key: api_key.to_owned(),
            symbol: symbol.to_owned(),
            broker: broker.clone(),
            manners,
            link: None,
            let_in,
            is_mode_set: false,
            told_sizes: BTreeSet::new(),
            snapshot_at: None,
            priced_at: Instant::now(),
            alert_at: None,
            seen: broker.deals().len(),
            known: BTreeMap::new(),
        };
        Self { broker, is_let_in, task: tokio::spawn(master.run()) }
    }

    /// Waits until the server has let it in.
    pub async fn is_let_in(&self) {
        let mut is_let_in = self.is_let_in.clone();
        // Its end is the end of the EA, which ends with this value.
        let _ = is_let_in.wait_for(|is_let_in| *is_let_in).await;
    }

    /// Whether the server has let it in, as far as the EA knows.
    #[must_use]
    pub fn is_live(&self) -> bool {
        *self.is_let_in.borrow()
    }
}

impl Drop for AutoMaster {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Master {
    gateway: SocketAddr,
    api_key: String,
    symbol: String,
    broker: Broker,
    manners: MasterManners,
    link: Option<Link>,
    let_in: watch::Sender<bool>,
    is_mode_set: bool,
    told_sizes: BTreeSet<String>,
    snapshot_at: Option<Instant>,
    /// When a price or a `PING` could last be sent.
    priced_at: Instant,
    alert_at: Option<Instant>,
    /// MT5: deals that were looked at.
    seen: usize,
    /// MT4: what it had open at the last look.
    known: BTreeMap<i64, (Position, Decimal)>,
}

impl Master {
    async fn run(mut self) {
        let mut changes = self.broker.watch();
        let mut timer = every(self.manners.pace.of(field::MASTER_TIMER));
        let mut report = every(self.manners.reports_every.unwrap_or(Duration::from_hours(1)));
        loop {
            tokio::select! {
                _ = timer.tick() => self.tick().await,
                // An MT5 EA is told of deals at once, an MT4 EA compares lists at its timer.
                _ = changes.changed(), if self.manners.terminal == Terminal::Mt5 => self.tell_deals().await,
                _ = report.tick(), if self.manners.reports_every.is_some() && *self.let_in.borrow() => {
                    let line = account_line(&self.broker);
                    if let Some(session) = &mut self.link { session.say(&line).await; }
                }
            }
        }
    }

    async fn tick(&mut self) {
        if self.link.as_ref().is_none_or(Link::is_lost) {
            self.connect().await;
        }
        while let Some(line) = self.link.as_mut().and_then(Link::try_line) {
            self.hear(&line).await;
        }
        if self.manners.terminal == Terminal::Mt4 && *self.let_in.borrow() {
            self.compare_lists().await;
        }
        self.alert().await;
        self.price().await;
    }

    /// Connects and presents the key, without a pause between two tries.
    async fn connect(&mut self) {
        self.let_in.send_replace(false);
        let within = self.manners.pace.of(field::CONNECT).max(Duration::from_millis(500));
        self.link = Link::open(self.gateway, &self.api_key, self.manners.terminal, within).await;
        self.priced_at = Instant::now();
    }

    /// Words are looked for anywhere in a line, before it is split.
    async fn hear(&mut self, line: &str) {
        if line.contains("AUTH_OK") {
            return self.let_in().await;
        }
        if line.contains("SNAPSHOT_OK") {
            return;
        }
        let by = By::Command(line.to_owned());
        match line.split('|').collect::<Vec<_>>().as_slice() {
            ["CMD_SYNC_CLOSE", ticket, ..] => {
                if let Ok(ticket) = ticket.parse() {
                    self.broker.close_by(ticket, by);
                }
            }
            // Everything on its chart, that of an ignored magic too.
            ["CMD_CLOSE_ALL", ..] => {
                for (ticket, position) in self.broker.positions() {
                    if position.symbol == self.symbol {
                        self.broker.close_by(ticket, by.clone());
                    }
                }
            }
            // `CMD_STOP` changes the comment on the chart only.
            _ => {}
        }
    }

    async fn let_in(&mut self) {
        self.let_in.send_replace(true);
        let is_mt4 = self.manners.terminal == Terminal::Mt4;
        if is_mt4 {
            // What changed while it was away is never signalled.
            self.known = self.on_chart();
        }
        let every = self.manners.pace.of(self.manners.snapshot_every);
        let is_due = self.snapshot_at.is_none_or(|at| at.elapsed() >= every);
        if is_due {
            self.snapshot_at = Some(Instant::now());
            let tickets: Vec<_> = self.on_chart().into_keys().collect();
            self.say(&format!("MASTER_SNAPSHOT:{}", self.manners.terminal.ticket_list(&tickets))).await;
        }
        let Some(mode) = self.manners.mode.clone() else { return };
        if is_mt4 || !self.is_mode_set {
            self.is_mode_set = true;
            self.say(&format!("CMD_SET_MODE|{mode}")).await;
        }
    }

    /// The price of the chart, let in or not. Whether it could be sent does not matter to the link; it only puts the
    /// `PING` off, and with it the list of positions that is sent beside it: so there is practically none.
    async fn price(&mut self) {
        let (bid, ask) = self.broker.market().quote(&self.symbol);
        let line = format!("CMD_PRICE|{}|{bid}|{ask}", self.symbol);
        let Some(session) = &mut self.link else { return };
        if session.say(&line).await {
            self.priced_at = Instant::now();
        } else if self.priced_at.elapsed() > self.manners.pace.of(field::PING) {
            session.send("PING").await;
            self.priced_at = Instant::now();
        }
    }

    /// Every second in real time, whatever the pace, while one position is left and its margin is short.
    async fn alert(&mut self) {
        let level = self.broker.margin_level().unwrap_or_default();
        let is_short = level > Decimal::ZERO
            && level <= Decimal::from(50)
            && self.broker.positions().len() == 1
            && self.alert_at.is_none_or(|at| at.elapsed() >= field::MASTER_ALERT);
        if is_short {
            let now = Some(Instant::now());
            (self.alert_at, self.snapshot_at) = (now, now);
            self.say(&format!("ALERT_STOP_OUT|MarginLevel:{level:.2}")).await;
        }
    }

    async fn say(&mut self, line: &str) {
        if let Some(session) = &mut self.link {
            session.say(line).await;
        }
    }
}

fn every(pause: Duration) -> Interval {
    let mut timer = interval(pause);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    timer
}
