//! Contracts and last prices, read once for all tenants.

use uuid::Uuid;

use crate::support::World;
use crate::support::exchange::Exchange;

const CONTRACT: &str =
    "select concat_ws(' ', quantity_precision, price_precision, min_quantity, min_notional::int, is_open)
    from venue_contracts where environment = 'demo' and symbol = 'BTC-USDT' and $1::uuid is not null
    union all select '' order by 1 desc limit 1";
const PRICE: &str = "select coalesce((select last_price::float8::text from venue_contracts
        where environment = 'demo' and symbol = 'BTC-USDT' and price_at > now() - interval '1 minute'), '')
    from (select $1::uuid) unused";

#[tokio::test(flavor = "multi_thread")]
async fn contracts_and_prices_follow_the_exchange_and_its_outages() {
    let exchange = Exchange::start().await;
    let world = World::start_with(|config| config.exchange = Some(exchange.config())).await;
    // Somebody trades there: prices are read often.
    let account = world.follower().await;
    let trades = "update accounts set platform = 'bingx' where id = $1";
    world.sql.execute(trades, &[&account.id]).await.unwrap();

    world.await_text(CONTRACT, account.id, "4 1 0.0001 2 t").await;
    world.await_text(PRICE, account.id, "109000").await;
    exchange.move_price("BTC-USDT", "110500.5");
    world.await_text(PRICE, account.id, "110500.5").await;

    // Zero is no price: the last one stays, and grows old.
    exchange.move_price("BTC-USDT", "0");
    exchange.move_price("ETH-USDT", "4000");
    let eth = PRICE.replace("BTC-USDT", "ETH-USDT");
    world.await_text(&eth, account.id, "4000").await;
    assert_eq!(world.text(PRICE, account.id).await, "110500.5");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_is_refused_or_gone_is_read_again() {
    let exchange = Exchange::start().await;
    let world = World::start_with(|config| {
        let mut exchange = exchange.config();
        exchange.client.contracts_age = std::time::Duration::from_millis(200);
        config.exchange = Some(exchange);
    })
    .await;
    let account = world.follower().await;
    let trades = "update accounts set platform = 'bingx' where id = $1";
    world.sql.execute(trades, &[&account.id]).await.unwrap();
    world.await_text(CONTRACT, account.id, "4 1 0.0001 2 t").await;

    exchange.with(|venue| {
        let host = flotilla_bingx_sim::request::HostName::Demo;
        venue.market_mut(host, "BTC-USDT").unwrap().api_open = false;
    });

    world.await_text(CONTRACT, account.id, "4 1 0.0001 2 f").await;
    let known: Uuid = account.id;
    assert_eq!(world.text("select count(*)::text from venue_contracts where $1::uuid is not null and environment = 'live'", known).await, "6");
}
