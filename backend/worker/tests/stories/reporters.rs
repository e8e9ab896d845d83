//! Connections that only report figures: beside followers and masters, and instead of nobody.

#![expect(clippy::unwrap_used, reason = "a story that cannot be set up has failed")]

use std::time::Duration;

use flotilla_domain::risk::status::DefaultThresholds;
use flotilla_domain::side::Side;
use flotilla_testkit::broker::{Broker, Position};
use flotilla_testkit::ea_v7::{AutoReporter, MasterEa, Swing, Wire};
use flotilla_testkit::market::Market;
use tokio_postgres::types::ToSql;

use crate::support::{Account, World};

/// Far enough from now that its day does not end while a test runs: the zone is chosen by the test.
const RULES: &str =
    r#"[{"id": "total", "kind": "max_total_loss", "limit": {"type": "amount", "value": "1000"}}]"#;

const EQUITIES: &str = "select coalesce(string_agg(figures ->> 'equity', ' ' order by at), '')
    from risk_observations where account_id = $1";

/// A phase in dollars whose day ends in about twelve hours.
pub async fn begin_phase(world: &World, account: &Account) {
    begin_phase_in(world, account, "USD").await;
}

pub async fn begin_phase_in(world: &World, account: &Account, currency: &str) {
    let thresholds = serde_json::to_string(&DefaultThresholds::default()).unwrap();
    let values: [&(dyn ToSql + Sync); 5] = [&account.owner, &account.id, &thresholds, &RULES, &currency];
    let insert = "insert into risk_phases (owner_id, account_id, currency, starting_balance, started_at, day_tz, day_reset,
            thresholds, rules, reason)
        values ($1, $2, $5, 10000, now() - interval '1 minute', 'UTC',
            to_char((now() + interval '12 hours') at time zone 'UTC', 'HH24:MI'), $3::text::jsonb, $4::text::jsonb, 'bought')";
    world.sql.execute(insert, &values).await.unwrap();
}

/// A connection that says with its key that it only reports.
pub async fn reporter(world: &World, account: &Account) -> Wire {
    let mut wire = Wire::connect(world.address).await.unwrap();
    wire.send_bytes(format!("AUTH:{}\nREPORT_ONLY\n", account.key).as_bytes()).await.unwrap();
    wire.expect("AUTH_OK").await;
    wire
}

fn reset_in(line: &str) -> i64 {
    line.strip_prefix("RESET_AT|").unwrap().parse().unwrap()
}

async fn now_ms(world: &World) -> i64 {
    let select = "select (extract(epoch from clock_timestamp()) * 1000)::bigint";
    world.sql.query_one(select, &[]).await.unwrap().get(0)
}

pub fn account_line(equity: &str, rest: &str) -> String {
    format!("ACCOUNT|10000.00|{equity}|120.00|9880.00|USD|100{rest}")
}

async fn epoch(world: &World, account: &Account) -> String {
    let select = "select coalesce(max(epoch || ' ' || sockets), 'none') from sessions where account_id = $1";
    world.text(select, account.id).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reporter_that_says_so_with_its_key_never_touches_the_followers_session() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let in_flight = f.expect_open().await;
    let before = epoch(&world, &follower).await;

    let mut reporter = reporter(&world, &follower).await;
    reporter.send(&account_line("10012.50", "")).await.unwrap();
    world.await_text(FIGURES, follower.id, "10012.50").await;
    world.await_copies(&follower, "claimed").await;
    f.ack_open(&in_flight, 51).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|2").await;
    let order = f.expect_open().await;
    f.ack_open(&order, 52).await;
    world.await_copies(&follower, "open open").await;
    drop(reporter);
    m.close("XAUUSD|1|2031.00000|5.00").await;
    f.wire.expect("CMD_CLOSE|XAUUSD|51|1").await;

    assert_eq!(epoch(&world, &follower).await, before);
    world.check().await;
}

