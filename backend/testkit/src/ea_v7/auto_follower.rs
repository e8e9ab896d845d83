//! A follower's EA that runs by itself.

mod orders;
mod positions;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use rust_decimal::Decimal;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep, sleep_until};

use super::link::Link;
use super::manners::Manners;
use super::pace::field;
use super::terminal::Terminal;
use crate::broker::Broker;

const NEVER: Duration = Duration::from_hours(1);

/// The `ACCOUNT` line of a broker's account: 100 USD of margin a position, leverage 100.
#[must_use]
pub fn account_line(broker: &Broker) -> String {
    let (balance, equity) = broker.balance_and_equity();
    let margin = Decimal::from(broker.positions().len()) * Decimal::ONE_HUNDRED;
    format!("ACCOUNT|{balance:.2}|{equity:.2}|{margin:.2}|{:.2}|USD|100", equity - margin)
}

/// A follower in a task of its own; it ends when this value is dropped.
#[derive(Debug)]
pub struct AutoFollower {
    /// What it did, by the broker's books.
    pub broker: Broker,
    task: JoinHandle<()>,
}

impl AutoFollower {
    /// Starts a follower that connects, subscribes and obeys, again and again.
    #[must_use]
    pub fn start(
        gateway: SocketAddr,
        api_key: &str,
        master_token: &str,
        broker: Broker,
        manners: Manners,
    ) -> Self {
        let follower = Follower {
            gateway,
            api_key: api_key.to_owned(),
            master_token: master_token.to_owned(),
            broker: broker.clone(),
            loaded_at: Instant::now(),
            manners,
            orders: 0,
            is_copying: true,
            is_subscribed: false,
            is_asynchronous: false,
            told_sizes: BTreeSet::new(),
            snapshot_at: None,
            seen: 0,
            known: BTreeSet::new(),
            due: Due::default(),
        };
        Self { broker, task: tokio::spawn(follower.run()) }
    }
}

impl Drop for AutoFollower {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Follower {
    gateway: SocketAddr,
    api_key: String,
    master_token: String,
    broker: Broker,
    manners: Manners,
    loaded_at: Instant,
    orders: usize,
    /// Begins true and outlives connections; only `STATUS_…` and `CMD_STOP` change it.
    is_copying: bool,
    is_subscribed: bool,
    /// After `CMD_STOP` an MT5 EA executes without ever acknowledging, until it is loaded again.
    is_asynchronous: bool,
    /// Symbols whose contract size was told since the EA was loaded.
    told_sizes: BTreeSet<String>,
    snapshot_at: Option<Instant>,
    /// MT5: deals that were looked at.
    seen: usize,
    /// MT4: its own tickets at the last look.
    known: BTreeSet<i64>,
    due: Due,
}

/// What the clock brings next.
#[derive(Debug, Default)]
struct Due {
    ping: Option<Instant>,
    alert: Option<Instant>,
    /// MT4: the next look at the list of positions.
    scan: Option<Instant>,
}

impl Due {
    fn next(&self) -> Instant {
        let all = [self.ping, self.alert, self.scan];
        all.into_iter().flatten().min().unwrap_or_else(|| Instant::now() + NEVER)
    }

    fn take(due: &mut Option<Instant>) -> bool {
        due.take_if(|at| *at <= Instant::now()).is_some()
    }
}

impl Follower {
    async fn run(mut self) {
        loop {
            let tried_at = Instant::now();
            let within = self.manners.pace.of(field::CONNECT).max(Duration::from_millis(500));
            let session = Link::open(self.gateway, &self.api_key, self.manners.terminal, within).await;
            if let Some(session) = session {
                self.live(session).await;
            }
            sleep_until(tried_at + self.manners.reconnect_after).await;
        }
    }

