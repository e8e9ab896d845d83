//! An account as it is now: balance, positions, stops. Figures and positions are told from it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::risk::{observation, weight};
use flotilla_domain::trade;
use flotilla_exchange::bingx::event::{AccountEvent, OrderEvent, PositionChange};
use flotilla_exchange::bingx::id::{OrderId, Symbol};
use flotilla_exchange::bingx::model::{
    Balance, Direction, Order, OrderStatus, Position, PositionSide, TradeSide,
};
use flotilla_exchange::bingx::stream::Snapshot;
use flotilla_store::StoreResult;
use flotilla_store::figures::ReportedFigures;
use flotilla_store::venue_accounts::whose;
use flotilla_store::venue_positions::{self, VenuePosition};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use tokio::time::Instant;

use super::Venues;
use super::stream::Listening;
use crate::figures::{self, frame::Frame};
use crate::gateway::Gateway;

/// What was said of a position's worth, or a price, says nothing of now when it is older.
const FRESH: Duration = Duration::from_secs(20);
/// Positions of which nothing but prices has changed are written this often.
const WRITE_EVERY: Duration = Duration::from_secs(5);
/// Decimals of what is computed here.
const SCALE: u32 = 8;
/// Two looks at the orders that are further apart say nothing of the time between them.
const LOOKS_APART: Duration = Duration::from_mins(2);

/// What an account holds, whatever that is worth.
type Shape = Vec<(Symbol, Direction, Decimal)>;

/// An account as it is now.
#[derive(Debug, Default)]
pub(super) struct Picture {
    margin: Option<Balance>,
    held: BTreeMap<(Symbol, Direction), Held>,
    stops: Vec<Stop>,
    /// Orders that wait and are no exits, as they were last read, without those of which something was heard since.
    pending: Option<Vec<(OrderId, Symbol)>>,
    written: Option<(Shape, Instant)>,
    /// Positions that had no stop at the last look at the orders: since which look, and of when the last one was. Only a
    /// look tells: a stop that was set since then is not known before the next one.
    bare: BTreeMap<(Symbol, Direction), (Instant, Instant)>,
}

#[derive(Debug, Clone)]
struct Held {
    quantity: Decimal,
    average_price: Decimal,
    unrealised: Decimal,
    /// Of when that is: of the exchange's word, or of a price since.
    valued_at: Instant,
    mark: Option<Decimal>,
    leverage: Option<Decimal>,
    liquidation_price: Option<Decimal>,
}

/// An order that ends a position when the price goes against it.
#[derive(Debug)]
struct Stop {
    symbol: Symbol,
    direction: Direction,
    price: Decimal,
    quantity: Decimal,
}

impl Picture {
    /// Takes over all of an account; whether its balance is another than was known.
    pub fn replace(&mut self, snapshot: &Snapshot) -> bool {
        let mut is_other = false;
        if let Some(margin) = snapshot.balances.margin() {
            is_other = self.margin.as_ref().is_none_or(|known| known.balance != margin.balance);
            self.margin = Some(margin.clone());
        }
        self.held = snapshot.positions.iter().map(Held::read).collect();
        self.stops = snapshot.open_orders.iter().filter_map(Stop::read).collect();
        self.pending = self.pending(&snapshot.open_orders);
        self.note_bare(&snapshot.open_orders);
        is_other
    }

    fn note_bare(&mut self, orders: &[Order]) {
        let now = Instant::now();
        let before = std::mem::take(&mut self.bare);
        let has_stop =
            |symbol: &Symbol| orders.iter().any(|order| order.symbol == *symbol && may_be_stop(&order.kind));
        for key in self.held.keys().filter(|(symbol, _)| !has_stop(symbol)) {
            let known = before.get(key).filter(|(_, last)| now.duration_since(*last) <= LOOKS_APART);
            self.bare.insert(key.clone(), (known.map_or(now, |(since, _)| *since), now));
        }
    }

    /// An order was filled or has ended. One that was made is known with the next snapshot: the stream repeats and
    /// reorders, and one that is told again after its end must not count beside its position.
    pub fn end_order(&mut self, order: &OrderEvent) {
        if !matches!(order.status, OrderStatus::New | OrderStatus::Pending) {
            self.forget_pending(|id, _| *id == order.id);
        }
    }

    fn forget_pending(&mut self, is_meant: impl Fn(&OrderId, &Symbol) -> bool) {
        if let Some(pending) = &mut self.pending {
            pending.retain(|(id, symbol)| !is_meant(id, symbol));
        }
    }

