//! Every rule of the checker goes red for the damage it is there for.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use flotilla_domain::side::Side;
use flotilla_testkit::broker::{Broker, By, Position};
use flotilla_testkit::db::TestDb;
use flotilla_testkit::invariants::Invariants;
use flotilla_testkit::ledger;
use flotilla_testkit::market::Market;
use tokio_postgres::Client;
use uuid::Uuid;

const FOLLOWER: Uuid = Uuid::from_u128(2);

/// One owner with a master and a follower, and one signal that was copied, answered and is open.
const SOUND: &str = "
    insert into users (id, email, name, password_hash) values
        ('00000000-0000-0000-0000-00000000000a', 'ada@example.com', 'Ada', ''),
        ('00000000-0000-0000-0000-00000000000b', 'bob@example.com', 'Bob', '');
    insert into accounts (id, owner_id, name, platform, copy_role) values
        ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-00000000000a', 'm', 'mt5', 'master'),
        ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-00000000000a', 'f', 'mt5', 'follower');
    insert into masters (account_id, owner_id, name, token)
        values ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-00000000000a', 'lead',
            'MST-0123456789abcdef0123456789abcdef');
    insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, state, source)
        values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-000000000002',
            '00000000-0000-0000-0000-000000000001', 'lead', 'active', 'wire');
    insert into sessions (account_id, owner_id, epoch, node_id)
        values ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-00000000000a', 7,
            '00000000-0000-0000-0000-0000000000ff');
    select pg_sleep(0.02);
    insert into signals (id, owner_id, master_account_id, ticket, kind, part, symbol, side, lots, price, line_hash,
            session_epoch, received_at)
        values ('00000000-0000-0000-0000-0000000000aa', '00000000-0000-0000-0000-00000000000a',
            '00000000-0000-0000-0000-000000000001', 1, 'open', 0, 'XAUUSD', 'BUY', 0.1, 2030, '', 1,
            clock_timestamp());
    insert into copy_orders (copy_id, signal_id, owner_id, follower_account_id, master_account_id, state, symbol, side,
            master_ticket, master_lots, master_price, desired_lots, claim_epoch, claimed_at, expires_at)
        values ('00000000-0000-0000-0000-0000000000cc', '00000000-0000-0000-0000-0000000000aa',
            '00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-000000000002',
            '00000000-0000-0000-0000-000000000001', 'claimed', 'XAUUSD', 'BUY', 1, 0.1, 2030, 0.1, 7, now(),
            now() + interval '5 seconds');
    update copy_orders set state = 'open', venue_ref = '51', open_lots = 0.1;
    insert into copy_events (owner_id, copy_id, from_state, to_state, cause)
        values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-0000000000cc', 'claimed', 'open',
            'ack_open');";

/// What is broken, and the rule that says so.
const DAMAGE: [(&str, &str); 16] = [
    ("delete from copy_orders", "I1 a follower has no copy of a signal that was his"),
    ("update copy_orders set claimed_at = expires_at", "I4 a copy was claimed after its age limit"),
    (
        "insert into signals (owner_id, master_account_id, ticket, kind, part, symbol, line_hash, session_epoch)
            select owner_id, master_account_id, 1, 'close', 0, 'XAUUSD', '', 1 from signals;
         select pg_sleep(0.02);
         update copy_orders set desired_lots = 0, claimed_at = clock_timestamp()",
        "I4 a copy was claimed after its master had left",
    ),
    (
        "insert into signals (owner_id, master_account_id, ticket, kind, part, symbol, line_hash, session_epoch)
            select owner_id, master_account_id, 1, 'close', 0, 'XAUUSD', '', 1 from signals",
        "I5 the master has left and the copy is open",
    ),
    ("delete from copy_events", "I7 a copy moved without an event"),
    ("update copy_orders set state = 'closed'; update copy_orders set state = 'open'", "I7 edges and events differ"),
    (
        "alter table copy_orders disable trigger copy_orders_edge; update copy_orders set state = 'planned', claim_epoch = null,
            claimed_at = null",
        "I7 an edge that does not exist",
    ),
    ("update sessions set epoch = 3", "I8 an epoch went back"),
    (
        "update sessions set epoch = 8; select pg_sleep(0.02);
         insert into watch.copies (copy_id, follower_id, master_ticket, to_state, claim_epoch)
            select copy_id, follower_account_id, 1, 'claimed', 7 from copy_orders",
        "I8 a claim was made under an old epoch",
    ),
    (
        "update copy_events set owner_id = '00000000-0000-0000-0000-00000000000b'",
        "I9 an event belongs to another owner than its copy",
    ),
    (
        "update signals set owner_id = '00000000-0000-0000-0000-00000000000b'",
        "I9 a signal, evidence or trade belongs to another owner than its account",
    ),
    (
        "insert into watch.copies (copy_id, follower_id, master_ticket, to_state)
            select copy_id, follower_account_id, 1, 'claimed' from copy_orders",
        "I3 a copy was claimed more than once, by the ledger",
    ),
    (
        "alter table copy_orders disable trigger copy_orders_edge;
         update copy_orders set state = 'unconfirmed', claimed_at = now() - interval '10 minutes'",
        "I10 a copy has been in doubt for long and its owner was not told",
    ),
    (
        "alter table copy_orders disable trigger copy_orders_edge; update copy_orders set state = 'attention'",
        "I10 a copy waits for a decision and its owner was not told",
    ),
    (
        "update signals set plan_state = 'planning', received_at = now() - interval '10 minutes'",
        "I11 the copies of a signal are still being planned",
    ),
    (
        "insert into audit (owner_id, seq, at, action, prev_hash, hash)
            select owner_id, 1, now(), 'account_archived', decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex')
            from accounts where copy_role = 'master'",
        "I12 the audit chain of 00000000-0000-0000-0000-00000000000a: row 1: content was changed",
    ),
];

