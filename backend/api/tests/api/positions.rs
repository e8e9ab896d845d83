//! Open positions, ours and foreign.

use serde_json::Value;

use crate::support::{Rows, TestApp};

fn told(body: &Value) -> Vec<String> {
    let text = |one: &Value, field: &str| one[field].as_str().unwrap_or("-").to_owned();
    let tell = |one: &Value| {
        let unit = text(one, "quantity_unit");
        let whose = if one["is_foreign"] == Value::Bool(true) { "foreign" } else { "ours" };
        let (symbol, direction, quantity) =
            (text(one, "symbol"), text(one, "direction"), text(one, "quantity"));
        format!("{symbol} {direction} {quantity} {unit} {whose} {}", text(one, "unrealised_pnl"))
    };
    body["items"].as_array().unwrap().iter().map(tell).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_at_exchanges_and_terminals_are_listed_with_their_age() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (crypto, gold) = (ada.open_id("crypto", "none").await, ada.open_id("gold", "master").await);
    let rows = Rows::of(&app, &ada).await;
    rows.bought(&gold, "XAUUSD").await;
    let sql = format!(
        "update trades set source = 'ea' where account_id = '{gold}';
         update accounts set platform = 'bingx' where id = '{crypto}';
         insert into venue_positions (account_id, owner_id, symbol, direction, quantity, average_price, mark_price,
            unrealised, leverage, liquidation_price)
         values ('{crypto}', '{owner}', 'BTC-USDT', 'SHORT', 0.5, 100000, 101000, -500, 5, null)",
        owner = ada.id
    );
    app.db.admin().await.batch_execute(&sql).await.unwrap();

    let all = ada.get("/api/v1/positions").await;
    let one = ada.get(&format!("/api/v1/accounts/{crypto}/positions")).await;

    assert_eq!(told(&one.body), ["BTC-USDT SHORT 0.5 coins foreign -500"], "{}", one.text);
    assert_eq!(one.body["items"][0]["mark_price"], "101000");
    assert!((0..60).contains(&one.body["items"][0]["age_s"].as_i64().unwrap()));
    let mut listed = told(&all.body);
    listed.sort();
    assert_eq!(
        listed,
        ["BTC-USDT SHORT 0.5 coins foreign -500", "XAUUSD LONG 0.1 lots ours -"],
        "{}",
        all.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_at_an_exchange_names_the_copies_it_is_made_of_and_what_is_foreign() {
    let app = TestApp::start().await;
    let ada = app.sign_up("ada").await;
    let (master, crypto) = (ada.open_id("m", "master").await, ada.open_id("crypto", "follower").await);
    let rows = Rows::of(&app, &ada).await;
    let copy = rows.copy(&master, &crypto, "open").await;
    let over = rows.copy(&master, &crypto, "closed").await;
    let order = |copy, leg: &str, filled: &str| {
        format!(
            "insert into venue_orders (owner_id, follower_account_id, copy_id, leg, version, client_id, symbol,
                direction, quantity, units_per_lot, state, filled, epoch)
             values ('{owner}', '{crypto}', '{copy}', '{leg}', 1, '{leg}{copy}', 'BTC-USDT', 'LONG', 1, 1, 'filled',
                {filled}, 1);",
            owner = ada.id
        )
    };
    let sql = format!(
        "update accounts set platform = 'bingx' where id = '{crypto}';
         insert into venue_positions (account_id, owner_id, symbol, direction, quantity, average_price, unrealised)
         values ('{crypto}', '{owner}', 'BTC-USDT', 'LONG', 0.5, 100000, -500);
         {}{}{}{}",
        order(copy, "open", "0.3"),
        order(copy, "external", "0.1"),
        order(over, "open", "0.4"),
        order(over, "close", "0.4"),
        owner = ada.id
    );
    app.db.admin().await.batch_execute(&sql).await.unwrap();

    let answer = ada.get(&format!("/api/v1/accounts/{crypto}/positions")).await;

    let parts = ["BTC-USDT LONG 0.2 coins ours -200", "BTC-USDT LONG 0.3 coins foreign -300"];
    assert_eq!(told(&answer.body), parts, "{}", answer.text);
    assert_eq!(answer.body["items"][0]["copy_id"], copy.to_string());
    assert_eq!(answer.body["items"][1]["copy_id"], Value::Null);
}