    /// Those that wait and are no exits; `None` where the words of one are not known.
    fn pending(&self, orders: &[Order]) -> Option<Vec<(OrderId, Symbol)>> {
        let mut pending = Vec::new();
        for order in orders {
            let ends = match order.side? {
                TradeSide::Sell => Direction::Long,
                TradeSide::Buy => Direction::Short,
            };
            let is_exit = match order.position_side {
                Some(PositionSide::Long) => ends == Direction::Long,
                Some(PositionSide::Short) => ends == Direction::Short,
                // In one-way mode it ends what is held the other way.
                Some(PositionSide::Both) | None => self.held.contains_key(&(order.symbol.clone(), ends)),
            };
            if !is_exit && order.kind != "MARKET" {
                pending.push((order.id.clone(), order.symbol.clone()));
            }
        }
        Some(pending)
    }

    /// Takes over what has changed.
    pub fn change(&mut self, event: &AccountEvent) {
        if let Some(margin) = &mut self.margin
            && let Some((_, balance)) = event.balances.iter().find(|(asset, _)| *asset == margin.asset)
        {
            margin.balance = *balance;
        }
        for change in &event.positions {
            self.change_position(change);
        }
    }

    fn change_position(&mut self, change: &PositionChange) {
        // The order that was filled is perhaps told of later.
        self.forget_pending(|_, symbol| *symbol == change.symbol);
        let Some(direction) = change.direction.or_else(|| self.only_direction(&change.symbol)) else {
            // Both at once is hedge mode, where the direction is said. An empty one ends whatever there was.
            if change.quantity.is_zero() {
                self.held.retain(|(symbol, _), _| *symbol != change.symbol);
                self.bare.retain(|(symbol, _), _| *symbol != change.symbol);
            } else {
                self.hold(Direction::Long, change);
            }
            return;
        };
        self.hold(direction, change);
    }

    fn only_direction(&self, symbol: &Symbol) -> Option<Direction> {
        let mut held = self.held.keys().filter(|(known, _)| known == symbol).map(|(_, direction)| *direction);
        held.next().filter(|_| held.next().is_none())
    }

    fn hold(&mut self, direction: Direction, change: &PositionChange) {
        let key = (change.symbol.clone(), direction);
        if change.quantity.is_zero() {
            self.held.remove(&key);
            self.bare.remove(&key);
            return;
        }
        let before = self.held.get(&key);
        let held = Held {
            quantity: change.quantity,
            average_price: change.average_price,
            unrealised: change.unrealized_profit,
            valued_at: Instant::now(),
            mark: None,
            leverage: before.and_then(|held| held.leverage),
            liquidation_price: before.and_then(|held| held.liquidation_price),
        };
        self.held.insert(key, held);
    }

    /// Whether prices change what it is worth.
    pub fn has_open_positions(&self) -> bool {
        !self.held.is_empty()
    }

    /// Tells figures, and positions where they have changed.
    ///
    /// `cash_total`: `None` while it is not known what was moved; then the balance may be a deposit, and is not told.
    /// Whether figures were.
    pub async fn tell(
        &mut self,
        gateway: &Arc<Gateway>,
        venues: &Venues,
        listening: &Listening,
        cash_total: Option<Decimal>,
    ) -> bool {
        self.value(venues, listening);
        let frame = self.frame(cash_total);
        let is_told = frame.is_some();
        if let Some(frame) = frame {
            figures::hear_venue(gateway, listening.connected.login, listening.number, frame);
        }
        if let Err(error) = self.write(gateway, listening).await {
            let account = listening.connected.login.account_id;
            tracing::warn!(%error, account.id = %account, "positions of an exchange account were not stored");
        }
        is_told
    }

    /// Values positions by the mark price, as the exchange does.
    fn value(&mut self, venues: &Venues, listening: &Listening) {
        for ((symbol, direction), held) in &mut self.held {
            let mark = venues.marks.get(listening.connected.environment, symbol);
            let Some(mark) = mark.filter(|mark| mark.at > held.valued_at) else { continue };
            let gained = match direction {
                Direction::Long => mark.price - held.average_price,
                Direction::Short => held.average_price - mark.price,
            };
            held.mark = Some(mark.price);
            if let Some(unrealised) = gained.checked_mul(held.quantity) {
                held.unrealised = unrealised.round_dp(SCALE);
                held.valued_at = mark.at;
            }
        }
    }

