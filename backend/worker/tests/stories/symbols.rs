//! What terminals say about instruments.

use std::time::Duration;

use crate::support::World;

const SPECS: &str =
    "select coalesce(string_agg(symbol || ' ' || contract_size || ' ' || digits, ', ' order by symbol), '')
    from symbol_specs where account_id = $1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_reports_its_contract_size_under_the_masters_symbol() {
    let world = World::start().await;
    let (master, follower) = (world.master().await, world.follower().await);
    let mut m = world.master_ea(&master).await;
    let mut f = world.follower_ea(&follower, &master).await;
    m.open("BUY|XAUUSD|2030.50|0.10|0.00|0.00|1").await;
    let order = f.expect_open().await;

    f.wire.send(&format!("CMD_INIT_SYMBOL|{}|1.00|2", order.symbol)).await.unwrap();
    m.wire.send("CMD_INIT_SYMBOL|JP225|10|0").await.unwrap();

    world.await_text(SPECS, follower.id, "XAUUSD 1.00 2").await;
    world.await_text(SPECS, master.id, "JP225 10 0").await;
    f.wire.send("CMD_INIT_SYMBOL|XAUUSD|100.00|3").await.unwrap();
    world.await_text(SPECS, follower.id, "XAUUSD 100.00 3").await;
    let owner = "select owner_id::text from symbol_specs where account_id = $1";
    assert_eq!(world.text(owner, follower.id).await, follower.owner.to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contract_size_that_cannot_be_is_not_kept() {
    let world = World::start().await;
    let master = world.master().await;
    let mut m = world.master_ea(&master).await;

    for line in [
        "CMD_INIT_SYMBOL|XAUUSD|0.00|2",
        "CMD_INIT_SYMBOL|XAUUSD|-100.00|2",
        "CMD_INIT_SYMBOL|XAUUSD|1e2|2",
        "CMD_INIT_SYMBOL|XAUUSD|100.00|21",
        "CMD_INIT_SYMBOL|AUTH_OK|100.00|2",
        "CMD_INIT_SYMBOL|XAUUSD|100.00",
    ] {
        m.wire.send(line).await.unwrap();
    }
    m.wire.expect_silence().await;

    assert_eq!(world.text(SPECS, master.id).await, "");
}

const PRICES: &str = "select coalesce(string_agg(chart_symbol || ' ' || coalesce(signal_symbol, '-') || ' '
        || coalesce(bid::text, '-') || ' ' || coalesce(ask::text, '-'), ', ' order by chart_symbol), '')
    from prices where account_id = $1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_price_of_a_chart_is_kept_under_both_of_its_names() {
    let world = World::start_with(|config| config.timing.price = Duration::from_millis(50)).await;
    let master = world.master().await;
    let (mut gold, mut index) = (world.master_ea(&master).await, world.master_ea(&master).await);

    index.price("JP225", "0.00000", "0.00000").await;
    for bid in ["2030.50", "2030.70", "2031.10"] {
        gold.price("GOLD.m", bid, "2031.40").await;
    }
    world.await_text(PRICES, master.id, "GOLD.m - 2031.10 2031.40, JP225 - - -").await;
    gold.open("BUY|XAUUSD|2031.40|0.10|0.00|0.00|1").await;
    index.price("JP225", "38000", "38005").await;

    world.await_text(PRICES, master.id, "GOLD.m XAUUSD 2031.10 2031.40, JP225 - 38000 38005").await;
    drop(gold);
    let mut gold = world.master_ea(&master).await;
    gold.price("GOLD.m", "2032.00", "2032.30").await;
    world.await_text(PRICES, master.id, "GOLD.m XAUUSD 2032.00 2032.30, JP225 - 38000 38005").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_that_repeats_its_price_is_told_from_one_that_lives() {
    let world = World::start_with(|config| config.timing.price = Duration::from_millis(50)).await;
    let master = world.master().await;
    let mut m = world.master_ea(&master).await;
    m.price("XAUUSD", "2030.50", "2030.90").await;
    world.await_text(PRICES, master.id, "XAUUSD - 2030.50 2030.90").await;
    let back =
        "update prices set at = at - interval '1 minute', changed_at = changed_at - interval '1 minute'";
    world.sql.execute(back, &[]).await.unwrap();
    drop(m);

    let mut m = world.master_ea(&master).await;
    m.price("XAUUSD", "2030.50", "2030.90").await;

    let standing = "select coalesce(bool_or(at - changed_at between interval '50 s' and interval '10 minutes'), false)::text
        from prices where account_id = $1";
    world.await_text(standing, master.id, "true").await;
}