    /// From a connection to the moment at which the EA notices that it is dead.
    async fn live(&mut self, mut session: Link) {
        let mut changes = self.broker.watch();
        let mut report = self.reports();
        self.is_subscribed = false;
        self.seen = self.broker.deals().len();
        self.due = Due { ping: Some(Instant::now() + self.manners.pace.of(field::PING)), ..Due::default() };
        self.plan_alert();
        while !session.is_lost() {
            tokio::select! {
                line = session.line() => if let Some(line) = line {
                    self.wait_for_timer().await;
                    self.hear(&mut session, &line).await;
                    while let Some(line) = session.try_line() {
                        self.hear(&mut session, &line).await;
                    }
                },
                _ = changes.changed() => self.notice(&mut session).await,
                () = sleep_until(self.due.next()) => self.tick(&mut session).await,
                _ = report.tick(), if self.manners.reports_every.is_some() => {
                    session.say(&account_line(&self.broker)).await;
                }
            }
        }
    }

    fn reports(&self) -> Interval {
        let mut report = interval(self.manners.reports_every.unwrap_or(NEVER));
        report.set_missed_tick_behavior(MissedTickBehavior::Delay);
        report
    }

    /// The socket is looked at when the timer fires.
    async fn wait_for_timer(&self) {
        let timer = self.manners.pace.of(field::FOLLOWER_TIMER);
        let into = self.loaded_at.elapsed().as_nanos() % timer.as_nanos().max(1);
        sleep(timer.saturating_sub(Duration::from_nanos(u64::try_from(into).unwrap_or(0)))).await;
    }

    /// Words are looked for anywhere in a line, before it is split.
    async fn hear(&mut self, session: &mut Link, line: &str) {
        if line.contains("AUTH_OK") {
            session.say(&format!("SUBSCRIBE:{}", self.master_token)).await;
        } else if line.contains("SUBSCRIBE_OK") {
            self.subscribed(session).await;
        } else if !line.contains("SNAPSHOT_OK") && !line.contains("ERROR:INVALID_TOKEN") {
            self.obey(session, line).await;
        }
    }

    async fn subscribed(&mut self, session: &mut Link) {
        self.is_subscribed = true;
        self.known = self.own_tickets();
        self.send_due_snapshot(session).await;
        session.say("CHECK_STATUS").await;
    }

    async fn tick(&mut self, session: &mut Link) {
        if Due::take(&mut self.due.scan) {
            self.compare_lists(session).await;
        }
        if Due::take(&mut self.due.alert) && self.is_short_of_margin() {
            let level = self.broker.margin_level().unwrap_or_default();
            session.say(&format!("ALERT_STOP_OUT|MarginLevel:{level:.2}")).await;
            // The alert pushes the next list of positions back.
            self.snapshot_at = Some(Instant::now());
            self.plan_alert();
        }
        if Due::take(&mut self.due.ping) {
            session.send("PING").await;
            self.due.ping = Some(Instant::now() + self.manners.pace.of(field::PING));
            if self.is_subscribed && self.manners.snapshot_every.is_some() {
                self.send_due_snapshot(session).await;
            }
        }
    }

    async fn send_due_snapshot(&mut self, session: &mut Link) {
        let every = self.manners.pace.of(self.manners.snapshot_every.unwrap_or_default());
        if !self.manners.sends_snapshots || self.snapshot_at.is_some_and(|at| at.elapsed() < every) {
            return;
        }
        self.snapshot_at = Some(Instant::now());
        let tickets: Vec<_> = self.own_tickets().into_iter().collect();
        session.say(&format!("SLAVE_SNAPSHOT:{}", self.manners.terminal.ticket_list(&tickets))).await;
    }

    /// MT5 learns of deals at once, MT4 with its next timer.
    async fn notice(&mut self, session: &mut Link) {
        self.plan_alert();
        match self.manners.terminal {
            Terminal::Mt5 => self.tell_deals(session).await,
            Terminal::Mt4 => {
                let timer = self.manners.pace.of(field::FOLLOWER_TIMER);
                self.due.scan.get_or_insert(Instant::now() + timer);
            }
        }
    }
}
