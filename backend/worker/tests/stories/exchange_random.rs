//! Random runs of a worker before an exchange at which everything goes wrong.
//!
//! `FLOTILLA_VENUE_STEPS`, `FLOTILLA_VENUE_ACCOUNTS` and `FLOTILLA_VENUE_SEED` make longer, larger and other runs. Chance
//! is the seed's; in which order requests meet their faults is the machine's.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a run that cannot go on has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use flotilla_bingx_sim::chance::Chance;
use flotilla_bingx_sim::fault::{Mishap, Rule, StreamMishap};
use flotilla_bingx_sim::profile::{Era, Profile};
use flotilla_bingx_sim::request::HostName;
use flotilla_engine::exits::is_name_of_exit;
use flotilla_testkit::ea_v7::MasterEa;
use flotilla_testkit::invariants::Invariants;
use rust_decimal::Decimal;
use tokio::time::Instant;
use uuid::Uuid;

use crate::support::exchange::Exchange;
use crate::support::{Account, World};

/// What a master calls it, what the exchange calls it, and what it costs at first.
const MARKETS: [(&str, &str, i64); 2] = [("BTCUSD", "BTC-USDT", 100_000), ("ETHUSD", "ETH-USDT", 4_000)];
/// Longer than anything awaited takes; never a measure of speed.
const PATIENCE: Duration = Duration::from_mins(4);
/// What has not come to its end.
const UNSETTLED: &str = "select coalesce(string_agg(state || ' ' || n, ', ' order by state), '') from (
        select state, count(*) as n from copy_orders
        where master_account_id = $1 and state not in ('closed', 'failed', 'skipped') group by state
        union all
        select 'order ' || v.state, count(*) from venue_orders v
        join accounts a on a.id = $1 where v.state in ('intended', 'accepted', 'unknown') group by v.state) as s";
const OUTCOMES: &str = "select coalesce(string_agg(outcome || ' ' || n, ', ' order by outcome), '') from (
        select state || coalesce('(' || reason_code || ')', '') as outcome, count(*) as n
        from copy_orders where master_account_id = $1 group by 1) as s";

fn variable(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Names the seed when the run fails, wherever that is.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("to see this run again: FLOTILLA_VENUE_SEED={}", self.0);
        }
    }
}

fn faults() -> Vec<Rule> {
    let on_orders = |mishap, permille| Rule::of(mishap).on("POST", "trade/order").permille(permille);
    let on_cancels = |mishap, permille| Rule::of(mishap).on("DELETE", "trade/order").permille(permille);
    let refuse = |code, text: &str| Mishap::Refuse { code, text: text.to_owned() };
    vec![
        on_orders(Mishap::StatusAfter { status: 504 }, 30),
        on_orders(Mishap::StatusBefore { status: 502 }, 30),
        on_orders(Mishap::DropAfter, 30),
        on_orders(Mishap::DropBefore, 20),
        on_orders(Mishap::HalfBody, 20),
        on_orders(Mishap::Garbage, 10),
        on_orders(Mishap::Hide { ms: 2_000, lost: false }, 20),
        on_orders(Mishap::Hide { ms: 4_000, lost: true }, 20),
        on_orders(Mishap::Slow { ms: 1_500 }, 20),
        on_orders(Mishap::LoseExits, 100),
        on_orders(refuse(80_012, "service is busy"), 10),
        on_orders(refuse(101_204, "Insufficient margin"), 10),
        on_orders(refuse(100_410, "rate limited"), 10),
        on_cancels(Mishap::StatusAfter { status: 504 }, 50),
        on_cancels(Mishap::StatusBefore { status: 502 }, 50),
        on_cancels(Mishap::DropAfter, 50),
        Rule::of(Mishap::Garbage).on("GET", "trade/openOrders").permille(30),
        Rule::of(Mishap::Garbage).on("GET", "trade/order").permille(30),
        Rule::of(Mishap::StatusBefore { status: 500 }).on("GET", "user/positions").permille(30),
        Rule::of(Mishap::DropBefore).permille(5),
    ]
}

