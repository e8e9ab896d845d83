//! A master at an exchange, and a worker that dies while it stores what the master did: one signal for each order.

use flotilla_bingx_sim::request::{HostName, Params};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::venues::Scene;

const COINS: &str = "0.01";
const SIGNALS: &str = "select coalesce(string_agg(kind, ' ' order by id), '') from signals";

/// What the master does as the worker dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum During {
    Entry,
    Exit,
}

use During::{Entry, Exit};

macro_rules! cells {
    ($($cell:ident: $at:literal, $during:expr;)+) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $cell() {
            run($at, $during).await;
        })+
    };
}

cells! {
    an_entry_whose_commit_did_not_come_is_caught_up_with: "lead_storing=return", Entry;
    an_entry_that_was_stored_and_told_nobody_is_copied: "lead_stored=return", Entry;
    an_exit_whose_commit_did_not_come_is_caught_up_with: "lead_storing=1*off->return", Exit;
    an_exit_that_was_stored_and_told_nobody_is_copied: "lead_stored=1*off->return", Exit;
}

async fn run(at: &str, during: During) {
    let scene = Scene::new().await;
    let world = &scene.world;
    let lead = Lead::of(&scene).await;
    assert!(world.start(at));
    scene.await_service().await;
    lead.await_begin().await;

    lead.order("BUY");
    if during == Exit {
        world.await_copies("open").await;
        lead.order("SELL");
    }
    world.await_death().await;
    assert!(world.start(""));

    if during == Entry {
        world.await_copies("open").await;
        assert_eq!(scene.books(), (1, Decimal::new(1, 2)), "one order, one position");
        lead.order("SELL");
    }
    world.await_copies("closed").await;
    assert_eq!(scene.books(), (2, Decimal::ZERO), "one order each way");
    lead.order("BUY");
    world.await_copies("closed open").await;
    assert_eq!(scene.books(), (3, Decimal::new(1, 2)), "a further trade works");
    world.await_text(SIGNALS, "open close open").await;
    world.invariants().assert_hold().await;
}

/// A master at the exchange that the follower there copies.
struct Lead<'a> {
    scene: &'a Scene,
    id: Uuid,
    uid: u64,
}

impl<'a> Lead<'a> {
    async fn of(scene: &'a Scene) -> Self {
        let (id, uid) = scene.connect("master").await;
        let sql = &scene.world.sql;
        let offer = "insert into masters (account_id, owner_id, name, token)
            select id, owner_id, 'lead at the exchange', id::text from accounts where id = $1";
        sql.execute(offer, &[&id]).await.unwrap();
        let follower = "delete from subscriptions returning follower_account_id";
        let follower: Uuid = sql.query_one(follower, &[]).await.unwrap().get(0);
        scene.follow(follower, id).await;
        Self { scene, id, uid }
    }

    /// What happens before the first look is written down is nobody's signal.
    async fn await_begin(&self) {
        let begun = format!(
            "select count(*)::text from venue_accounts where account_id = '{}' and leads_from is not null",
            self.id
        );
        self.scene.world.await_text(&begun, "1").await;
    }

    /// The owner places a market order in the exchange's own app.
    fn order(&self, side: &str) {
        let pairs = [
            ("symbol", "BTC-USDT"),
            ("side", side),
            ("positionSide", "LONG"),
            ("type", "MARKET"),
            ("quantity", COINS),
        ];
        let params = Params::of_values(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        let place = |venue: &mut flotilla_bingx_sim::venue::Venue| {
            venue.at_desk(HostName::Demo, self.uid, |desk| desk.place(&params).unwrap())
        };
        self.scene.server.shared.with(place).unwrap();
    }
}
