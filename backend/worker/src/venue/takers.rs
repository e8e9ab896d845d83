//! What closed of a position that copies hold, and was no order of theirs: a hand, a liquidation, a deleveraging.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use flotilla_domain::trade::Direction;
use flotilla_exchange::bingx::client::Turn;
use flotilla_exchange::bingx::id::Symbol;
use flotilla_exchange::bingx::model::{Fill, PositionSide, TradeSide};
use flotilla_exchange::limits::Priority;
use flotilla_store::venue_orders::books;
use flotilla_store::venue_orders::exits::{self, Place};
use rust_decimal::Decimal;

use super::desk::{Served, direction};
use crate::gateway::Gateway;

/// The exchange shows fills of six days at least.
const SHOWN_MS: i64 = 6 * 86_400_000;

/// Coins that were closed, at one price.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Taking {
    coins: Decimal,
    price: Decimal,
    /// Of one coin, above zero where it was paid.
    fee: Decimal,
    asset: String,
}

/// What was closed and is not booked yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Takings {
    /// The newest first.
    parts: Vec<Taking>,
    /// Some of it by stops or targets of copies of which it is not known that they were pulled.
    are_of_exits: bool,
}

/// What is known of orders that may have closed something.
#[derive(Debug, Default)]
struct Known {
    /// By the exchange's name, coins that are booked of what an order took; `None`: it is an order of a copy.
    booked: HashMap<String, Option<Decimal>>,
    /// Stops and targets of copies that stand, or of which the end is not known.
    exits: HashSet<String>,
}

/// What a part of it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Share {
    pub price: Decimal,
    pub fee: Decimal,
    /// Of the fee; empty where the list does not say.
    pub asset: String,
}

/// Reads what closed of a position since something else last took of it. `None` where it cannot be read.
pub(super) async fn read(gateway: &Gateway, served: &Served, place: &Place) -> Option<Takings> {
    let venues = gateway.venues.as_ref()?;
    let now = venues.bingx.clock(served.api.environment()).now_ms()?;
    let (account, symbol, held) = place;
    let (account, position) = (*account, (symbol.as_str(), *held));
    let symbol = Symbol::listed(symbol).ok()?;
    let (age_ms, known) = gateway
        .db
        .open(async |tx| {
            let age_ms = books::untaken_for_ms(tx, account, position).await?;
            let booked = books::list_booked_by_order(tx, account).await?;
            let exits = exits::list_order_ids(tx, place).await?;
            Ok::<_, flotilla_store::StoreError>((age_ms, Known { booked, exits }))
        })
        .await
        .ok()?;
    let since = now - age_ms.min(SHOWN_MS);
    let turn = Turn::within(Priority::Account, Duration::from_secs(20));
    let fills = served.api.fills(Some(&symbol), since, now + 60_000, turn).await.ok()?;
    Some(Takings::of(&fills, *held, since, known))
}

impl Takings {
    fn of(fills: &[Fill], held: Direction, since_ms: i64, mut known: Known) -> Self {
        let side = TradeSide::of(direction(held), false);
        let is_of_position = |fill: &Fill| match (fill.position_side, held) {
            (Some(PositionSide::Long), held) => held == Direction::Long,
            (Some(PositionSide::Short), held) => held == Direction::Short,
            (Some(PositionSide::Both) | None, _) => true,
        };
        let mut theirs: Vec<&Fill> = fills
            .iter()
            .filter(|fill| fill.side == Some(side) && is_of_position(fill) && fill.filled_at_ms >= since_ms)
            .filter(|fill| fill.quantity > Decimal::ZERO)
            .collect();
        theirs.sort_by_key(|fill| fill.filled_at_ms);
        let (mut parts, mut are_of_exits) = (Vec::new(), false);
        for fill in theirs {
            let left = known.beyond(fill);
            if left <= Decimal::ZERO {
                continue;
            }
            are_of_exits |= known.exits.contains(fill.id.order.as_str());
            parts.push(Taking {
                coins: left,
                price: fill.price,
                fee: (-fill.commission).checked_div(fill.quantity).unwrap_or_default(),
                asset: fill.commission_asset.clone(),
            });
        }
        parts.reverse();
        Self { parts, are_of_exits }
    }

    /// Whether some of it was closed by stops or targets of copies of which it is not known that they were pulled.
    pub const fn are_of_exits(&self) -> bool {
        self.are_of_exits
    }

