//! Masters that trade through everything, with the manners of the real EAs.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flotilla_testkit::ea_v7::{Terminal, Wire};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::world::{Account, World};

/// How long a socket that takes nothing is tried.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a master did, as it saw it.
#[derive(Debug, Default, Clone)]
pub struct Done {
    /// Tickets of which an entry was handed to the kernel; whether the trade is open.
    pub trades: BTreeMap<i64, bool>,
    /// Lines that could not be sent even on a new connection, which the real EAs forget.
    pub forgotten: usize,
}

/// One master and what it did.
#[derive(Debug)]
pub struct Leader {
    pub account: Account,
    pub done: Arc<Mutex<Done>>,
    is_ending: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Leader {
    /// It enters no further trade.
    pub fn end(&self) {
        self.is_ending.store(true, Ordering::SeqCst);
    }

    pub fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    pub fn done(&self) -> Done {
        self.done.lock().unwrap().clone()
    }

    fn open_tickets(&self) -> Vec<i64> {
        self.done().trades.into_iter().filter(|(_, is_open)| *is_open).map(|(ticket, _)| ticket).collect()
    }
}

pub fn start(world: &Arc<World>, seed: u64) -> Vec<Leader> {
    let masters = world.masters.iter().enumerate();
    masters
        .map(|(number, account)| {
            let (done, is_ending) = (Arc::default(), Arc::default());
            let dealer = Trader {
                gateway: world.gateway.address,
                key: account.key.clone(),
                wire: None,
                done: Arc::clone(&done),
                is_ending: Arc::clone(&is_ending),
                dice: StdRng::seed_from_u64(seed.wrapping_add(u64::try_from(number).unwrap() + 1)),
                first: i64::try_from(number).unwrap() * 10_000 + 1,
            };
            Leader { account: account.clone(), done, is_ending, task: tokio::spawn(dealer.trade()) }
        })
        .collect()
}

/// Waits until all have traded.
pub async fn stop(mut leaders: Vec<Leader>) -> Vec<Leader> {
    for leader in &mut leaders {
        (&mut leader.task).await.unwrap();
    }
    leaders
}

/// Every master comes back with its chart and the list of its open tickets.
pub async fn tell_all(world: &World, leaders: &[Leader]) {
    for (number, leader) in leaders.iter().enumerate() {
        let mut master = world.listing_master(number, &leader.open_tickets()).await;
        // An answered question: the lines before it were read.
        while let Some(line) = master.wire.line().await {
            if line == "SNAPSHOT_OK" {
                break;
            }
        }
        master.wire.send("CHECK_STATUS").await.unwrap();
        master.wire.expect_prefix("STATUS_").await;
    }
}

struct Trader {
    gateway: std::net::SocketAddr,
    key: String,
    wire: Option<Wire>,
    done: Arc<Mutex<Done>>,
    is_ending: Arc<AtomicBool>,
    dice: StdRng,
    first: i64,
}

impl Trader {
    async fn trade(mut self) {
        let mut ticket = self.first;
        while !self.is_ending.load(Ordering::SeqCst) {
            ticket += 1;
            let side = if self.dice.random_bool(0.5) { "BUY" } else { "SELL" };
            if self.send(&format!("SIGNAL_OPEN|{side}|XAUUSD|2030.50|0.10|0.00|0.00|{ticket}")).await {
                self.done.lock().unwrap().trades.insert(ticket, true);
            }
            self.pause().await;
            while self.dice.random_bool(0.55) {
                self.close_one().await;
                self.pause().await;
            }
        }
        // Four of five end with everything closed.
        while self.dice.random_bool(0.95) && self.close_one().await {
            self.pause().await;
        }
    }

    async fn close_one(&mut self) -> bool {
        let open: Vec<i64> = {
            let done = self.done.lock().unwrap();
            done.trades.iter().filter(|(_, is_open)| **is_open).map(|(ticket, _)| *ticket).collect()
        };
        if open.is_empty() {
            return false;
        }
        let ticket = open[self.dice.random_range(0..open.len())];
        self.send(&format!("SIGNAL_CLOSE|XAUUSD|{ticket}|2035.00000|45.00")).await;
        // Closed at its own broker, whoever hears of it.
        self.done.lock().unwrap().trades.insert(ticket, false);
        true
    }

    async fn pause(&mut self) {
        let millis = self.dice.random_range(20..400);
        sleep(Duration::from_millis(millis)).await;
        if self.dice.random_bool(0.3)
            && let Some(wire) = &mut self.wire
        {
            // A failing price line is ignored.
            let _ = wire.send("CMD_PRICE|XAUUSD|2030.50|2030.70").await;
        }
        if self.dice.random_bool(0.1) {
            self.list().await;
        }
    }

    /// Its open tickets, far more often than the real ones say them.
    async fn list(&mut self) {
        let open: Vec<i64> = {
            let done = self.done.lock().unwrap();
            done.trades.iter().filter(|(_, is_open)| **is_open).map(|(ticket, _)| *ticket).collect()
        };
        if let Some(wire) = &mut self.wire {
            let _ = wire.send(&format!("MASTER_SNAPSHOT:{}", Terminal::Mt5.ticket_list(&open))).await;
        }
    }

    /// Once on the connection it has; if that fails, once more on a new one without waiting for an answer; then it is
    /// forgotten.
    async fn send(&mut self, line: &str) -> bool {
        if let Some(wire) = &mut self.wire
            && matches!(timeout(PATIENCE, wire.send(line)).await, Ok(Ok(())))
        {
            return true;
        }
        self.wire = None;
        let Ok(mut wire) = Wire::connect(self.gateway).await else { return self.forget() };
        let again = format!("AUTH:{}\n{line}\n", self.key);
        if wire.send_bytes(again.as_bytes()).await.is_err() {
            return self.forget();
        }
        self.wire = Some(wire);
        true
    }

    fn forget(&self) -> bool {
        self.done.lock().unwrap().forgotten += 1;
        false
    }
}
