//! Random faults, hands and restarts: in the end both books agree.
#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::time::Duration;

use flotilla_bingx_sim::chance::Chance;
use flotilla_bingx_sim::fault::{Mishap, Rule};
use flotilla_bingx_sim::ledger::Slot;
use flotilla_bingx_sim::request::HostName;
use rstest::rstest;

use crate::support::scene::{BTC, ORDER, Scene};

const STEPS: u32 = 30;
/// Until everything is settled: an order that was lost is conclusive after nine seconds, and each may be lost.
const SETTLED_WITHIN: Duration = Duration::from_secs(90);
const UNSETTLED: &str = "select count(*)::text from copy_orders
    where follower_account_id = $1 and state in ('planned', 'claimed', 'received', 'open', 'unconfirmed', 'closing')";

impl Scene {
    /// Answers of orders are lost, late and broken from now on.
    fn worsen(&self) {
        let lost = [
            Mishap::StatusAfter { status: 504 },
            Mishap::DropAfter,
            Mishap::HalfBody,
            Mishap::Hide { ms: 700, lost: true },
            Mishap::DropBefore,
            Mishap::Slow { ms: 300 },
        ];
        for mishap in lost {
            self.fault(Rule::of(mishap).on("POST", ORDER).permille(60));
        }
        for mishap in [Mishap::StatusBefore { status: 504 }, Mishap::Garbage, Mishap::OtherSymbol] {
            self.fault(Rule::of(mishap).on("GET", ORDER).permille(80));
        }
    }

    /// One step of anybody.
    async fn step(&mut self, chance: &mut Chance, number: u32, open: &mut Vec<u32>) {
        let uid = self.uid;
        if chance.permille(500) || open.is_empty() {
            self.enter("0.002", number).await;
            open.push(number);
        } else if chance.permille(800) {
            let at = usize::try_from(number).unwrap() % open.len();
            let ticket = open.remove(at);
            self.leave(ticket).await;
        } else if chance.permille(500) {
            self.exchange.with(|venue| {
                venue.at_desk(HostName::Demo, uid, |desk| desk.close_slot(BTC, Slot::Long, "MARKET"));
            });
        } else {
            self.world.stop().await;
            self.world.run().await;
            self.m = self.world.master_ea(&self.master).await;
        }
    }
}

#[rstest]
#[case(1)]
#[case(2)]
#[case(3)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_weather_each_order_is_placed_once_and_the_books_agree(#[case] seed: u64) {
    let mut s = Scene::new().await;
    let mut chance = Chance::new(seed);
    let mut open = Vec::new();
    s.worsen();

    for number in 1..=STEPS {
        s.step(&mut chance, number, &mut open).await;
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    for ticket in open {
        s.leave(ticket).await;
    }

    let settled = async {
        while s.world.text(UNSETTLED, s.follower.id).await != "0" {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let in_time = tokio::time::timeout(SETTLED_WITHIN, settled).await.is_ok();
    let states =
        "select coalesce(string_agg(state || coalesce('(' || reason_code || ')', ''), ' ' order by id), '')
        from copy_orders where follower_account_id = $1";
    let states = s.world.text(states, s.follower.id).await;
    assert!(in_time, "{states}");
    s.exchange.with(|venue| venue.faults.clear());
    assert!(states.contains("closed"), "something was copied: {states}");
    s.check().await;
}
