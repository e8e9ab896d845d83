//! The control API: accounts, markets, clock, faults, and what the client has done. On a port of its own.
//!
//! `POST /` with one order, `{"op": "…", …}`. Decimals are text. The answer is JSON; an order that cannot be read is 400.

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::fault::{Rule, StreamMishap};
use crate::http::Wire;
use crate::json::{Json, number, object, text};
use crate::ledger::Slot;
use crate::market::Level;
use crate::profile::Profile;
use crate::request::HostName;
use crate::server::{Shared, json};
use crate::venue::{Reply, Venue};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum HostWord {
    Live,
    Demo,
}

impl From<HostWord> for HostName {
    fn from(word: HostWord) -> Self {
        match word {
            HostWord::Live => Self::Live,
            HostWord::Demo => Self::Demo,
        }
    }
}

/// A book as it is written by hand: price and quantity of each level, best first.
type Side = Vec<(Decimal, Decimal)>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountChange {
    uid: u64,
    permissions: Option<Vec<u8>>,
    ips: Option<Vec<String>>,
    disabled: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MarketChange {
    host: HostWord,
    symbol: String,
    last: Option<Decimal>,
    mark: Option<Decimal>,
    bids: Option<Side>,
    asks: Option<Side>,
    depth: Option<Decimal>,
    status: Option<i64>,
    api_open: Option<bool>,
    api_close: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
enum Order {
    /// Opens an account on both hosts.
    OpenAccount { key: String, secret: String, deposit: Decimal },
    /// Changes what a key may do.
    Account(AccountChange),
    /// Moves last, mark and book.
    Price { host: HostWord, symbol: String, price: Decimal },
    /// Changes parts of a market by hand.
    Market(MarketChange),
    /// Random steps of all markets; none for 0.
    Walk { every_ms: i64 },
    /// Moves the clock.
    Clock { advance_ms: i64 },
    /// Changes manners.
    Profile { profile: Profile },
    /// Adds a fault.
    Fault { rule: Rule },
    /// Takes all faults away.
    ClearFaults,
    /// Something goes wrong with a stream.
    StreamFault { uid: u64, mishap: StreamMishap },
    /// The owner closes a position in the app.
    CloseByHand { host: HostWord, uid: u64, symbol: String, slot: String },
    /// The exchange takes of a position what another's liquidation left over: all of it, where no quantity stands.
    Deleverage { host: HostWord, uid: u64, symbol: String, slot: String, quantity: Option<Decimal> },
    /// The owner switches the position mode in the app.
    Mode { host: HostWord, uid: u64, hedge: bool },
    /// The owner changes leverage in the app.
    Leverage { host: HostWord, uid: u64, symbol: String, long: i64, short: i64 },
    /// Money comes in, or goes out.
    Transfer { host: HostWord, uid: u64, amount: Decimal },
    /// An account's books.
    Ledger { host: HostWord, uid: u64 },
    /// All requests so far.
    Journal,
    /// What is wrong with anybody's sums.
    Check,
    /// How many streams are connected.
    Listening,
}

/// Answers a request of the control API.
pub fn answer(shared: &Shared, wire: &Wire) -> Reply {
    if wire.method == "GET" {
        return json(200, &object([("now_ms", number(shared.now_ms()))]));
    }
    match serde_json::from_slice::<Order>(&wire.body) {
        Ok(Order::Clock { advance_ms }) => {
            shared.jump(advance_ms);
            json(200, &object([("now_ms", number(shared.now_ms()))]))
        }
        Ok(Order::Listening) => json(200, &object([("streams", number(shared.streams()))])),
        Ok(order) => json(200, &shared.with(|venue| perform(venue, order))),
        Err(error) => json(400, &object([("error", text(error))])),
    }
}

fn perform(venue: &mut Venue, order: Order) -> Json {
    let done = || object([("done", Json::Bool(true))]);
    match order {
        Order::OpenAccount { key, secret, deposit } => {
            return object([("uid", number(venue.open_account(&key, &secret, deposit)))]);
        }
        Order::Account(change) => change_account(venue, change),
        Order::Price { host, symbol, price } => venue.move_price(host.into(), &symbol, price),
        Order::Market(change) => change_market(venue, change),
        Order::Walk { every_ms } => venue.walk_every_ms = every_ms,
        Order::Profile { profile } => venue.profile = profile,
        Order::Fault { rule } => venue.faults.add(rule),
        Order::ClearFaults => venue.faults.clear(),
        Order::StreamFault { uid, mishap } => venue.stream_faults.entry(uid).or_default().push(mishap),
        Order::CloseByHand { host, uid, symbol, slot } => {
            let slot = Slot::read(&slot).unwrap_or(Slot::Both);
            venue.at_desk(host.into(), uid, |desk| desk.close_slot(&symbol, slot, "MARKET"));
        }
        Order::Deleverage { host, uid, symbol, slot, quantity } => {
            let (slot, most) = (Slot::read(&slot).unwrap_or(Slot::Both), quantity.unwrap_or(Decimal::MAX));
            venue.at_desk(host.into(), uid, |desk| desk.deleverage(&symbol, slot, most));
        }
        Order::Mode { host, uid, hedge } => {
            venue.at_desk(host.into(), uid, |desk| desk.ledger.is_hedge = hedge);
        }
        Order::Leverage { host, uid, symbol, long, short } => {
            venue.change_leverage(host.into(), uid, &symbol, (long, short));
        }
        Order::Transfer { host, uid, amount } => {
            venue.at_desk(host.into(), uid, |desk| desk.book("", "TRANSFER", amount));
        }
        Order::Ledger { host, uid } => {
            return venue.ledger(host.into(), uid).map_or(Json::Null, crate::ledger::Ledger::to_json);
        }
        Order::Journal => return journal(venue),
        Order::Check => return Json::List(venue.faults_of_books().into_iter().map(text).collect()),
        Order::Clock { .. } | Order::Listening => {}
    }
    done()
}

fn change_account(venue: &mut Venue, change: AccountChange) {
    let Some(account) = venue.account_mut(change.uid) else { return };
    if let Some(permissions) = change.permissions {
        account.permissions = permissions.into_iter().collect();
    }
    if let Some(ips) = change.ips {
        account.ips = ips;
    }
    if let Some(disabled) = change.disabled {
        account.is_disabled = disabled;
    }
}

fn change_market(venue: &mut Venue, change: MarketChange) {
    let host = change.host.into();
    let Some(market) = venue.market_mut(host, &change.symbol) else { return };
    let levels = |side: Side| side.into_iter().map(|(price, quantity)| Level { price, quantity }).collect();
    market.depth = change.depth.unwrap_or(market.depth);
    market.last = change.last.unwrap_or(market.last);
    market.mark = change.mark.unwrap_or(market.mark);
    if change.depth.is_some() {
        market.rebuild();
    }
    if let Some(bids) = change.bids {
        market.bids = levels(bids);
        market.book_version += 1;
    }
    if let Some(asks) = change.asks {
        market.asks = levels(asks);
        market.book_version += 1;
    }
    market.status = change.status.unwrap_or(market.status);
    market.api_open = change.api_open.unwrap_or(market.api_open);
    market.api_close = change.api_close.unwrap_or(market.api_close);
    venue.settle(host, &change.symbol);
}

fn journal(venue: &Venue) -> Json {
    let rows = venue.journal.iter().map(|entry| {
        object([
            ("at_ms", number(entry.at_ms)),
            ("host", text(entry.host.as_str())),
            ("uid", entry.uid.map_or(Json::Null, number)),
            ("method", text(&entry.method)),
            ("path", text(&entry.path)),
            ("client_id", text(&entry.client_id)),
            ("status", number(entry.status)),
            ("code", number(entry.code)),
            ("mishap", entry.mishap.as_ref().map_or(Json::Null, text)),
        ])
    });
    Json::List(rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Params;

    #[test]
    fn a_position_is_deleveraged_in_part_and_then_as_a_whole() {
        let mut venue = Venue::new(1, 1_790_000_000_000);
        let uid = venue.open_account("key", "secret", Decimal::from(10_000));
        let pairs = [
            ("symbol", "BTC-USDT"),
            ("side", "BUY"),
            ("positionSide", "LONG"),
            ("type", "MARKET"),
            ("quantity", "0.1"),
        ];
        let params = Params::of_values(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        venue.at_desk(HostName::Live, uid, |desk| desk.place(&params).unwrap()).unwrap();
        let mut held_after = |rest: &str| {
            let place = format!(r#""host":"live","uid":{uid},"symbol":"BTC-USDT","slot":"LONG""#);
            let order = format!(r#"{{"op":"deleverage",{place}{rest}}}"#);
            perform(&mut venue, serde_json::from_str(&order).unwrap());
            let positions = &venue.ledger(HostName::Live, uid).unwrap().positions;
            positions.values().map(|position| position.quantity).sum::<Decimal>()
        };

        assert_eq!(held_after(r#","quantity":"0.04""#), Decimal::new(6, 2));
        assert_eq!(held_after(""), Decimal::ZERO);
    }
}
