//! The bulk statement that plans copies against the definition of their size.

#![expect(clippy::unwrap_used, reason = "a database that cannot be filled is a failed test")]

use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::settings::{CopySettings, SizingMode};
use flotilla_domain::copy::sizing::sized;
use flotilla_domain::id::{AccountId, NodeId, OwnerId, SignalId};
use flotilla_domain::lots::Lots;
use flotilla_domain::side::Side;
use flotilla_domain::signal::{OpenSignal, SignalKind};
use flotilla_domain::ticket::Ticket;
use flotilla_store::signals::{self, Accepted, FanOut, NewCopy, Origin};
use flotilla_store::{Db, StoreError};
use flotilla_testkit::db::TestDb;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;
use tokio_postgres::Client;
use uuid::Uuid;

const FOLLOWERS: usize = 120;
const SIGNALS: usize = 12;

/// Where a follower's session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    Here,
    Elsewhere,
    JustLeft,
    Away,
    Never,
}

#[derive(Debug, Clone)]
struct Follower {
    account: Uuid,
    settings: CopySettings,
    state: &'static str,
    presence: Presence,
}

fn hundredths(range: std::ops::Range<i64>) -> impl Strategy<Value = Decimal> {
    range.prop_map(|value| Decimal::new(value, 2))
}

fn follower() -> impl Strategy<Value = Follower> {
    let sizing = prop_oneof![Just(SizingMode::Same), Just(SizingMode::Multiplier), Just(SizingMode::Fixed)];
    let limit = |range| prop::option::weighted(0.4, hundredths(range));
    let step = prop::option::weighted(
        0.6,
        prop_oneof![Just(Decimal::new(1, 2)), Just(Decimal::new(3, 2)), Just(Decimal::new(25, 3))],
    );
    let state =
        prop_oneof![6 => Just("active"), 1 => Just("paused"), 1 => Just("close_only"), 1 => Just("pending")];
    let presence = prop_oneof![
        4 => Just(Presence::Here),
        1 => Just(Presence::Elsewhere),
        1 => Just(Presence::JustLeft),
        1 => Just(Presence::Away),
        1 => Just(Presence::Never)
    ];
    (sizing, hundredths(1..1_000), limit(1..500), limit(1..500), step, state, presence).prop_map(
        |(sizing, value, min_lots, max_lots, lot_step, state, presence)| Follower {
            account: Uuid::new_v4(),
            settings: CopySettings { sizing, value, min_lots, max_lots, lot_step, ..CopySettings::default() },
            state,
            presence,
        },
    )
}