struct Follower {
    account: Account,
    uid: u64,
}

struct Run {
    seed: u64,
    exchange: Exchange,
    world: World,
    master: Account,
    m: MasterEa,
    followers: Vec<Follower>,
    chance: Chance,
    prices: [Decimal; 2],
    /// Tickets of trades that the master holds, with their instrument.
    held: BTreeMap<u64, usize>,
    tickets: u64,
}

impl Run {
    async fn new(seed: u64, accounts: u64) -> Self {
        let exchange = Exchange::start().await;
        exchange.with(|venue| {
            // A busy machine is late with what it stamped.
            venue.profile = Profile { era: Era::Messy, window_ms: 60_000, ..Profile::default() };
        });
        for (_, contract, price) in MARKETS {
            exchange.move_price(contract, &price.to_string());
        }
        let mut settings = exchange.config();
        settings.timing.positions = Duration::from_secs(1);
        settings.timing.prices = Duration::from_secs(1);
        settings.timing.fees = Duration::from_millis(500);
        let world = World::start_with(|config| config.exchange = Some(settings)).await;
        let master = world.master().await;
        let mut followers = Vec::new();
        for _ in 0..accounts {
            followers.push(follower(&world, &exchange, &master).await);
        }
        let m = world.master_ea(&master).await;
        let run = Self {
            seed,
            exchange,
            world,
            master,
            m,
            followers,
            chance: Chance::new(seed),
            prices: MARKETS.map(|(_, _, price)| Decimal::from(price)),
            held: BTreeMap::new(),
            tickets: 0,
        };
        run.await_service().await;
        run.exchange.with(|venue| faults().into_iter().for_each(|rule| venue.faults.add(rule)));
        run
    }

    /// All accounts are served, and their positions were looked at.
    async fn await_service(&self) {
        let served = "select count(*) filter (where sockets > 0 and opens_from is null)::text from sessions
            where venue = 'bingx' and account_id <> $1";
        self.await_text(served, &self.followers.len().to_string()).await;
    }

