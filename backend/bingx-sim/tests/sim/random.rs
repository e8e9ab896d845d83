//! Random runs: many accounts, many faults, and what must hold whatever happens.
//!
//! `FLOTILLA_SIM_STEPS` and `FLOTILLA_SIM_SEED` make longer and other runs; a run that fails names its seed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use flotilla_bingx_sim::chance::Chance;
use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::profile::{Era, Profile};
use flotilla_bingx_sim::request::HostName;
use flotilla_bingx_sim::venue::Venue;
use flotilla_exchange::bingx::Found;
use flotilla_exchange::bingx::client::{Account, BingX, Settings, Turn};
use flotilla_exchange::bingx::contract::Contract;
use flotilla_exchange::bingx::endpoint::Environment;
use flotilla_exchange::bingx::id::ClientOrderId;
use flotilla_exchange::bingx::model::{Direction, PositionMode};
use flotilla_exchange::bingx::order::{Exit, NewOrder, OrderKind, Terms, WorkingType};
use flotilla_exchange::limits::Priority;
use flotilla_exchange::outcome::Outcome;
use rust_decimal::Decimal;
use tokio::time::Instant;

use crate::support::{InProcess, START_MS, btc, credentials};

const ACCOUNTS: usize = 20;

/// What is known of an intent. Written down before its order is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Sent,
    Accepted,
    /// Refused, not sent, or looked for in vain.
    Dead,
}

struct Trader {
    uid: u64,
    account: Account,
    journal: BTreeMap<String, Fate>,
    made: u32,
}

struct Run {
    net: Arc<InProcess>,
    contract: Arc<Contract>,
    traders: Vec<Trader>,
    chance: Chance,
    /// The longest that a position was without enough stops, from the look that saw it.
    longest_bare: Duration,
}

/// The policy's limit for that.
const LONGEST_BARE: Duration = Duration::from_mins(2);

