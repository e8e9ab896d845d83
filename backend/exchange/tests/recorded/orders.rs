//! Orders and fills, asked for through the client and compared with what stands in the recordings.

use flotilla_exchange::bingx::contract::Contract;
use flotilla_exchange::bingx::id::{ClientOrderId, OrderId};
use flotilla_exchange::bingx::model::{
    Cancelled, Direction, Fill, FillId, Order, OrderStatus, Placed, PositionMode, PositionSide, TradeSide,
};
use flotilla_exchange::bingx::order::{NewOrder, OrderKind, OrderRef, Terms};
use flotilla_exchange::outcome::Outcome;

use crate::replay::{Client, turn};
use crate::{number, symbol};

fn id(text: &str) -> OrderId {
    OrderId::new(text).unwrap()
}

/// The limit order that stands in several recordings: it rests.
fn resting() -> Order {
    Order {
        id: id("1736012449498123500"),
        client_id: Some("l*****e".to_owned()),
        symbol: symbol("OP-USDT"),
        side: Some(TradeSide::Sell),
        position_side: Some(PositionSide::Long),
        kind: "LIMIT".to_owned(),
        status: OrderStatus::Pending,
        quantity: Some(number("1")),
        filled: number("0"),
        average_price: None,
        price: Some(number("2.171")),
        stop_price: None,
        triggered_by: None,
        created_at_ms: Some(1_702_732_596_168),
        updated_at_ms: Some(1_702_732_596_188),
    }
}

/// The one that is filled in several recordings.
fn filled() -> Order {
    Order {
        id: id("1736007506620112100"),
        client_id: None,
        symbol: symbol("PYTH-USDT"),
        position_side: Some(PositionSide::Short),
        status: OrderStatus::Filled,
        quantity: Some(number("33")),
        filled: number("33"),
        average_price: Some(number("0.3916")),
        price: Some(number("0.3916")),
        created_at_ms: Some(1_702_731_418_000),
        updated_at_ms: Some(1_702_731_470_000),
        ..resting()
    }
}

/// The one by which the exchange closed a position.
fn forced(name: &str) -> Order {
    Order {
        // Beyond 64 bits in one of them: kept to the last digit.
        id: id(if name.ends_with('a') { "172264854643022330000" } else { "17226485464302233" }),
        client_id: None,
        symbol: symbol("ATOM-USDT"),
        status: OrderStatus::Filled,
        quantity: Some(number("2.36")),
        filled: number("2.36"),
        average_price: Some(number("8.095")),
        price: Some(number("8.096")),
        created_at_ms: Some(1_699_546_393_000),
        updated_at_ms: Some(1_699_546_393_000),
        ..resting()
    }
}

pub async fn of_orders(client: &Client, name: &str) -> bool {
    let account = &client.account;
    let triggered_by = Some(id("1736012449498123500"));
    match name {
        "swap_v2_trade_order.POST.a" | "swap_v2_trade_order.POST.b" | "swap_v2_trade_order_test.POST.a" => {
            assert_eq!(place(client).await, accepted("1735950529123455000", None), "{name}");
        }
        "swap_v2_trade_order.GET.a" | "swap_v2_trade_order.GET.b" | "swap_v2_trade_openOrder.GET.a" => {
            let named = OrderRef::Venue(id("1736012449498123500"));
            let found = account.order(&symbol("OP-USDT"), &named, turn()).await;
            let is_newer = name == "swap_v2_trade_order.GET.a";
            let expected = Order { triggered_by: triggered_by.filter(|_| is_newer), ..resting() };
            assert_eq!(found, Ok(Some(expected)), "{name}");
        }
        "swap_v2_trade_openOrders.GET.a" | "swap_v2_trade_openOrders.GET.b" => {
            let open = account.open_orders(None, turn()).await;
            let one = |price, made, changed| Order {
                id: id("1733405587011123500"),
                client_id: None,
                symbol: symbol("BTC-USDT"),
                quantity: Some(number("0.003")),
                price: Some(number(price)),
                created_at_ms: Some(made),
                updated_at_ms: Some(changed),
                ..resting()
            };
            let expected = vec![
                one("44459.6", 1_702_256_915_574, 1_702_256_915_610),
                one("44454.6", 1_702_111_071_719, 1_702_111_071_735),
            ];
            assert_eq!(open, Ok(expected), "{name}");
        }
        "swap_v2_trade_allOrders.GET.a" | "swap_v1_trade_fullOrder.GET.a" => {
            assert_eq!(past(client).await, [Order { triggered_by, ..filled() }], "{name}");
        }
        "swap_v2_trade_allOrders.GET.b" => assert_eq!(past(client).await, [filled()]),
        "swap_v2_trade_forceOrders.GET.a" | "swap_v2_trade_forceOrders.GET.b" => {
            assert_eq!(past(client).await, [forced(name)], "{name}");
        }
        "swap_v2_trade_fillHistory.GET.a" => {
            let expected = fill("241512", Some(TradeSide::Buy), Some(PositionSide::Short));
            assert_eq!(account.fills(None, 0, 1_000, turn()).await, Ok(vec![expected]));
        }
        "swap_v2_trade_allFillOrders.GET.a" => {
            assert_eq!(account.fills(None, 0, 1_000, turn()).await, Ok(vec![fill("", None, None)]));
        }
        _ => return of_cancels(client, name).await,
    }
    true
}