const FIGURES: &str = "select coalesce(max(equity::text), '') from account_figures where account_id = $1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reporter_is_no_chart_of_a_master_and_no_follower() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut beside_master = reporter(&world, &master).await;
    let mut alone = reporter(&world, &follower).await;
    beside_master.send(&account_line("10001.00", "")).await.unwrap();
    alone.send(&account_line("10002.00", "")).await.unwrap();
    world.await_text(FIGURES, follower.id, "10002.00").await;

    assert_eq!(epoch(&world, &master).await, "1 1");
    assert_eq!(epoch(&world, &follower).await, "none");
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    m.wire.expect_silence().await;
    alone.expect_silence().await;
    beside_master.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n38_a_reporter_neither_signals_nor_answers() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut f = world.follower_ea(&follower, &master).await;
    let mut m = MasterEa::connect(world.address, &master.key).await;
    let (mut of_master, mut of_follower) =
        (reporter(&world, &master).await, reporter(&world, &follower).await);
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    f.expect_open().await;

    for line in ["SIGNAL_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|7", "MASTER_SNAPSHOT:", "CMD_SET_MODE|1TO1"] {
        of_master.send(line).await.unwrap();
    }
    for line in
        ["ACK_OPEN|1|51|0.10|BUY", "SUBSCRIBE:x", "SLAVE_SNAPSHOT:", "ALERT_STOP_OUT|MarginLevel:1.00"]
    {
        of_follower.send(line).await.unwrap();
    }
    of_master.expect_silence().await;
    of_follower.expect_silence().await;

    world.await_copies(&follower, "claimed").await;
    f.wire.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reporter_that_is_slow_to_say_so_gives_the_follower_back() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let f = world.follower_ea(&follower, &master).await;

    let mut late = Wire::connect(world.address).await.unwrap();
    late.send(&format!("AUTH:{}", follower.key)).await.unwrap();
    late.expect("AUTH_OK").await;
    // It was taken for the follower, which was cut off.
    let mut f = f;
    f.wire.expect_close().await;
    late.send("REPORT_ONLY").await.unwrap();
    late.expect_silence().await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;

    let order = f.expect_open().await;
    f.ack_open(&order, 51).await;
    world.await_copies(&follower, "open").await;
    late.expect_silence().await;
    world.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_feed_the_rules_of_an_account_with_extremes_and_positions() {
    let world = World::start().await;
    let follower = world.follower().await;
    begin_phase(&world, &follower).await;
    let mut wire = reporter(&world, &follower).await;
    wire.expect_prefix("RESET_AT|").await;
    let at = now_ms(&world).await;
    // Whatever the first figures say of before them may be of before the phase.
    wire.send(&account_line("10000.00", &format!("|10000.00|10000.00|{}", at - 1_000))).await.unwrap();
    let seen = "select count(*)::text from risk_observations where account_id = $1";
    world.await_text(seen, follower.id, "1").await;
    for line in [
        "SYMBOL|XAUUSD|100.00|2|0.01|1.00|0.01|0.01|50.00|USD".to_owned(),
        "POSITIONS_BEGIN|1".to_owned(),
        format!("POSITION|51|XAUUSD|SELL|0.10|2030.50|2040.50|0.00|-12.50|-0.35|123456|-|{at}"),
        "POSITIONS_END|1".to_owned(),
        account_line("9990.00", &format!("|10010.00|8999.00|{at}")),
    ] {
        wire.send(&line).await.unwrap();
    }

    let figures = "select coalesce(max(figures ->> 'high' || ' ' || (figures ->> 'low') || ' ' ||
            (figures #>> '{positions,0,lots}') || ' ' || trim(trailing '.0' from figures #>> '{positions,0,risk}')), '')
        from risk_observations where account_id = $1";
    world.await_text(figures, follower.id, "10010.00 8999.00 -0.10 1").await;
    let at_ms = "select coalesce(max((extract(epoch from at) * 1000)::bigint::text), '') from risk_observations where account_id = $1";
    world.await_text(at_ms, follower.id, &at.to_string()).await;
    let violations = "select count(*)::text from risk_violations where account_id = $1";
    assert_eq!(world.text(violations, follower.id).await, "1", "the low went under the line of 9000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_micro_contracts_count_as_one_against_a_cap() {
    let world = World::start().await;
    let follower = world.follower().await;
    begin_phase(&world, &follower).await;
    let cap = r#"[{"id": "size", "kind": "max_lots", "metric": "gross_lots", "cap": "5"}]"#;
    let update = "update risk_phases set rules = $2::text::jsonb where account_id = $1";
    world.sql.execute(update, &[&follower.id, &cap]).await.unwrap();
    let mut wire = reporter(&world, &follower).await;
    wire.expect_prefix("RESET_AT|").await;
    let violations = "select count(*)::text from risk_violations where account_id = $1";
    let weights =
        "select coalesce((select jsonb_path_query_array(figures -> 'positions', '$[*].weight')::text
        from risk_observations where account_id = $1 order by at desc limit 1), '')";

    for (minis, found, crossed) in [("1.00", r#"["0.1", "1"]"#, "0"), ("2.00", r#"["0.1", "1"]"#, "1")] {
        let at = now_ms(&world).await;
        for line in [
            "POSITIONS_BEGIN|1".to_owned(),
            format!("POSITION|51|MNQZ6|BUY|40.00|20000.00|0.00|0.00|-12.50|-0.35|123456|-|{at}"),
            format!("POSITION|52|ESZ6|BUY|{minis}|6000.00|0.00|0.00|-12.50|-0.35|123456|-|{at}"),
            "POSITIONS_END|2".to_owned(),
            account_line("9990.00", &format!("|9990.00|9990.00|{at}")),
        ] {
            wire.send(&line).await.unwrap();
        }
        world.await_text(weights, follower.id, found).await;
        world.await_text(violations, follower.id, crossed).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reporter_is_told_when_its_day_ends_and_again_when_that_changes() {
    let world = World::start_with(|config| config.timing.recheck = Duration::from_millis(50)).await;
    let (with_phase, without) = (world.follower().await, world.follower().await);
    begin_phase(&world, &with_phase).await;
    let expected = "select 'RESET_AT|' || (extract(epoch from
            date_trunc('minute', now() + interval '12 hours')) * 1000)::bigint
        from risk_phases where account_id = $1";

    let mut wire = reporter(&world, &with_phase).await;
    // The minute may end between the two looks.
    let told = wire.line().await.unwrap();
    let reset_at = reset_in(&told);
    let by_sql = reset_in(&world.text(expected, with_phase.id).await);
    assert!((0..=60_000).contains(&(by_sql - reset_at)), "{reset_at} is not {by_sql}");
    let mut other = reporter(&world, &without).await;
    other.expect_silence().await;
    let edit = "update risk_phases set day_reset = to_char((now() + interval '6 hours') at time zone 'UTC', 'HH24:MI')
        where account_id = $1";
    world.sql.execute(edit, &[&with_phase.id]).await.unwrap();

    let earlier = wire.expect_prefix("RESET_AT|").await;
    assert!(reset_in(&earlier) < reset_at);
    wire.expect_silence().await;
    begin_phase(&world, &without).await;
    other.expect_prefix("RESET_AT|").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_in_another_currency_is_refused_and_its_owner_told() {
    let world = World::start().await;
    let follower = world.follower().await;
    begin_phase(&world, &follower).await;
    let mut wire = reporter(&world, &follower).await;
    wire.send(&account_line("5.00", "").replace("USD", "EUR")).await.unwrap();

    let told = "select coalesce(max(detail ->> 'why'), '') from alerts where account_id = $1";
    let why = "ACCOUNT: figures in EUR, but the account's phase is in USD";
    world.await_text(told, follower.id, why).await;
    assert_eq!(world.text(EQUITIES, follower.id).await, "");
    assert_eq!(world.text(FIGURES, follower.id).await, "");
    wire.send(&account_line("9999.00", "")).await.unwrap();
    world.await_text(EQUITIES, follower.id, "9999.00").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_figures_is_written_once_a_while_and_keeps_its_extremes() {
    let world = World::start_with(|config| config.timing.figures = Duration::from_secs(2)).await;
    let follower = world.follower().await;
    begin_phase(&world, &follower).await;
    let mut wire = reporter(&world, &follower).await;
    wire.expect_prefix("RESET_AT|").await;
    wire.send(&account_line("10000.00", "")).await.unwrap();
    world.await_text(EQUITIES, follower.id, "10000.00").await;

    for equity in ["9950.00", "9400.00", "10300.00", "9990.00"] {
        wire.send(&account_line(equity, "")).await.unwrap();
    }

    world.await_text(EQUITIES, follower.id, "10000.00 9990.00").await;
    let extremes = "select max(figures ->> 'high') || ' ' || min(figures ->> 'low') from risk_observations where account_id = $1";
    assert_eq!(world.text(extremes, follower.id).await, "10300.00 9400.00");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_reporters_the_newest_counts_and_then_whoever_is_left() {
    let world = World::start_with(|config| config.timing.figures = Duration::from_millis(1)).await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut f = world.follower_ea(&follower, &master).await;
    f.wire.send(&account_line("1.00", "")).await.unwrap();
    world.await_text(FIGURES, follower.id, "1.00").await;
    let mut older = reporter(&world, &follower).await;
    let mut newer = reporter(&world, &follower).await;
    newer.send(&account_line("3.00", "")).await.unwrap();
    world.await_text(FIGURES, follower.id, "3.00").await;

    older.send(&account_line("2.00", "")).await.unwrap();
    older.expect_silence().await;
    f.wire.send(&account_line("1.00", "")).await.unwrap();
    f.wire.expect_silence().await;
    newer.send(&account_line("4.00", "")).await.unwrap();
    world.await_text(FIGURES, follower.id, "4.00").await;
    drop(newer);
    let told = async {
        while world.text(FIGURES, follower.id).await != "5.00" {
            older.send(&account_line("5.00", "")).await.unwrap();
            older.expect_silence().await;
        }
    };
    tokio::time::timeout(flotilla_testkit::ea_v7::WAIT, told).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn n40_a_reporter_is_cut_off_with_its_key_and_tenants_stay_apart() {
    let world = World::start().await;
    let stranger = world.stranger().await;
    let (own, foreign) = (world.follower().await, world.account("follower", stranger).await);
    begin_phase(&world, &own).await;
    begin_phase(&world, &foreign).await;
    let mut wire = reporter(&world, &own).await;
    wire.send(&account_line("9000.50", "")).await.unwrap();
    world.await_text(EQUITIES, own.id, "9000.50").await;
    assert_eq!(world.text(EQUITIES, foreign.id).await, "");
    let owners =
        "select string_agg(distinct owner_id::text, ' ') from risk_observations where account_id = $1";
    assert_eq!(world.text(owners, own.id).await, own.owner.to_string());
    let foreign_rows = "select count(*)::text from risk_observations where owner_id = $1";
    assert_eq!(world.text(foreign_rows, stranger).await, "0");

    let rotate = "update api_keys set key_hash = sha256('another') where account_id = $1";
    world.sql.execute(rotate, &[&own.id]).await.unwrap();
    world.hint_account(&own).await;

    wire.expect_close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_planned_stop_writes_what_waits_and_ends_reporters() {
    let mut world = World::start_with(|config| config.timing.figures = Duration::from_hours(1)).await;
    let follower = world.follower().await;
    begin_phase(&world, &follower).await;
    let mut wire = reporter(&world, &follower).await;
    wire.expect_prefix("RESET_AT|").await;
    wire.send(&account_line("10000.00", "")).await.unwrap();
    world.await_text(EQUITIES, follower.id, "10000.00").await;
    wire.send(&account_line("9000.00", "")).await.unwrap();
    wire.expect_silence().await;

    world.stop().await;

    wire.expect_close().await;
    assert_eq!(world.text(EQUITIES, follower.id).await, "10000.00 9000.00");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_figures_change_is_told_once_and_so_is_what_time_alone_changes() {
    let world = World::start_with(|config| config.timing.risk = Duration::from_millis(50)).await;
    let follower = world.follower().await;
    begin_phase(&world, &follower).await;
    let mut wire = reporter(&world, &follower).await;
    let told = "select coalesce(string_agg(kind || coalesce(' ' || to_status, ''), ', ' order by id), '')
        from risk_events where account_id = $1 and rule_id is null and is_told";

    wire.send(&account_line("9990.00", "")).await.unwrap();
    world.await_text(told, follower.id, "transition safe").await;
    world.let_grow_old(&follower).await;
    world.await_text(told, follower.id, "transition safe, stale, transition stale").await;
    wire.send(&account_line("8990.00", "")).await.unwrap();
    world
        .await_text(told, follower.id, "transition safe, stale, transition stale, transition violated")
        .await;

    let violations = "select count(*)::text from risk_violations where account_id = $1";
    assert_eq!(world.text(violations, follower.id).await, "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fleets_reporter_swings_and_tells_its_positions() {
    let world = World::start().await;
    let follower = world.follower().await;
    begin_phase(&world, &follower).await;
    let broker = Broker::at(Market::open(), 50);
    let ticket = broker.open(Position::by_hand("XAUUSD", Side::Sell, "0.10".parse().unwrap()));
    let swing = Swing { depth: 5.into(), period: Duration::from_secs(2), lowest: 9_000.into() };

    let _reporter = AutoReporter::start(world.address, &follower.key, broker.clone(), Some(swing));

    let open = "select coalesce(max(figures #>> '{positions,0,lots}'), '') from risk_observations where account_id = $1";
    world.await_text(open, follower.id, "-0.10").await;
    let is_deep = "select (coalesce(min((figures ->> 'low')::numeric), 10000) < 9600)::text from risk_observations where account_id = $1";
    world.await_text(is_deep, follower.id, "true").await;
    broker.close(ticket).unwrap();
    let last =
        "select coalesce((select jsonb_array_length(figures -> 'positions')::text from risk_observations
        where account_id = $1 order by at desc limit 1), '')";
    world.await_text(last, follower.id, "0").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_wrong_a_terminals_clock_is_stands_with_its_figures_until_it_is_right() {
    let world = World::start().await;
    let follower = world.follower().await;
    let slow = "select coalesce(bool_and(clock_ahead_ms < -60000)::text, '') from account_figures where account_id = $1";

    for (behind_ms, is_slow) in [(90_000, "true"), (0, "false")] {
        let mut wire = reporter(&world, &follower).await;
        let at = now_ms(&world).await - behind_ms;
        wire.send(&account_line("9990.00", &format!("|9990.00|9990.00|{at}|{at}|-"))).await.unwrap();
        world.await_text(slow, follower.id, is_slow).await;
    }
}
