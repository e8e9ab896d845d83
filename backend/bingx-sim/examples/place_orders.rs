//! Places market orders with our client as fast as it can, and prints how many a second that were.
//!
//! `place_orders HOST:PORT ACCOUNTS ORDERS IN_FLIGHT`: the live host of a simulator whose limits are off, with accounts
//! `key0`, `key1` and so on, whose secret is `secret`. Our own limits stay on: there are so many accounts and names of
//! source addresses that nobody waits for them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use flotilla_exchange::bingx::client::{Account, BingX, Settings, Turn};
use flotilla_exchange::bingx::contract::Contract;
use flotilla_exchange::bingx::endpoint::Environment;
use flotilla_exchange::bingx::id::{ClientOrderId, Credentials, Symbol};
use flotilla_exchange::bingx::model::{Direction, PositionMode};
use flotilla_exchange::bingx::order::{NewOrder, OrderKind, Terms};
use flotilla_exchange::bingx::transport::{Egress, Hosts, HttpTransport};
use flotilla_exchange::limits::{Priority, Rate};
use flotilla_exchange::outcome::Outcome;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use rust_decimal::Decimal;

/// Names of source addresses, all of them the same address.
const WAYS: usize = 200;

fn order(at: usize, symbol: &Symbol) -> anyhow::Result<NewOrder> {
    Ok(NewOrder {
        client_id: ClientOrderId::new(&format!("bench{at}"))?,
        symbol: symbol.clone(),
        direction: Direction::Long,
        opens: true,
        quantity: Decimal::new(1, 3),
        kind: OrderKind::Market,
        stop_loss: None,
        take_profit: None,
    })
}

async fn place(account: &Account, contract: &Contract, order: &NewOrder) -> anyhow::Result<()> {
    let terms = Terms { mode: PositionMode::Hedge, contract, last_price: None };
    match account.place(order, terms, Turn::within(Priority::Open, Duration::from_mins(1))).await {
        Outcome::Accepted(_) => Ok(()),
        outcome => bail!("{outcome:?}"),
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [host, accounts, orders, in_flight] = arguments.as_slice() else {
        bail!("place_orders HOST:PORT ACCOUNTS ORDERS IN_FLIGHT");
    };
    let (accounts, orders, in_flight): (usize, usize, usize) =
        (accounts.parse()?, orders.parse()?, in_flight.parse()?);
    let (http, stream_url) = (format!("http://{host}"), format!("ws://{host}/swap-market"));
    let hosts =
        Hosts { live: http.clone(), demo: http, live_stream: stream_url.clone(), demo_stream: stream_url };
    let ways: Vec<Egress> = (0..WAYS).map(|way| Egress { name: way.to_string(), address: None }).collect();
    let settings = Settings { orders: Rate::per_ten_seconds(100_000), ..Settings::default() };
    let bingx = Arc::new(BingX::new(Arc::new(HttpTransport::new(&hosts, &ways)?), settings));
    let symbol = Symbol::new("BTC-USDT")?;
    let contract = bingx.contracts(Environment::Live, "0").await?.get(&symbol).context("no such contract")?;
    let traders: Vec<Account> = (0..accounts)
        .map(|at| {
            let credentials = Credentials { api_key: format!("key{at}").into(), secret: "secret".into() };
            bingx.account(Environment::Live, &at.to_string(), credentials, &(at % WAYS).to_string())
        })
        .collect();
    // The clock is read, and connections are there.
    let warm = |at| order(at, &symbol);
    for (at, trader) in traders.iter().take(in_flight).enumerate() {
        place(trader, &contract, &warm(at)?).await?;
    }
    let began = tokio::time::Instant::now();
    let each = |(at, trader)| {
        let order = order(at + accounts, &symbol);
        let contract = &contract;
        async move { place(trader, contract, &order?).await }
    };
    stream::iter(traders.iter().cycle().take(orders).enumerate())
        .map(each)
        .buffer_unordered(in_flight)
        .try_collect::<Vec<()>>()
        .await?;
    println!(
        "ours: {orders} orders, {in_flight} at a time: {:.0} a second",
        per_second(orders, began.elapsed())?
    );
    Ok(())
}

fn per_second(orders: usize, took: Duration) -> anyhow::Result<f64> {
    Ok(f64::from(u32::try_from(orders)?) / took.as_secs_f64())
}