async fn of_cancels(client: &Client, name: &str) -> bool {
    let account = &client.account;
    match name {
        "swap_v2_trade_order.DELETE.a" => {
            let named = OrderRef::Venue(id("1736011869418901200"));
            let expected = Order {
                id: id("1736011869418901200"),
                client_id: Some("lo******7".to_owned()),
                symbol: symbol("RNDR-USDT"),
                side: Some(TradeSide::Buy),
                status: OrderStatus::Cancelled,
                quantity: Some(number("3")),
                price: Some(number("4.5081")),
                created_at_ms: Some(1_702_732_457_867),
                updated_at_ms: Some(1_702_732_457_888),
                ..resting()
            };
            let cancelled = account.cancel(&symbol("RNDR-USDT"), &named, turn()).await;
            assert_eq!(cancelled, Outcome::Accepted(expected));
        }
        "swap_v2_trade_order.DELETE.b" => {
            let named = OrderRef::Venue(id("1736012449498123500"));
            let cancelled = account.cancel(&symbol("OP-USDT"), &named, turn()).await;
            let expected = Order { triggered_by: Some(id("1736012449498123500")), ..resting() };
            assert_eq!(cancelled, Outcome::Accepted(expected));
        }
        "swap_v2_trade_allOpenOrders.DELETE.a" => {
            cancelled_all(client, ("ATOM-USDT", "3"), ["13.044", "11.292"], 2).await;
        }
        "swap_v2_trade_allOpenOrders.DELETE.b" => {
            cancelled_all(client, ("ATOM-USDT", "3"), ["13.044", "11.292"], 0).await;
        }
        "swap_v2_trade_batchOrders.DELETE.a" => {
            let all = cancel_all(client).await;
            let quantities: Vec<_> = all.success.iter().map(|order| order.quantity).collect();
            let prices: Vec<_> = all.success.iter().map(|order| order.price).collect();
            assert_eq!(quantities, [Some(number("0.0032")), Some(number("0.0033"))]);
            assert_eq!(prices, [Some(number("41682.9")), Some(number("41182.9"))]);
            assert_eq!(all.failed, 0);
        }
        _ => return false,
    }
    true
}

async fn cancel_all(client: &Client) -> Cancelled {
    client.account.cancel_all(&symbol("ATOM-USDT"), turn()).await.accepted().unwrap()
}

async fn cancelled_all(client: &Client, (coin, quantity): (&str, &str), prices: [&str; 2], failed: usize) {
    let all = cancel_all(client).await;
    assert_eq!((all.success.len(), all.failed), (prices.len(), failed));
    let sides = [TradeSide::Sell, TradeSide::Buy];
    for ((order, price), side) in all.success.iter().zip(prices).zip(sides) {
        assert_eq!((order.id.as_str(), &order.symbol), ("1736013373487123500", &symbol(coin)));
        assert_eq!((order.quantity, order.price), (Some(number(quantity)), Some(number(price))));
        assert_eq!((order.side, order.position_side), (Some(side), Some(PositionSide::Short)));
        assert_eq!((&order.status, order.filled), (&OrderStatus::Cancelled, number("0")));
    }
}

async fn past(client: &Client) -> Vec<Order> {
    client.account.orders_between(&symbol("BTC-USDT"), 0, 1_000, turn()).await.unwrap()
}

fn fill(trade: &str, side: Option<TradeSide>, position_side: Option<PositionSide>) -> Fill {
    Fill {
        id: FillId { order: id("1736007768311123456"), trade: trade.to_owned() },
        symbol: symbol("WLD-USDT"),
        side,
        position_side,
        quantity: number("4.1"),
        price: number("3.1088"),
        commission: number("-0.0025"),
        commission_asset: "USDT".to_owned(),
        filled_at_ms: 1_702_731_516_000,
    }
}

/// Places a small order, whatever the answer is about.
async fn place(client: &Client) -> Outcome<Placed> {
    let contract: Contract =
        serde_json::from_str(r#"{"symbol":"BTC-USDT","quantityPrecision":4,"pricePrecision":1,"status":1}"#)
            .unwrap();
    let order = NewOrder {
        client_id: ClientOrderId::new("fabc1").unwrap(),
        symbol: symbol("BTC-USDT"),
        direction: Direction::Long,
        opens: true,
        quantity: number("0.01"),
        kind: OrderKind::Market,
        stop_loss: None,
        take_profit: None,
    };
    let terms = Terms { mode: PositionMode::Hedge, contract: &contract, last_price: None };
    client.account.place(&order, terms, turn()).await
}

fn accepted(order: &str, quantity: Option<&str>) -> Outcome<Placed> {
    let quantity = quantity.map(number);
    Outcome::Accepted(Placed { id: id(order), quantity, average_price: None, filled: None })
}

/// As another client recorded them: shapes of several years.
pub async fn of_another_client(client: &Client, name: &str) -> bool {
    let (order, quantity) = match name {
        "resp-01" => ("2075327764731486208", Some("0.01")),
        "resp-02" => ("2075327018132791296", Some("0.01")),
        "resp-03" => ("1735119588833849344", None),
        "resp-05" => ("1751667285204103168", Some("0.1")),
        "resp-06" => ("1792485525883039744", Some("0.1")),
        "resp-10" => {
            let expected = Fill {
                id: FillId { order: id("1743623387810590720"), trade: String::new() },
                symbol: symbol("LTC-USDT"),
                quantity: number("10"),
                price: number("65.2965"),
                commission: number("-0.0326"),
                filled_at_ms: 1_704_547_185_000,
                ..fill("", None, None)
            };
            assert_eq!(client.account.fills(None, 0, 1_000, turn()).await, Ok(vec![expected]));
            return true;
        }
        _ => return false,
    };
    assert_eq!(place(client).await, accepted(order, quantity), "{name}");
    true
}