    /// `None` where that would be a guess: silence makes an account stale, old figures would keep it fresh.
    fn frame(&self, cash_total: Option<Decimal>) -> Option<Frame> {
        let (margin, total) = (self.margin.as_ref()?, cash_total?);
        if self.held.values().any(|held| held.valued_at.elapsed() >= FRESH) {
            return None;
        }
        let unrealised: Decimal = self.held.values().map(|held| held.unrealised).sum();
        let leverage = self.held.values().filter_map(|held| held.leverage?.to_i32()).max().unwrap_or(1);
        let figures = ReportedFigures {
            balance: margin.balance,
            equity: margin.balance + unrealised,
            margin: margin.used_margin,
            free_margin: margin.available_margin,
            currency: margin.asset.clone(),
            leverage: leverage.max(1),
        };
        let positions =
            self.held.iter().map(|((symbol, direction), held)| self.seen(symbol, *direction, held));
        let pending = self.pending.as_ref().and_then(|orders| u32::try_from(orders.len()).ok());
        Some(Frame::of_venue(figures, total, positions.collect())?.with_pending(pending))
    }

    /// A position as rules judge it: with what its stops cost, where they cover all of it.
    fn seen(&self, symbol: &Symbol, direction: Direction, held: &Held) -> observation::Position {
        let mut left = held.quantity;
        let mut cost = Decimal::ZERO;
        for stop in &self.stops {
            if stop.symbol == *symbol && stop.direction == direction && left > Decimal::ZERO {
                let covered = stop.quantity.min(left);
                let distance = match direction {
                    Direction::Long => held.average_price - stop.price,
                    Direction::Short => stop.price - held.average_price,
                };
                cost += distance.max(Decimal::ZERO) * covered;
                left -= covered;
            }
        }
        let bare = self.bare.get(&(symbol.clone(), direction));
        observation::Position {
            symbol: symbol.as_str().to_owned(),
            lots: if direction == Direction::Long { held.quantity } else { -held.quantity },
            weight: weight::of_symbol(symbol.as_str()),
            notional: held.mark.unwrap_or(held.average_price).checked_mul(held.quantity),
            risk: (left <= Decimal::ZERO).then(|| cost.round_dp(SCALE)),
            opened_at: None,
            bare_for_s: bare
                .and_then(|(since, last)| u32::try_from(last.duration_since(*since).as_secs()).ok()),
        }
    }

    async fn write(&mut self, gateway: &Gateway, listening: &Listening) -> StoreResult<()> {
        let shape: Shape = self
            .held
            .iter()
            .map(|((symbol, direction), held)| (symbol.clone(), *direction, held.quantity))
            .collect();
        let is_due =
            self.written.as_ref().is_none_or(|(before, at)| *before != shape || at.elapsed() >= WRITE_EVERY);
        if !is_due {
            return Ok(());
        }
        let held: Vec<VenuePosition> = self.held.iter().map(Held::position).collect();
        let login = &listening.connected.login;
        gateway.db.open(async |tx| venue_positions::replace(tx, whose(login), &held).await).await?;
        self.written = Some((shape, Instant::now()));
        gateway.hint_account(login);
        Ok(())
    }
}

impl Held {
    fn read(position: &Position) -> ((Symbol, Direction), Self) {
        let held = Self {
            quantity: position.quantity,
            average_price: position.average_price,
            unrealised: position.unrealized_profit,
            valued_at: Instant::now(),
            mark: position.mark_price,
            leverage: position.leverage,
            liquidation_price: position.liquidation_price,
        };
        ((position.symbol.clone(), position.direction), held)
    }

    fn position(((symbol, direction), held): (&(Symbol, Direction), &Self)) -> VenuePosition {
        VenuePosition {
            symbol: symbol.as_str().to_owned(),
            direction: match direction {
                Direction::Long => trade::Direction::Long,
                Direction::Short => trade::Direction::Short,
            },
            quantity: held.quantity,
            average_price: held.average_price,
            mark_price: held.mark,
            unrealised: held.unrealised,
            leverage: held.leverage,
            liquidation_price: held.liquidation_price,
        }
    }
}

impl Stop {
    fn read(order: &Order) -> Option<Self> {
        let is_stop = order.kind.contains("STOP") && !order.kind.contains("TAKE_PROFIT");
        let said = match order.position_side {
            Some(PositionSide::Long) => Some(Direction::Long),
            Some(PositionSide::Short) => Some(Direction::Short),
            Some(PositionSide::Both) | None => None,
        };
        // In one-way mode the side tells: what sells guards a long position.
        let by_side = order.side.map(|side| match side {
            TradeSide::Sell => Direction::Long,
            TradeSide::Buy => Direction::Short,
        });
        let direction = said.or(by_side)?;
        let (price, quantity) = (order.stop_price?, order.quantity?);
        is_stop.then(|| Self { symbol: order.symbol.clone(), direction, price, quantity })
    }
}

