//! A master at an exchange, and a worker that dies while it stores what the master did: one signal for each order.

use flotilla_bingx_sim::request::{HostName, Params};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::venues::Scene;

const COINS: &str = "0.01";
const HELD: &str = "select coalesce(string_agg(trim_scale(open_lots)::text, ' '), '') from copy_orders";
const SIGNALS: &str = "select coalesce(string_agg(kind, ' ' order by id), '') from signals";

/// What the master does as the worker dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum During {
    Entry,
    Part,
    Exit,
}

use During::{Entry, Exit, Part};

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
    a_part_whose_commit_did_not_come_is_caught_up_with: "lead_storing=1*off->return", Part;
    a_part_that_was_stored_and_told_nobody_is_copied: "lead_stored=1*off->return", Part;
    a_part_that_was_not_claimed_is_closed: "venue_close_claiming=return", Part;
    a_part_that_was_claimed_and_not_sent_is_closed: "venue_close_claimed=return", Part;
    right_before_the_request_of_a_part_it_is_sent: "venue_sending=1*off->return", Part;
    a_part_whose_answer_was_not_stored_is_found: "venue_answered=1*off->return", Part;
    before_the_commit_of_the_answer_to_a_part_it_is_found: "venue_settling=2*off->return", Part;
    after_the_commit_of_the_fill_of_a_part_it_stands: "venue_settled=3*off->return", Part;
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
    if during != Entry {
        world.await_copies("open").await;
        lead.sell(if during == Part { "0.004" } else { COINS });
    }
    world.await_death().await;
    assert!(world.start(""));

    if during == Entry {
        world.await_copies("open").await;
        assert_eq!(scene.books(), (1, Decimal::new(1, 2)), "one order, one position");
        lead.order("SELL");
    }
    let mut orders = 2;
    if during == Part {
        world.await_text(HELD, "0.006").await;
        assert_eq!(scene.books(), (2, Decimal::new(6, 3)), "one order closed a part");
        lead.sell("0.006");
        orders = 3;
    }
    world.await_copies("closed").await;
    assert_eq!(scene.books(), (orders, Decimal::ZERO), "nothing twice");
    lead.order("BUY");
    world.await_copies("closed open").await;
    assert_eq!(scene.books(), (orders + 1, Decimal::new(1, 2)), "a further trade works");
    let signals = if during == Part { "open partial close open" } else { "open close open" };
    world.await_text(SIGNALS, signals).await;
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
        self.place(side, COINS);
    }

    fn sell(&self, coins: &str) {
        self.place("SELL", coins);
    }

    fn place(&self, side: &str, coins: &str) {
        let pairs = [
            ("symbol", "BTC-USDT"),
            ("side", side),
            ("positionSide", "LONG"),
            ("type", "MARKET"),
            ("quantity", coins),
        ];
        let params = Params::of_values(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        let place = |venue: &mut flotilla_bingx_sim::venue::Venue| {
            venue.at_desk(HostName::Demo, self.uid, |desk| desk.place(&params).unwrap())
        };
        self.scene.server.shared.with(place).unwrap();
    }
}