    /// Waits until a query about the master answers `expected`.
    async fn await_text(&self, query: &str, expected: &str) {
        let began = Instant::now();
        loop {
            let found = self.world.text(query, self.master.id).await;
            if found == expected {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "seed {}: {found:?} instead of {expected:?}", self.seed);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn step(&mut self) {
        tokio::time::sleep(Duration::from_millis(self.chance.below(100))).await;
        match self.chance.below(20) {
            0..=8 => self.enter().await,
            9..=14 => self.leave().await,
            15 | 16 => self.move_market(),
            17 => self.close_by_hand(),
            18 => self.spoil_stream(),
            _ => tokio::time::sleep(Duration::from_millis(300)).await,
        }
    }

    fn draw(&mut self, limit: usize) -> usize {
        usize::try_from(self.chance.below(u64::try_from(limit).unwrap())).unwrap()
    }

    async fn enter(&mut self) {
        self.tickets += 1;
        let market = self.draw(MARKETS.len());
        let price = self.prices[market];
        let lots = Decimal::new(i64::try_from(self.chance.below(9)).unwrap() + 1, 2 + u32::from(market == 0));
        let (side, away) = if self.chance.permille(500) { ("BUY", 970) } else { ("SELL", 1_030) };
        let stop = if self.chance.permille(500) { price * Decimal::new(away, 3) } else { Decimal::ZERO };
        let (symbol, ticket) = (MARKETS[market].0, self.tickets);
        self.m.open(&format!("{side}|{symbol}|{price}|{lots}|{}|0|{ticket}", stop.round_dp(1))).await;
        self.held.insert(ticket, market);
    }

    async fn leave(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let at = self.draw(self.held.len());
        let ticket = *self.held.keys().nth(at).unwrap();
        self.leave_one(ticket).await;
    }

    async fn leave_one(&mut self, ticket: u64) {
        let Some(market) = self.held.remove(&ticket) else { return };
        self.m.close(&format!("{}|{ticket}|{}|0.00", MARKETS[market].0, self.prices[market])).await;
    }

    fn move_market(&mut self) {
        let market = self.draw(MARKETS.len());
        let by = if self.chance.permille(500) { 990 } else { 1_010 };
        self.prices[market] = (self.prices[market] * Decimal::new(by, 3)).round_dp(1);
        self.exchange.move_price(MARKETS[market].1, &self.prices[market].to_string());
    }

    /// An owner closes a position in the exchange's app.
    fn close_by_hand(&mut self) {
        let at = self.draw(self.followers.len());
        let uid = self.followers[at].uid;
        self.exchange.with(|venue| {
            venue.at_desk(HostName::Demo, uid, |desk| {
                let held = desk.ledger.positions.keys().next().cloned();
                held.map(|(symbol, slot)| desk.close_slot(&symbol, slot, "MARKET"))
            })
        });
    }

    fn spoil_stream(&mut self) {
        let at = self.draw(self.followers.len());
        let uid = self.followers[at].uid;
        let mishap = match self.chance.below(4) {
            0 => StreamMishap::Drop,
            1 => StreamMishap::Twice,
            2 => StreamMishap::Lose,
            _ => StreamMishap::Swap,
        };
        self.exchange.with(|venue| venue.stream_faults.entry(uid).or_default().push(mishap));
    }

    /// Another worker comes after this one.
    async fn restart(&mut self) {
        self.world.stop().await;
        self.world.run().await;
        self.m = self.world.master_ea(&self.master).await;
    }

    /// Ends the faults, has the master leave, and waits until nothing is open or on its way.
    async fn settle(&mut self) -> u64 {
        let hits = self.exchange.with(|venue| {
            venue.faults.clear();
            venue.faults.hits
        });
        self.await_exits().await;
        let tickets: Vec<u64> = self.held.keys().copied().collect();
        for ticket in tickets {
            self.leave_one(ticket).await;
        }
        self.await_text(UNSETTLED, "").await;
        self.await_exits().await;
        hits
    }

    /// Waits until stops and targets stand for what is held, and for nothing else.
    async fn await_exits(&self) {
        let began = Instant::now();
        loop {
            let books =
                self.followers.iter().map(|one| self.exchange.books(one.uid, one.account.id)).collect();
            let mut broken = Invariants::of(&self.world.sql).with_exchanges(books).broken().await;
            broken.retain(|offence| offence.starts_with("I16"));
            if broken.is_empty() {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "seed {}: {broken:?}", self.seed);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// What must hold at every moment: no order without its row, none of another's, none on the other host, no second
    /// open of a copy, and limits kept.
    async fn check_orders(&self) {
        // The exchange is read first: a row is committed before its order leaves.
        let there: Vec<(usize, String)> = self.exchange.with(|venue| {
            assert_eq!(venue.faults_of_books(), Vec::<String>::new(), "seed {}", self.seed);
            // Those of one account are of one second: how requests of a busy machine bunch on their way is its own.
            let [_, of_address, banned] = venue.limits.refused;
            assert_eq!([of_address, banned], [0, 0], "seed {}: limits are kept", self.seed);
            let mut there = Vec::new();
            for (at, follower) in self.followers.iter().enumerate() {
                assert!(venue.ledger(HostName::Live, follower.uid).unwrap().orders.is_empty());
                let orders = venue.ledger(HostName::Demo, follower.uid).unwrap().orders.values();
                there.extend(
                    orders
                        .filter(|order| !order.client_id.is_empty() && !is_name_of_exit(&order.client_id))
                        .map(|order| (at, order.client_id.clone())),
                );
            }
            there
        });
        let rows = self.rows().await;
        let mut seen = BTreeSet::new();
        let mut opened = BTreeSet::new();
        for (at, name) in there {
            let row = rows.get(&name);
            let row = row.unwrap_or_else(|| panic!("seed {}: {name} has no row", self.seed));
            assert_eq!(row.follower, self.followers[at].account.id, "seed {}: {name}", self.seed);
            assert!(seen.insert(name.clone()), "seed {}: {name} is there twice", self.seed);
            if row.leg == "open" {
                assert!(opened.insert(row.copy), "seed {}: a second open, {name}", self.seed);
            }
        }
    }

    async fn rows(&self) -> BTreeMap<String, Row> {
        let query =
            "select client_id, follower_account_id, copy_id, leg, state, filled::text from venue_orders
            where leg <> 'external'";
        let rows = self.world.sql.query(query, &[]).await.unwrap();
        let row = |row: tokio_postgres::Row| {
            let filled: String = row.get(5);
            let is = Row {
                follower: row.get(1),
                copy: row.get(2),
                leg: row.get(3),
                state: row.get(4),
                filled: filled.parse().unwrap(),
            };
            (row.get(0), is)
        };
        rows.into_iter().map(row).collect()
    }

    /// What must hold once all is settled: both books say the same, order by order, and nothing is held.
    async fn check_books(&self) {
        let seed = self.seed;
        self.world.check().await;
        for (name, row) in self.rows().await {
            let follower = self.followers.iter().find(|one| one.account.id == row.follower).unwrap();
            let filled = self.exchange.with(|venue| {
                let mut orders = venue.ledger(HostName::Demo, follower.uid).unwrap().orders.values();
                orders.find(|order| order.client_id == name).map(|order| order.filled)
            });
            let expected = (row.state == "filled").then_some(row.filled);
            assert_eq!(
                filled.filter(|filled| !filled.is_zero()),
                expected,
                "seed {seed}: {name} {}",
                row.state
            );
        }
        for follower in &self.followers {
            let held: Decimal = self.exchange.with(|venue| {
                let positions = &venue.ledger(HostName::Demo, follower.uid).unwrap().positions;
                positions.values().map(|one| one.quantity).sum()
            });
            assert_eq!(held, Decimal::ZERO, "seed {seed}: {} holds what no copy holds", follower.uid);
        }
    }
}

/// An order of ours as it is written down.
struct Row {
    follower: Uuid,
    copy: Uuid,
    leg: String,
    state: String,
    filled: Decimal,
}

/// Each is of an owner of its own.
async fn follower(world: &World, exchange: &Exchange, master: &Account) -> Follower {
    let account = world.account("follower", world.stranger().await).await;
    let uid = exchange.connect(world, &account).await;
    exchange.transfer(uid, "1000000");
    let insert = "insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source, state,
            max_age_s, max_deviation)
        values ($1, $2, $3, 'lead', 'web', 'active', 60, 0.5)";
    world.sql.execute(insert, &[&account.owner, &account.id, &master.id]).await.unwrap();
    Follower { account, uid }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_goes_wrong_no_order_is_lost_doubled_or_anothers() {
    let seed = variable("FLOTILLA_VENUE_SEED", 1);
    let (steps, accounts) = (variable("FLOTILLA_VENUE_STEPS", 40), variable("FLOTILLA_VENUE_ACCOUNTS", 4));
    let _named = Named(seed);
    let mut run = Run::new(seed, accounts).await;
    let restarts = [steps / 3, steps * 2 / 3];

    for step in 1..=steps {
        run.step().await;
        if restarts.contains(&step) {
            run.restart().await;
        }
        if step % 20 == 0 {
            run.check_orders().await;
        }
    }
    let hits = run.settle().await;

    run.check_orders().await;
    run.check_books().await;
    let outcomes = run.world.text(OUTCOMES, run.master.id).await;
    let requests = run.exchange.with(|venue| venue.journal.len());
    println!(
        "seed {seed}: {steps} steps, {accounts} accounts, {requests} requests, {hits} faults; {outcomes}"
    );
    assert!(hits > 0, "nothing went wrong");
}
