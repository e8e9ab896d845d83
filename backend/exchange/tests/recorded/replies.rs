//! Replies, asked for through the client and compared with what stands in them.
//!
//! Not recorded are the lists of all prices and of all mark prices (only one contract's of each), and what the host
//! says when the key of a stream is extended (only the empty answers on the wire, tested beside the stream).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use flotilla_exchange::bingx::LeverageSide;
use flotilla_exchange::bingx::endpoint::{self, Endpoint, Environment};
use flotilla_exchange::bingx::model::{
    AssetMode, Balance, Direction, Income, KeyInfo, Leverage, MarginType, Position, PositionMode,
};
use flotilla_exchange::bingx::quotes::{Candle, Interval, PremiumIndex, Stretch, finished};
use flotilla_exchange::bingx::stream::{StreamItem, StreamSettings, UserStream};
use flotilla_exchange::outcome::Outcome;
use tokio::sync::mpsc;

use crate::replay::{Client, EGRESS, Replay, turn};
use crate::{Recording, json, names, number, orders, recordings, symbol};

/// All that the client asks.
const ROUTES: [Endpoint; 24] = [
    endpoint::SERVER_TIME,
    endpoint::CONTRACTS,
    endpoint::PRICE,
    endpoint::PREMIUM_INDEX,
    endpoint::DEPTH,
    endpoint::KLINES,
    endpoint::API_PERMISSIONS,
    endpoint::UID,
    endpoint::BALANCE,
    endpoint::POSITIONS,
    endpoint::INCOME,
    endpoint::LEVERAGE,
    endpoint::SET_LEVERAGE,
    endpoint::MARGIN_TYPE,
    endpoint::POSITION_MODE,
    endpoint::ASSET_MODE,
    endpoint::PLACE,
    endpoint::CANCEL,
    endpoint::CANCEL_ALL,
    endpoint::ORDER,
    endpoint::OPEN_ORDERS,
    endpoint::ALL_ORDERS,
    endpoint::FILL_HISTORY,
    endpoint::LISTEN_KEY,
];

/// Replies of other routes in a shape that those of ours have had, or may have again: read as if they were ours.
const OTHER_SHAPES: &[&str] = &[
    "swap_v1_trade_fullOrder.GET.a",
    "swap_v2_quote_klines.GET.a",
    "swap_v2_quote_price.GET.a",
    "swap_v2_trade_allFillOrders.GET.a",
    "swap_v2_trade_batchOrders.DELETE.a",
    "swap_v2_trade_forceOrders.GET.a",
    "swap_v2_trade_forceOrders.GET.b",
    "swap_v2_trade_openOrder.GET.a",
    "swap_v2_trade_order_test.POST.a",
    "swap_v2_user_balance.GET.a",
    "v1_account_apiRestrictions.GET.a",
];