fn variable(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn turn() -> Turn {
    Turn::within(Priority::Protect, Duration::from_mins(2))
}

fn faults() -> Vec<Rule> {
    let on_orders = |mishap, permille| Rule::of(mishap).on("POST", "/trade/order").permille(permille);
    vec![
        on_orders(Mishap::StatusAfter { status: 504 }, 30),
        on_orders(Mishap::StatusBefore { status: 502 }, 30),
        on_orders(Mishap::DropAfter, 30),
        on_orders(Mishap::DropBefore, 20),
        on_orders(Mishap::HalfBody, 20),
        on_orders(Mishap::Hide { ms: 4_000, lost: false }, 20),
        on_orders(Mishap::Hide { ms: 9_000, lost: true }, 20),
        on_orders(Mishap::Slow { ms: 30_000 }, 10),
        on_orders(Mishap::LoseExits, 50),
        on_orders(Mishap::Refuse { code: 80_012, text: "service is busy".to_owned() }, 10),
        on_orders(Mishap::Refuse { code: 80_020, text: "risk forbidden".to_owned() }, 10),
        Rule::of(Mishap::Garbage).on("GET", "/trade/order").permille(30),
        Rule::of(Mishap::StatusBefore { status: 500 }).on("GET", "/user/positions").permille(30),
        Rule::of(Mishap::DropBefore).permille(5),
    ]
}

impl Run {
    async fn new(seed: u64) -> Self {
        let mut venue = Venue::new(seed, START_MS);
        venue.walk_every_ms = 5_000;
        venue.profile = Profile { era: Era::Messy, ..Profile::default() };
        let uids: Vec<u64> = (0..ACCOUNTS)
            .map(|index| venue.open_account(&format!("key{index}"), "secret", Decimal::from(10_000)))
            .collect();
        let net = InProcess::new(venue);
        let bingx = Arc::new(BingX::new(net.clone(), Settings::default()));
        let contracts = bingx.contracts(Environment::Live, "198.51.100.1").await.unwrap();
        let contract = contracts.get(&btc()).unwrap();
        let trader = |(index, uid): (usize, u64)| {
            let credentials = credentials(&format!("key{index}"));
            let account = bingx.account(Environment::Live, &uid.to_string(), credentials, "198.51.100.1");
            Trader { uid, account, journal: BTreeMap::new(), made: 0 }
        };
        let traders = uids.into_iter().enumerate().map(trader).collect();
        net.with(|venue| {
            for rule in faults() {
                venue.faults.add(rule);
            }
        });
        Self { net, contract, traders, chance: Chance::new(seed ^ 0x5EED), longest_bare: Duration::ZERO }
    }

    /// One thing that one trader does.
    async fn step(&mut self) {
        tokio::time::sleep(Duration::from_millis(self.chance.below(2_000))).await;
        let index = usize::try_from(self.chance.below(20)).unwrap();
        match self.chance.below(10) {
            0..=5 => self.open(index).await,
            6 | 7 => self.close(index).await,
            8 => {
                // Its owner closes by hand, in the app.
                let uid = self.traders[index].uid;
                self.net.with(|venue| {
                    venue.at_desk(HostName::Live, uid, |desk| {
                        let held = desk.ledger.positions.keys().next().cloned();
                        held.map(|(symbol, slot)| desk.close_slot(&symbol, slot, "MARKET"))
                    })
                });
            }
            _ => {
                let jump = if self.chance.permille(500) { 980 } else { 1_020 };
                self.net.with(|venue| {
                    let price =
                        venue.market(HostName::Live, "BTC-USDT").unwrap().last * Decimal::new(jump, 3);
                    venue.move_price(HostName::Live, "BTC-USDT", price.round_dp(1));
                });
            }
        }
        self.protect(index).await;
    }

    fn last(&self) -> Decimal {
        self.net.with(|venue| venue.market(HostName::Live, "BTC-USDT").unwrap().last)
    }

    fn named(&mut self, index: usize) -> ClientOrderId {
        let trader = &mut self.traders[index];
        trader.made += 1;
        let name = ClientOrderId::new(&format!("u{}n{}", trader.uid, trader.made)).unwrap();
        // The journal comes first.
        trader.journal.insert(name.as_str().to_owned(), Fate::Sent);
        name
    }

    async fn open(&mut self, index: usize) {
        let direction = if self.chance.permille(500) { Direction::Long } else { Direction::Short };
        let price = self.last();
        let away = if direction == Direction::Long { 990 } else { 1_010 };
        let stop = (price * Decimal::new(away, 3)).round_dp(1);
        let order = NewOrder {
            client_id: self.named(index),
            symbol: btc(),
            direction,
            opens: true,
            quantity: Decimal::new(i64::try_from(self.chance.below(20)).unwrap() + 1, 4),
            kind: OrderKind::Market,
            stop_loss: Some(Exit { trigger: stop, working: WorkingType::Mark }),
            take_profit: None,
        };
        self.send(index, &order).await;
    }

    async fn close(&mut self, index: usize) {
        let Ok(positions) = self.traders[index].account.positions(None, turn()).await else { return };
        let Some(position) = positions.first().cloned() else { return };
        let order = NewOrder {
            client_id: self.named(index),
            symbol: btc(),
            direction: position.direction,
            opens: false,
            quantity: position.quantity,
            kind: OrderKind::Market,
            stop_loss: None,
            take_profit: None,
        };
        self.send(index, &order).await;
    }

    /// Sends an order once and finds out what became of it, however long that takes.
    async fn send(&mut self, index: usize, order: &NewOrder) {
        let account = self.traders[index].account.clone();
        let sent_at = self.net.now_ms();
        let terms = Terms { mode: PositionMode::Hedge, contract: &self.contract, last_price: None };
        let fate = match account.place(order, terms, turn()).await {
            Outcome::Accepted(_) => Fate::Accepted,
            Outcome::Refused(_) | Outcome::NotSent(_) => Fate::Dead,
            Outcome::Unknown(_) => loop {
                match account.find_out(&btc(), &order.client_id, sent_at, turn()).await {
                    Ok(Found::Order(_)) => break Fate::Accepted,
                    Ok(Found::Absent) => break Fate::Dead,
                    Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
                }
            },
        };
        self.traders[index].journal.insert(order.client_id.as_str().to_owned(), fate);
    }

    /// Policy: a position without enough stops is closed.
    async fn protect(&mut self, index: usize) {
        let began = Instant::now();
        for _ in 0..20 {
            let account = self.traders[index].account.clone();
            let (Ok(positions), Ok(open)) =
                (account.positions(None, turn()).await, account.open_orders(None, turn()).await)
            else {
                continue;
            };
            let bare = positions.into_iter().find(|position| {
                let stops = open.iter().filter(|order| {
                    order.kind == "STOP_MARKET" && order.position_side == Some(position.direction.into())
                });
                stops.map(|order| order.quantity.unwrap_or_default()).sum::<Decimal>() < position.quantity
            });
            let Some(bare) = bare else {
                self.longest_bare = self.longest_bare.max(began.elapsed());
                return;
            };
            let order = NewOrder {
                client_id: self.named(index),
                symbol: btc(),
                direction: bare.direction,
                opens: false,
                quantity: bare.quantity,
                kind: OrderKind::Market,
                stop_loss: None,
                take_profit: None,
            };
            self.send(index, &order).await;
        }
        panic!("a position without a stop after twenty attempts");
    }

    /// What must hold now.
    fn check(&self) {
        assert!(self.longest_bare <= LONGEST_BARE, "bare for {:?}", self.longest_bare);
        self.net.with(|venue| {
            assert_eq!(venue.faults_of_books(), Vec::<String>::new());
            assert_eq!(venue.limits.refused, [0, 0, 0], "limits are kept");
            for trader in &self.traders {
                let ledger = venue.ledger(HostName::Live, trader.uid).unwrap();
                let named: HashMap<&str, u32> = ledger
                    .orders
                    .values()
                    .filter(|order| !order.client_id.is_empty())
                    .fold(HashMap::new(), |mut all, order| {
                        *all.entry(order.client_id.as_str()).or_default() += 1;
                        all
                    });
                for (name, count) in &named {
                    // No order without an entry, none of another tenant, no two for one intent.
                    assert_eq!((trader.journal.get(*name), *count), (Some(&Fate::Accepted), 1), "{name}");
                }
                for (name, fate) in &trader.journal {
                    assert_eq!(
                        named.contains_key(name.as_str()),
                        *fate == Fate::Accepted,
                        "{name}: {fate:?}"
                    );
                }
                let demo = venue.ledger(HostName::Demo, trader.uid).unwrap();
                assert!(demo.orders.is_empty(), "the other host is not touched");
            }
        });
    }
}

/// Names the seed when the run fails, wherever that is.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("to see this run again: FLOTILLA_SIM_SEED={}", self.0);
        }
    }
}

async fn run(seed: u64, steps: u64) -> (usize, u64, String) {
    let _named = Named(seed);
    let mut run = Run::new(seed).await;
    for step in 1..=steps {
        run.step().await;
        if step % 50 == 0 || step == steps {
            run.check();
        }
    }
    run.net.with(|venue| {
        let books: Vec<String> = run
            .traders
            .iter()
            .map(|trader| venue.ledger(HostName::Live, trader.uid).unwrap().to_json().to_string())
            .collect();
        (venue.journal.len(), venue.faults.hits, books.concat())
    })
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_no_order_is_lost_or_doubled() {
    let steps = variable("FLOTILLA_SIM_STEPS", 300);
    let seed = variable("FLOTILLA_SIM_SEED", 1);
    let (requests, hits, _) = run(seed, steps).await;
    println!("seed {seed}: {steps} steps, {ACCOUNTS} accounts, {requests} requests, {hits} faults");
    assert!(hits > steps / 20, "seed {seed}: {hits} faults");
}

#[tokio::test(start_paused = true)]
async fn equal_seeds_give_equal_books() {
    let (first, again) = (run(5, 40).await, run(5, 40).await);
    assert_eq!(first, again);
    assert_ne!(first.2, run(6, 40).await.2);
}
