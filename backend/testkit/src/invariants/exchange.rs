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
    /// Stops and targets that stand.
    pub exits: Vec<StandingExit>,
}

/// A stop or target that stands.
#[derive(Debug, Clone)]
pub struct StandingExit {
    /// The client's name of it, or of the entry that it came with; empty for none.
    pub name: String,
    /// A target; otherwise a stop.
    pub is_target: bool,
    /// Coins that it closes.
    pub quantity: Decimal,
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
        let ours = ours(sql, one.account).await;
        offences.extend(judge(&ours, one));
        offences.extend(judge_exits(&ours, &wanted(sql, one.account).await, one));
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

/// Copies that are open and stay so, each with a kind of exit that is wanted for it.
async fn wanted(sql: &Client, account: Uuid) -> Vec<(Uuid, bool)> {
    let query = "select e.copy_id, e.kind = 'target' from venue_exits e
        join copy_orders c on c.copy_id = e.copy_id and c.state = 'open' and c.desired_lots > 0
        where e.follower_account_id = $1 and e.trigger_price is not null";
    let rows = sql.query(query, &[&account]).await.expect("the exits");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

fn judge_exits(ours: &[Ours], wanted: &[(Uuid, bool)], books: &ExchangeBooks) -> Vec<String> {
    let account = books.account;
    let mut offences = Vec::new();
    let mut held: BTreeMap<&str, Decimal> = BTreeMap::new();
    for order in ours {
        let signed = if order.leg == "open" { order.filled } else { -order.filled };
        *held.entry(copy_of(&order.client_id)).or_default() += signed;
    }
    let mut standing = BTreeSet::new();
    for exit in books.exits.iter().filter(|exit| exit.name.starts_with('f')) {
        let (copy, closes) = (copy_of(&exit.name), exit.quantity);
        let holds = held.get(copy).copied().unwrap_or_default();
        if closes > holds {
            offences.push(format!(
                "I16 an exit at {account} closes {closes} of copy {copy}, which holds {holds}"
            ));
        }
        if !standing.insert((copy.to_owned(), exit.is_target)) {
            offences.push(format!("I16 copy {copy} at {account} has two exits of one kind"));
        }
    }
    for (copy, is_target) in wanted {
        if !standing.contains(&(copy.simple().to_string(), *is_target)) {
            let what = if *is_target { "target" } else { "stop" };
            offences.push(format!("I16 copy {copy} at {account} has lost its {what}"));
        }
    }
    offences
}

/// Digits of the copy in the name of an order of one.
fn copy_of(name: &str) -> &str {
    name.get(1..33).unwrap_or_default()
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

/// A name of the form that orders have which open or close copies. Stops and targets that are placed anew have no row of
/// their own there.
fn is_ours(name: &str) -> bool {
    let copy = name.strip_prefix('f').and_then(|rest| rest.split_at_checked(32));
    copy.is_some_and(|(copy, leg)| {
        copy.bytes().all(|byte| byte.is_ascii_hexdigit()) && !leg.starts_with(['s', 't'])
    })
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
            exits: Vec::new(),
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

    #[test]
    fn an_exit_is_faulted_that_outlives_its_copy_or_is_lost_or_doubled() {
        let ours =
            [order("open", &name("o1"), "3"), order("external", &format!("x{}x1", "0".repeat(32)), "1")];
        let exit = |leg: &str, quantity: &str| StandingExit {
            name: if leg.is_empty() { String::new() } else { name(leg) },
            is_target: leg.starts_with('t'),
            quantity: quantity.parse().unwrap(),
        };
        let of = |exits: &[StandingExit], wanted: &[(Uuid, bool)]| {
            judge_exits(&ours, wanted, &ExchangeBooks { exits: exits.to_vec(), ..books("2", &[]) })
        };
        let wanted = [(Uuid::nil(), false)];

        assert_eq!(of(&[exit("o1", "2"), exit("t1", "2"), exit("", "9")], &wanted), [""; 0]);
        assert!(of(&[exit("s1", "3")], &[])[0].contains("closes 3"));
        assert!(of(&[exit("s1", "2"), exit("o1", "2")], &[])[0].contains("two exits"));
        assert!(of(&[exit("t1", "2")], &wanted)[0].contains("has lost its stop"));
    }
}