/// Replies of routes that nothing here asks.
const NOT_OURS: &[&str] = &[
    // Keys and money of the whole account, and spot: perpetual contracts alone are traded.
    "account_v1_apiKey_query.GET.a",
    "api_asset_v1_transfer.POST.a",
    "api_v3_asset_transfer.GET.a",
    "api_v3_capital_withdraw_history.GET.a",
    "spot_v1_account_balance.GET.a",
    "spot_v1_market_depth.GET.a",
    "spot_v1_oco_cancel.POST.a",
    "spot_v1_oco_openOrderList.GET.a",
    "spot_v1_oco_order.POST.a",
    "spot_v1_oco_orderList.GET.a",
    "spot_v1_trade_batchOrders.POST.a",
    "spot_v1_trade_cancelAllAfter.POST.a",
    "spot_v1_trade_cancelOrders.POST.a",
    "spot_v1_trade_openOrders.GET.a",
    "spot_v1_trade_order.POST.a",
    "spot_v1_trade_query.GET.a",
    "spot_v1_user_commissionRate.GET.a",
    "spot_v2_quote_bookTicker.GET.a",
    "spot_v2_quote_historicalTrades.GET.a",
    "spot_v2_quote_klines.GET.a",
    "wallets_v1_capital_config_getall.GET.a",
    "wallets_v1_capital_innerTransfer_apply.POST.a",
    "wallets_v1_capital_innerTransfer_records.GET.a",
    "wallets_v1_capital_withdraw_apply.POST.a",
    // Settings of the account that are its owner's alone.
    "swap_v1_positionSide_dual.POST.a",
    "swap_v1_trade_assetMode.POST.a",
    "swap_v1_trade_autoAddMargin.POST.a",
    "swap_v2_trade_marginType.POST.a",
    "swap_v2_trade_positionMargin.POST.a",
    // Several orders in one request, orders that change others, and orders that nobody copies.
    "swap_v1_trade_amend.POST.a",
    "swap_v1_trade_batchCancelReplace.POST.a",
    "swap_v1_trade_cancelReplace.POST.a",
    "swap_v1_trade_closePosition.POST.a",
    "swap_v1_trade_reverse.POST.a",
    "swap_v1_twap_cancelOrder.POST.a",
    "swap_v1_twap_historyOrders.GET.a",
    "swap_v1_twap_openOrders.GET.a",
    "swap_v1_twap_order.POST.a",
    "swap_v1_twap_orderDetail.GET.a",
    "swap_v2_trade_batchOrders.POST.a",
    "swap_v2_trade_batchOrders.POST.b",
    "swap_v2_trade_cancelAllAfter.POST.a",
    "swap_v2_trade_closeAllPositions.POST.a",
    // Demo money is asked for in the exchange's app.
    "swap_v1_trade_getVst.POST.a",
    // Figures that fills, income and contracts say as well.
    "swap_v1_maintMarginRatio.GET.a",
    "swap_v1_positionMargin_history.GET.a",
    "swap_v1_trade_multiAssetsRules.GET.a",
    "swap_v1_trade_positionHistory.GET.a",
    "swap_v1_user_marginAssets.GET.a",
    "swap_v2_trade_positionHistory.GET.a",
    "swap_v2_user_commissionRate.GET.a",
    // Of markets, nothing that prices, mark prices, the book and candles do not say.
    "swap_v1_market_historicalTrades.GET.a",
    "swap_v1_market_markPriceKlines.GET.a",
    "swap_v2_quote_bookTicker.GET.a",
    "swap_v2_quote_fundingRate.GET.a",
    "swap_v2_quote_openInterest.GET.a",
    "swap_v2_quote_ticker.GET.a",
    "swap_v2_quote_ticker.GET.b",
    "swap_v2_quote_trades.GET.a",
];

#[tokio::test]
async fn every_recorded_reply_is_read_or_stands_among_those_that_are_not_asked_for() {
    let Some(folder) = recordings() else { return };
    let names = names(&folder.join("rest"));
    for name in OTHER_SHAPES.iter().chain(NOT_OURS) {
        assert!(names.iter().any(|known| known == name), "{name} is not recorded");
    }
    let replay = Replay::start(Recording::read(&folder, "swap_v2_server_time.GET.a").response).await;
    let mut asked_for = BTreeSet::new();
    for name in names.iter().filter(|name| !NOT_OURS.contains(&name.as_str())) {
        let recording = Recording::read(&folder, name);
        replay.answer_with(&recording.response);
        let client = replay.client();
        let is_known = of_market(&client, name).await
            || of_account(&client, name).await
            || orders::of_orders(&client, name).await
            || of_stream(&client, name, &replay).await;
        assert!(is_known, "{name} is neither read nor listed");
        let asked = replay.asked();
        let is_asked = |target: &String| target.split('?').next() == Some(recording.asked.as_str());
        if !OTHER_SHAPES.contains(&name.as_str()) {
            assert!(asked.iter().any(is_asked), "{name}: {asked:?}");
            asked_for.insert(recording.asked);
        }
    }
    let routes = ROUTES.map(|route| format!("{} {}", route.method.as_str(), route.path));
    assert_eq!(asked_for, BTreeSet::from(routes));
}