/// What the definition says: state, reason by absence of a size or a connection, and lots.
fn expected(follower: &Follower, lots: Lots) -> Option<(CopyState, Decimal)> {
    let size = sized(&follower.settings, lots);
    match (follower.state, size, follower.presence) {
        ("pending", ..) => None,
        ("active", Some(size), Presence::Here) => Some((CopyState::Claimed, size.value())),
        ("active", Some(size), Presence::Elsewhere | Presence::JustLeft) => {
            Some((CopyState::Planned, size.value()))
        }
        ("active", Some(size), Presence::Away | Presence::Never) => Some((CopyState::Skipped, size.value())),
        ("active", None, _) => Some((CopyState::Skipped, Decimal::ZERO)),
        // Held back before its size matters.
        (_, size, _) => Some((CopyState::Skipped, size.map_or(Decimal::ZERO, Lots::value))),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statement_and_definition_agree_on_every_follower() {
    let db = TestDb::new().await;
    let sql = db.admin().await;
    let store = Db::connect(&db.worker_url, 2).unwrap();
    let mut runner = TestRunner::deterministic();
    let world = World::new(&sql).await;
    let followers: Vec<Follower> =
        (0..FOLLOWERS).map(|_| follower().new_tree(&mut runner).unwrap().current()).collect();
    for follower in &followers {
        world.add(&sql, follower).await;
    }

    for ticket in 1..=i64::try_from(SIGNALS).unwrap() {
        let lots = Lots::new(hundredths(1..800).new_tree(&mut runner).unwrap().current()).unwrap();
        let accepted = world.accept(&store, ticket, lots, 1_000).await;
        for follower in &followers {
            let copy = copy_of(&accepted, follower);
            let found = copy.map(|copy| (copy.state, copy.lots.normalize()));
            let wanted = expected(follower, lots).map(|(state, lots)| (state, lots.normalize()));
            let held_back = follower.state != "active";
            assert!(
                found == wanted || (held_back && found.map(|copy| copy.0) == wanted.map(|copy| copy.0)),
                "{found:?} instead of {wanted:?} for {} lots and {follower:?}",
                lots.value()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_first_chunk_is_born_claimed() {
    let db = TestDb::new().await;
    let sql = db.admin().await;
    let store = Db::connect(&db.worker_url, 2).unwrap();
    let world = World::new(&sql).await;
    for _ in 0..5 {
        let settings = CopySettings::default();
        let account = Uuid::new_v4();
        world.add(&sql, &Follower { account, settings, state: "active", presence: Presence::Here }).await;
    }

    let accepted = world.accept(&store, 1, Lots::new(Decimal::ONE).unwrap(), 2).await;

    let count = |state| accepted.copies.iter().filter(|copy| copy.state == state).count();
    assert_eq!((count(CopyState::Claimed), count(CopyState::Planned)), (2, 3));
    assert!(accepted.copies.iter().all(|copy| copy.epoch.is_some() == (copy.state == CopyState::Claimed)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_is_stored_once_for_ever() {
    let db = TestDb::new().await;
    let sql = db.admin().await;
    let store = Db::connect(&db.worker_url, 2).unwrap();
    let world = World::new(&sql).await;
    let lots = Lots::new(Decimal::ONE).unwrap();
    world.accept(&store, 1, lots, 2).await;

    let again = world.try_accept(&store, 1, lots, 2).await;

    assert!(again.is_err_and(|error| error.is_constraint("signals_once")));
}

fn copy_of<'a>(accepted: &'a Accepted, follower: &Follower) -> Option<&'a NewCopy> {
    accepted.copies.iter().find(|copy| copy.follower_id.uuid() == follower.account)
}

/// A master whose followers are planned for.
struct World {
    owner: Uuid,
    master: Uuid,
    node: Uuid,
}

impl World {
    async fn new(sql: &Client) -> Self {
        let (owner, master, node) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
        sql.batch_execute(&format!(
            "insert into users (id, email, name, password_hash) values ('{owner}', 'ada@example.com', 'Ada', '');
             insert into accounts (id, owner_id, name, platform, copy_role)
                values ('{master}', '{owner}', 'lead', 'mt5', 'master');
             insert into masters (account_id, owner_id, name, token) values ('{master}', '{owner}', 'lead', 'MST-1')"
        ))
        .await
        .unwrap();
        Self { owner, master, node }
    }

    async fn add(&self, sql: &Client, follower: &Follower) {
        let Self { owner, master, node } = self;
        let Follower { account, settings, state, presence } = follower;
        let optional = |value: Option<Decimal>| value.map_or("null".to_owned(), |value| value.to_string());
        let session = |node: &Uuid, sockets: i32, left: &str| {
            format!(
                "insert into sessions (account_id, owner_id, epoch, node_id, sockets, disconnected_at)
                 values ('{account}', '{owner}', 3, '{node}', {sockets}, {left});"
            )
        };
        let session = match presence {
            Presence::Here => session(node, 1, "null"),
            Presence::Elsewhere => session(&Uuid::new_v4(), 1, "null"),
            Presence::JustLeft => session(node, 0, "now()"),
            Presence::Away => session(node, 0, "now() - interval '1 hour'"),
            Presence::Never => String::new(),
        };
        sql.batch_execute(&format!(
            "insert into accounts (id, owner_id, name, platform, copy_role)
                values ('{account}', '{owner}', 'copy', 'mt5', 'follower');
             insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source, state,
                sizing, sizing_value, min_lots, max_lots, lot_step, max_age_s)
             values ('{owner}', '{account}', '{master}', 'lead', 'web', '{state}', '{}', {}, {}, {}, {}, 120);
             {session}",
            settings.sizing.as_str(),
            settings.value,
            optional(settings.min_lots),
            optional(settings.max_lots),
            optional(settings.lot_step),
        ))
        .await
        .unwrap();
    }

    async fn accept(&self, store: &Db, ticket: i64, lots: Lots, chunk: i64) -> Accepted {
        self.try_accept(store, ticket, lots, chunk).await.unwrap()
    }

    async fn try_accept(
        &self,
        store: &Db,
        ticket: i64,
        lots: Lots,
        chunk: i64,
    ) -> Result<Accepted, StoreError> {
        let origin = Origin {
            signal_id: SignalId::from_uuid(Uuid::now_v7()),
            master_id: AccountId::from_uuid(self.master),
            owner_id: OwnerId::from_uuid(self.owner),
            epoch: 1,
            line_hash: [0; 32],
            age_us: 1_000,
        };
        let signal = OpenSignal {
            side: Side::Buy,
            symbol: "XAUUSD".parse().unwrap(),
            price: "2030.50".parse().unwrap(),
            lots,
            stop_loss: None,
            take_profit: None,
            ticket: Ticket::new(ticket).unwrap(),
        };
        let fan_out = FanOut { node: NodeId::from_uuid(self.node), chunk, is_copied: true };
        store
            .open(async |tx| signals::accept(tx, &origin, &signal, (SignalKind::Open, 0), fan_out).await)
            .await
    }
}