    /// Coins of it.
    pub fn coins(&self) -> Decimal {
        self.parts.iter().map(|taking| taking.coins).sum()
    }

    /// Takes the newest `coins` out. `None` where there are none.
    pub fn take(&mut self, coins: Decimal) -> Option<Share> {
        let (mut left, mut money, mut fee) = (coins, Decimal::ZERO, Decimal::ZERO);
        let asset = self.parts.first().map(|taking| taking.asset.clone()).unwrap_or_default();
        for taking in &mut self.parts {
            let part = taking.coins.min(left);
            taking.coins -= part;
            left -= part;
            money += part * taking.price;
            fee += part * taking.fee;
        }
        self.parts.retain(|taking| taking.coins > Decimal::ZERO);
        let price = money.checked_div(coins - left)?;
        Some(Share { price: price.round_dp(10).normalize(), fee: fee.round_dp(8).normalize(), asset })
    }
}

impl Known {
    /// Coins of a fill that are not booked. What is booked of an order counts for its oldest fills, each once.
    fn beyond(&mut self, fill: &Fill) -> Decimal {
        match self.booked.get_mut(fill.id.order.as_str()) {
            None => fill.quantity,
            Some(None) => Decimal::ZERO,
            Some(Some(booked)) => {
                let part = fill.quantity.min(*booked);
                *booked -= part;
                fill.quantity - part
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use flotilla_exchange::bingx::id::OrderId;
    use flotilla_exchange::bingx::model::FillId;

    use super::*;

    fn fill(order: &str, at: i64, quantity: &str, price: i64, side: PositionSide) -> Fill {
        Fill {
            id: FillId { order: OrderId::new(order).unwrap(), trade: format!("t{at}") },
            symbol: Symbol::new("BTC-USDT").unwrap(),
            side: Some(TradeSide::Sell),
            position_side: Some(side),
            quantity: quantity.parse().unwrap(),
            price: Decimal::from(price),
            commission: Decimal::new(-1, 0),
            commission_asset: "USDT".to_owned(),
            filled_at_ms: at,
        }
    }

    #[test]
    fn the_newest_fills_of_others_on_that_position_count_and_each_once() {
        let fills = [
            fill("1", 10, "5", 90, PositionSide::Long),
            fill("2", 20, "1", 100, PositionSide::Long),
            fill("3", 30, "1", 110, PositionSide::Long),
            fill("4", 40, "1", 999, PositionSide::Long),
            fill("5", 50, "1", 888, PositionSide::Short),
        ];
        let booked = HashMap::from([("4".to_owned(), None)]);

        let mut takings = Takings::of(&fills, Direction::Long, 15, Known { booked, ..Known::default() });

        assert_eq!(takings.coins(), Decimal::TWO, "what was before is booked already");
        let share = takings.take("1.5".parse().unwrap()).unwrap();
        assert_eq!(
            (share.price.round_dp(4), share.fee),
            ("106.6667".parse().unwrap(), "1.5".parse().unwrap())
        );
        let share = takings.take(Decimal::ONE).unwrap();
        assert_eq!((share.price, share.fee), (Decimal::from(100), "0.5".parse().unwrap()));
        assert_eq!(takings.take(Decimal::ONE), None);
    }

    #[test]
    fn what_a_stop_took_beyond_its_copy_is_taken_of_others_once_the_stop_is_settled() {
        let fills = [
            fill("1", 10, "1", 90, PositionSide::Long),
            fill("1", 20, "1", 100, PositionSide::Long),
            fill("2", 30, "1", 110, PositionSide::Long),
        ];
        let known = |exit: &str| Known {
            booked: HashMap::from([("1".to_owned(), Some("1.5".parse().unwrap())), ("2".to_owned(), None)]),
            exits: HashSet::from([exit.to_owned()]),
        };

        let mut takings = Takings::of(&fills, Direction::Long, 0, known("3"));

        assert_eq!((takings.coins(), takings.are_of_exits()), ("0.5".parse().unwrap(), false));
        assert_eq!(takings.take(Decimal::ONE).unwrap().price, Decimal::from(100));
        assert!(Takings::of(&fills, Direction::Long, 0, known("1")).are_of_exits());
        assert!(!Takings::of(&fills, Direction::Long, 0, known("2")).are_of_exits());
    }
}