async fn of_market(client: &Client, name: &str) -> bool {
    let (bingx, live) = (&client.bingx, Environment::Live);
    match name {
        "swap_v2_server_time.GET.a" => {
            bingx.read_clock(live, EGRESS, turn()).await.unwrap();
            let now = bingx.clock(live).now_ms().unwrap();
            assert!((0..30_000).contains(&(now - 1_672_025_091_160)), "{now}");
        }
        "swap_v1_ticker_price.GET.a" => {
            let price = bingx.last_price(live, EGRESS, &symbol("TIA-USDT")).await;
            assert_eq!(price, Ok(Some(number("14.0658"))));
        }
        "swap_v2_quote_price.GET.a" => {
            let price = bingx.last_price(live, EGRESS, &symbol("BTC-USDT")).await;
            assert_eq!(price, Ok(Some(number("16882"))));
        }
        "swap_v2_quote_premiumIndex.GET.a" => {
            let index = PremiumIndex {
                mark_price: Some(number("42216.4")),
                last_funding_rate: Some(number("0.000251")),
                next_funding_time: Some(1_702_742_400_000),
            };
            assert_eq!(bingx.premium_index(live, EGRESS, &symbol("BTC-USDT")).await, Ok(index));
        }
        "swap_v2_quote_depth.GET.a" => {
            let depth = bingx.depth(live, EGRESS, &symbol("SHIB-USDT")).await.unwrap();
            let best = [&depth.bids, &depth.asks].map(|side| (side[0].price, side[0].quantity, side.len()));
            // The best ask is the last of those recorded.
            let expected = [("0.000009854", "483909", 5), ("0.000009856", "687669", 5)];
            assert_eq!(best, expected.map(|(price, coins, levels)| (number(price), number(coins), levels)));
        }
        "swap_v3_quote_klines.GET.a" | "swap_v2_quote_klines.GET.a" => candles(client, name).await,
        "swap_v2_quote_contracts.GET.a" | "swap_v2_quote_contracts.GET.b" => contracts(client, name).await,
        _ => return false,
    }
    true
}

async fn candles(client: &Client, name: &str) {
    let candle = |time, [open, high, low, close]: [&str; 4]| Candle {
        time,
        open: number(open),
        high: number(high),
        low: number(low),
        close: number(close),
    };
    let expected = if name.contains("v3") {
        vec![candle(1_702_717_200_000, ["0.7034", "0.7081", "0.7033", "0.7065"])]
    } else {
        vec![
            candle(1_666_583_700_000, ["19396.8", "19397.5", "19385.7", "19394.4"]),
            candle(1_666_584_000_000, ["19394.4", "19394.4", "19368.3", "19379"]),
        ]
    };
    let btc = symbol("BTC-USDT");
    let all = Stretch { symbol: &btc, interval: Interval::FiveMinutes, from_ms: 0, until_ms: i64::MAX };
    let read = client.bingx.candles(Environment::Live, EGRESS, all, turn()).await.unwrap();
    assert_eq!(finished(read, 300_000, i64::MAX), Ok(expected), "{name}");
}

