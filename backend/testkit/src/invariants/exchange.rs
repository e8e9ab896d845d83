//! An exchange's own books against ours.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use tokio_postgres::Client;
use uuid::Uuid;

/// What an exchange says of one account.
#[derive(Debug, Clone, Default)]
pub struct ExchangeBooks {
    /// Whose.
    pub account: Uuid,
    /// Contract, `LONG` or `SHORT`, and coins.
    pub positions: Vec<(String, String, Decimal)>,
    /// Every order it ever took: the client's name, empty for none, and the coins that are filled.
    pub orders: Vec<(String, Decimal)>,
}

struct Ours {
    client_id: String,
    leg: String,
    symbol: String,
    direction: String,
    filled: Decimal,
    is_over: bool,
}

pub(super) async fn broken(sql: &Client, books: &[ExchangeBooks]) -> Vec<String> {
    let mut offences = Vec::new();
    for one in books {
        offences.extend(judge(&ours(sql, one.account).await, one));
    }
    offences
}

async fn ours(sql: &Client, account: Uuid) -> Vec<Ours> {
    let query = "select client_id, leg, symbol, direction, filled::text,
            state not in ('intended', 'accepted', 'unknown')
        from venue_orders where follower_account_id = $1";
    let rows = sql.query(query, &[&account]).await.expect("the orders");
    let order = |row: &tokio_postgres::Row| Ours {
        client_id: row.get(0),
        leg: row.get(1),
        symbol: row.get(2),
        direction: row.get(3),
        filled: row.get::<_, String>(4).parse().expect("a number"),
        is_over: row.get(5),
    };
    rows.iter().map(order).collect()
}

fn judge(ours: &[Ours], books: &ExchangeBooks) -> Vec<String> {
    let account = books.account;
    let mut offences = Vec::new();
    let mut held: BTreeMap<(&str, &str), Decimal> = BTreeMap::new();
    for order in ours {
        let signed = if order.leg == "open" { order.filled } else { -order.filled };
        *held.entry((&order.symbol, &order.direction)).or_default() += signed;
    }
    for ((symbol, direction), counted) in held {
        let is_it = |one: &&(String, String, Decimal)| one.0 == symbol && one.1 == direction;
        let real: Decimal = books.positions.iter().filter(is_it).map(|one| one.2).sum();
        if counted > real {
            offences.push(format!(
                "I6 we count {counted} of {symbol} {direction} at {account} and there are {real}"
            ));
        }
    }
    let mut seen = BTreeSet::new();
    for (name, filled) in books.orders.iter().filter(|(name, _)| is_ours(name)) {
        seen.insert(name.as_str());
        match ours.iter().find(|order| order.client_id == *name) {
            None => offences
                .push(format!("I14 the exchange has an order {name} at {account} that we never wrote")),
            Some(order) if order.is_over && order.filled != *filled => offences.push(format!(
                "I14 order {name} at {account} is filled {filled}, and we count {}",
                order.filled
            )),
            Some(_) => {}
        }
    }
    for order in ours.iter().filter(|order| order.leg != "external" && order.filled > Decimal::ZERO) {
        if !seen.contains(order.client_id.as_str()) {
            offences.push(format!("I14 the exchange has no order {} at {account}", order.client_id));
        }
    }
    offences
}

/// A name of the form that orders of copies have.
fn is_ours(name: &str) -> bool {
    let copy = name.strip_prefix('f').and_then(|rest| rest.split_at_checked(32));
    copy.is_some_and(|(copy, _)| copy.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(leg: &str, name: &str, filled: &str) -> Ours {
        Ours {
            client_id: name.into(),
            leg: leg.into(),
            symbol: "BTC-USDT".into(),
            direction: "LONG".into(),
            filled: filled.parse().unwrap(),
            is_over: true,
        }
    }

    fn name(leg: &str) -> String {
        format!("f{}{leg}", "0".repeat(32))
    }

    fn books(held: &str, orders: &[(&str, &str)]) -> ExchangeBooks {
        ExchangeBooks {
            account: Uuid::nil(),
            positions: vec![("BTC-USDT".into(), "LONG".into(), held.parse().unwrap())],
            orders: orders.iter().map(|(name, filled)| ((*name).into(), filled.parse().unwrap())).collect(),
        }
    }

    #[test]
    fn equal_books_are_not_faulted_and_others_are() {
        let (open, close) = (name("o1"), name("c1"));
        let ours = [order("open", &open, "3"), order("close", &close, "1"), order("external", "x", "1")];
        let theirs = [(open.as_str(), "3"), (close.as_str(), "1"), ("", "7")];

        assert_eq!(judge(&ours, &books("1", &theirs)), [""; 0]);
        assert!(judge(&ours, &books("0.5", &theirs))[0].starts_with("I6 we count 1"));
        let missing = judge(&ours, &books("1", &theirs[..1]));
        assert!(missing[0].starts_with("I14 the exchange has no order"), "{missing:?}");
        let other = judge(&ours, &books("1", &[(open.as_str(), "2"), (close.as_str(), "1")]));
        assert!(other[0].contains("is filled 2, and we count 3"), "{other:?}");
        let foreign = judge(&ours[..1], &books("3", &theirs));
        assert!(foreign[0].contains("that we never wrote"), "{foreign:?}");
    }
}