/// Without its journal the one copy has no trade; that rule has its own story in the worker.
fn is_about_trades(what: &str) -> bool {
    what.starts_with("an open copy has no open trade")
}

async fn sound() -> (TestDb, Client) {
    let db = TestDb::new().await;
    let sql = db.admin().await;
    ledger::open(&sql).await;
    // Statement by statement, so that each is a commit of its own.
    for statement in SOUND.split(';') {
        sql.batch_execute(statement).await.unwrap();
    }
    (db, sql)
}

async fn broken(sql: &Client, broker: Option<&Broker>) -> Vec<String> {
    let mut invariants = Invariants::of(sql).after_healing();
    if let Some(broker) = broker {
        invariants = invariants.with_books(vec![(FOLLOWER, broker.clone())]);
    }
    invariants.broken().await.into_iter().filter(|what| !is_about_trades(what)).collect()
}

/// What an EA does when it is told to open.
fn open(broker: &Broker, master_ticket: i64) -> i64 {
    let copied = Position::by_hand("XAUUSD", Side::Buy, "0.1".parse().unwrap());
    let line = format!("CMD_OPEN|{master_ticket}");
    broker.open_by(Position { master_ticket: Some(master_ticket), ..copied }, By::Command(line))
}

#[tokio::test]
async fn what_is_sound_passes() {
    let (_db, sql) = sound().await;
    let broker = Broker::at(Market::default(), 50);
    open(&broker, 1);

    assert_eq!(broken(&sql, Some(&broker)).await, Vec::<String>::new());
}

/// Damage that a rule finds by the order of commits waits between two of them; it needs a world of its own.
fn is_found_by_commits(damage: &str) -> bool {
    damage.contains("pg_sleep")
}

async fn damage(sql: &Client, damage: &str, expected: &str) {
    for statement in damage.split(';') {
        sql.batch_execute(statement).await.unwrap();
    }
    let broken = broken(sql, None).await;
    assert!(broken.iter().any(|what| what.starts_with(expected)), "{expected}: {broken:?}");
}

#[tokio::test]
async fn every_damage_is_found_by_its_rule() {
    let (lasting, passing): (Vec<_>, Vec<_>) =
        DAMAGE.into_iter().partition(|(damage, _)| is_found_by_commits(damage));
    assert_eq!(lasting.len(), 2);
    for (what, expected) in lasting {
        let (_db, sql) = sound().await;
        damage(&sql, what, expected).await;
    }
    let (_db, sql) = sound().await;
    for (what, expected) in passing {
        sql.batch_execute("begin").await.unwrap();
        damage(&sql, what, expected).await;
        sql.batch_execute("rollback").await.unwrap();
    }
    assert_eq!(broken(&sql, None).await, Vec::<String>::new(), "taken back");
}

#[tokio::test]
async fn the_brokers_books_are_held_against_ours() {
    let (_db, sql) = sound().await;
    let none = Broker::at(Market::default(), 50);
    let twice = Broker::at(Market::default(), 50);
    open(&twice, 1);
    open(&twice, 1);
    let foreign = Broker::at(Market::default(), 50);
    open(&foreign, 1);
    let ticket = foreign.open(Position::by_hand("XAUUSD", Side::Buy, "0.1".parse().unwrap()));
    foreign.close_by(ticket, By::Command(format!("CMD_CLOSE|XAUUSD|{ticket}|1"))).unwrap();
    let other = Broker::at(Market::default(), 50);
    open(&other, 1);
    open(&other, 9);

    let cases = [
        (none, "which we believe open"),
        (twice, "a duplicate"),
        (foreign, "is not ours"),
        (other, "its copies say []"),
    ];
    for (broker, expected) in cases {
        let broken = broken(&sql, Some(&broker)).await;
        assert!(broken.iter().any(|what| what.contains(expected)), "{expected}: {broken:?}");
    }
}