/// Whether an order of this kind may end a position that goes wrong, even one whose price or size is not known here.
fn may_be_stop(kind: &str) -> bool {
    let is_exit = ["STOP", "TRAILING", "TRIGGER"].iter().any(|word| kind.contains(word));
    is_exit && !kind.contains("TAKE_PROFIT")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbol(name: &str) -> Symbol {
        Symbol::new(name).unwrap()
    }

    fn resting(id: &str, name: &str, side: TradeSide, position_side: PositionSide) -> Order {
        Order {
            id: OrderId::new(id).unwrap(),
            client_id: None,
            symbol: symbol(name),
            side: Some(side),
            position_side: Some(position_side),
            kind: "LIMIT".into(),
            status: OrderStatus::Pending,
            quantity: Some(Decimal::ONE),
            filled: Decimal::ZERO,
            average_price: None,
            price: Some(Decimal::ONE),
            stop_price: None,
            created_at_ms: None,
            updated_at_ms: None,
            triggered_by: None,
        }
    }

    fn looked_at(open_orders: Vec<Order>) -> Snapshot {
        let held = Position {
            id: String::new(),
            symbol: symbol("BTC-USDT"),
            direction: Direction::Long,
            quantity: Decimal::ONE,
            available: Decimal::ONE,
            average_price: Decimal::ONE,
            leverage: None,
            is_isolated: None,
            unrealized_profit: Decimal::ZERO,
            mark_price: None,
            liquidation_price: None,
        };
        let balances = flotilla_exchange::bingx::model::Balances(Vec::new());
        Snapshot { balances, positions: vec![held], open_orders, fills: Vec::new(), read_at_ms: 0 }
    }

    fn changed(picture: &mut Picture, name: &str) {
        picture.change_position(&PositionChange {
            symbol: symbol(name),
            direction: Some(Direction::Long),
            quantity: Decimal::ONE,
            average_price: Decimal::ONE,
            unrealized_profit: Decimal::ZERO,
        });
    }

    #[tokio::test]
    async fn orders_that_wait_are_counted_without_exits_and_never_beside_the_position_they_became() {
        use PositionSide::{Both, Long, Short};
        use TradeSide::{Buy, Sell};

        let mut picture = Picture::default();
        let waiting = |picture: &Picture| picture.pending.as_ref().map(Vec::len);
        assert_eq!(waiting(&picture), None, "nothing was read yet");

        picture.replace(&looked_at(vec![
            resting("1", "BTC-USDT", Buy, Long),
            resting("2", "BTC-USDT", Sell, Long),
            resting("3", "BTC-USDT", Sell, Both),
            resting("4", "ETH-USDT", Sell, Short),
            resting("5", "ETH-USDT", Buy, Short),
            resting("6", "SOL-USDT", Sell, Both),
            Order { kind: "MARKET".into(), ..resting("7", "SOL-USDT", Buy, Long) },
        ]));
        assert_eq!(waiting(&picture), Some(3), "the first, the fourth and the sixth");
        changed(&mut picture, "ETH-USDT");
        assert_eq!(waiting(&picture), Some(2));

        picture.replace(&looked_at(vec![Order { side: None, ..resting("8", "BTC-USDT", Buy, Long) }]));
        assert_eq!(waiting(&picture), None, "a word that nobody knows");
    }

    #[tokio::test(start_paused = true)]
    async fn a_position_is_bare_from_one_look_at_the_orders_to_the_last_and_a_stop_ends_that() {
        use PositionSide::Long;
        use TradeSide::Sell;

        let mut picture = Picture::default();
        let bare = |picture: &Picture| {
            let (key, held) = picture.held.iter().next().unwrap();
            picture.seen(&key.0, key.1, held).bare_for_s
        };
        let trailing =
            || Order { kind: "TRAILING_STOP_MARKET".into(), ..resting("1", "BTC-USDT", Sell, Long) };
        let mut told = Vec::new();
        for orders in [vec![], vec![], vec![], vec![trailing()], vec![]] {
            picture.replace(&looked_at(orders));
            // No look at the orders: whether it has a stop since the last one is not known.
            tokio::time::advance(Duration::from_secs(45)).await;
            told.push(bare(&picture));
        }
        tokio::time::advance(LOOKS_APART).await;
        picture.replace(&looked_at(vec![]));
        told.push(bare(&picture));

        assert_eq!(told, [Some(0), Some(45), Some(90), None, Some(0), Some(0)]);
    }
}