async fn contracts(client: &Client, name: &str) {
    let contracts = client.bingx.contracts(Environment::Live, EGRESS).await.unwrap();
    let btc = contracts.get(&symbol("BTC-USDT")).unwrap();
    let eth = contracts.get(&symbol("ETH-USDT")).unwrap();
    assert!(btc.may_open() && btc.may_close(), "{name}");
    assert_eq!((btc.currency.as_str(), btc.asset.as_str(), btc.status), ("USDT", "BTC", Some(1)));
    assert_eq!([btc.quantity_precision, btc.price_precision], [4, 1]);
    assert_eq!([eth.quantity_precision, eth.price_precision], [2, 2]);
    if name.ends_with('a') {
        assert_eq!(contracts.all().len(), 2);
        assert_eq!((btc.trade_min_quantity, btc.trade_min_usdt), (number("0.0001"), number("2")));
        assert_eq!(eth.trade_min_quantity, number("0.01"));
        assert_eq!(
            (btc.taker_fee_rate, btc.maker_fee_rate),
            (Some(number("0.0005")), Some(number("0.0002")))
        );
        assert_eq!((btc.api_state_open, btc.api_state_close), (Some(true), Some(true)));
        assert_eq!(
            (btc.max_long_leverage, btc.max_short_leverage),
            (Some(number("125")), Some(number("125")))
        );
    } else {
        assert_eq!(contracts.all().len(), 204);
        let link = contracts.get(&symbol("LINK-USDT")).unwrap();
        assert_eq!([link.quantity_precision, link.price_precision], [1, 3]);
        assert_eq!((link.max_long_leverage, btc.max_long_leverage), (Some(number("5")), Some(number("150"))));
        // An older list says nothing of the smallest order, nor of the two fees.
        assert_eq!((btc.trade_min_usdt, btc.taker_fee_rate), (number("0"), None));
    }
}

async fn of_account(client: &Client, name: &str) -> bool {
    let account = &client.account;
    match name {
        "account_v1_uid.GET.a" => {
            assert_eq!(account.uid(turn()).await.as_deref(), Ok("16844999"));
        }
        "v1_account_apiPermissions.GET.a" | "v1_account_apiRestrictions.GET.a" => {
            let is_old = name.contains("Restrictions");
            let expected = KeyInfo {
                reads: true,
                trades_perpetual: false,
                trades_spot: !is_old,
                withdraws: if is_old { None } else { Some(false) },
                transfers: false,
                is_bound_to_addresses: false,
                addresses: Vec::new(),
            };
            assert_eq!(account.permissions(turn()).await, Ok(expected), "{name}");
        }
        "swap_v1_positionSide_dual.GET.a" => {
            assert_eq!(account.position_mode(turn()).await, Ok(PositionMode::Hedge));
        }
        "swap_v1_trade_assetMode.GET.a" => {
            assert_eq!(account.asset_mode(turn()).await, Ok(AssetMode::Multi));
        }
        "swap_v2_trade_marginType.GET.a" => {
            assert_eq!(account.margin_type(&symbol("WOO-USDT"), turn()).await, Ok(MarginType::Crossed));
        }
        "swap_v2_trade_leverage.GET.a" => {
            let (now, most) = (number("50"), Some(number("75")));
            let expected = Leverage { long: now, short: now, max_long: most, max_short: most };
            assert_eq!(account.leverage(&symbol("BCH-USDT"), turn()).await, Ok(expected));
        }
        "swap_v2_trade_leverage.POST.a" => {
            let set = account.set_leverage(&symbol("ETH-USDT"), LeverageSide::Short, 8, turn()).await;
            assert_eq!(set, Outcome::Accepted(number("8")));
        }
        _ => return of_money(client, name).await,
    }
    true
}

/// The balance that stands in several recordings.
fn balance() -> Balance {
    Balance {
        asset: "USDT".to_owned(),
        balance: number("194.8212"),
        equity: number("196.7431"),
        unrealized_profit: number("1.9219"),
        available_margin: number("193.7609"),
        used_margin: number("1.0602"),
        frozen_margin: number("0"),
    }
}

fn funding(coin: &str, amount: &str, time: i64, ids: [&str; 2]) -> Income {
    Income {
        symbol: coin.to_owned(),
        income_type: "FUNDING_FEE".to_owned(),
        income: number(amount),
        asset: "USDT".to_owned(),
        time,
        tran_id: ids[0].to_owned(),
        trade_id: ids[1].to_owned(),
    }
}

