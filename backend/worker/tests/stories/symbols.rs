//! What terminals say about instruments.

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