async fn of_money(client: &Client, name: &str) -> bool {
    let account = &client.account;
    match name {
        "swap_v3_user_balance.GET.a" | "swap_v2_user_balance.GET.a" => {
            assert_eq!(account.balances(turn()).await.unwrap().0, [balance()], "{name}");
        }
        "swap_v3_user_balance.GET.b" => {
            let balances = account.balances(turn()).await.unwrap();
            let all: Vec<_> = balances.0.iter().map(|one| (one.asset.as_str(), one.balance)).collect();
            assert_eq!(all, [("USDT", number("19.9003")), ("USDC", number("0"))]);
            assert_eq!(balances.margin().unwrap().available_margin, number("19.9003"));
        }
        "swap_v2_user_positions.GET.a" => {
            let expected = Position {
                id: "1735*****52".to_owned(),
                symbol: symbol("BNB-USDT"),
                direction: Direction::Short,
                quantity: number("0.2"),
                available: number("0.2"),
                average_price: number("246.43"),
                leverage: Some(number("5")),
                is_isolated: Some(true),
                unrealized_profit: number("-0.0653"),
                mark_price: None,
                liquidation_price: Some(number("294.16914617776246")),
            };
            assert_eq!(account.positions(None, turn()).await, Ok(vec![expected]));
        }
        "swap_v2_user_income.GET.a" => {
            let id = "170***6*2_3*9_20***97";
            let expected = funding("LDO-USDT", "-0.0292", 1_702_713_615_000, [id, id]);
            assert_eq!(account.income(0, 1_000, turn()).await, Ok(vec![expected]));
        }
        _ => return false,
    }
    true
}

/// The key of a stream is known by the address at which the stream is looked for.
async fn of_stream(client: &Client, name: &str, replay: &Replay) -> bool {
    if name != "user_auth_userDataStream.POST.a" {
        return false;
    }
    let transport = Arc::clone(&client.transport);
    let stream = UserStream::new(client.account.clone(), transport, StreamSettings::default());
    let (items, mut told) = mpsc::channel(1);
    let running = tokio::spawn(async move { stream.run(0, items).await });
    // The host answers like one that knows of no streams.
    let item = tokio::time::timeout(Duration::from_secs(20), told.recv()).await.unwrap();
    assert!(matches!(item, Some(StreamItem::Down(_))), "{item:?}");
    running.abort();
    let key = "a8ea75681542e66f1a50a1616dd06ed77dab61baa0c296bca03a9b13ee5f2dd7";
    let address = format!("GET /swap-market?listenKey={key}");
    let asked = replay.asked();
    assert!(asked.contains(&address), "{asked:?}");
    true
}

/// Replies that another client's tests keep, where numbers have become texts.
#[tokio::test]
async fn every_reply_that_another_client_recorded_is_read_or_is_not_asked_for() {
    let Some(folder) = recordings() else { return };
    let Some(file) = json("ccxt/response-swap.json") else { return };
    let replay = Replay::start(Recording::read(&folder, "swap_v2_server_time.GET.a").response).await;
    for fixture in file["fixtures"].as_array().unwrap() {
        let id = fixture["id"].as_str().unwrap();
        replay.answer_with(&fixture["httpResponse"].to_string());
        let client = replay.client();
        match id {
            // An order over time, and trades of everybody: nothing here asks for either.
            "resp-08" | "resp-15" => {}
            "resp-12" => assert_eq!(client.account.balances(turn()).await.unwrap().0, [balance()]),
            "resp-13" => {
                let ids = |tran: &str, trade: &str| {
                    [tran, trade].map(|end| format!("1769048666279853387_310_{end}"))
                };
                let row = |amount, time, ids: [String; 2]| {
                    funding("LTC-USDT", amount, time, [ids[0].as_str(), ids[1].as_str()])
                };
                let expected = vec![
                    row("-0.00056154", 1_769_241_660_000, ids("1941328", "1941312")),
                    row("-0.00009521", 1_769_212_846_000, ids("1723487", "1723468")),
                ];
                assert_eq!(client.account.income(0, 1_000, turn()).await, Ok(expected));
            }
            _ => assert!(orders::of_another_client(&client, id).await, "{id} is neither read nor listed"),
        }
    }
}
