//! Orders to be: what is wanted, checked and turned into parameters.

use rust_decimal::Decimal;

use super::contract::Contract;
use super::id::{ClientOrderId, OrderId, Symbol};
use super::model::{Direction, PositionMode, PositionSide, TradeSide};
use super::sign::Params;
use crate::outcome::OrderFault;

/// How long a limit order rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeInForce {
    /// Until it is cancelled.
    GoodTillCancelled,
    /// Fills what it can at once, the rest is dropped.
    ImmediateOrCancel,
    /// All at once or nothing.
    FillOrKill,
    /// Never takes: refused where it would.
    PostOnly,
}

impl TimeInForce {
    const fn as_str(self) -> &'static str {
        match self {
            Self::GoodTillCancelled => "GTC",
            Self::ImmediateOrCancel => "IOC",
            Self::FillOrKill => "FOK",
            Self::PostOnly => "PostOnly",
        }
    }
}

/// Which price pulls a trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkingType {
    /// The mark price, an average over exchanges.
    Mark,
    /// The price of the last trade.
    Last,
}

impl WorkingType {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Mark => "MARK_PRICE",
            Self::Last => "CONTRACT_PRICE",
        }
    }
}

/// A stop or target that comes with an entry, or guards a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit {
    /// Price at which it closes at market, above zero, in the contract's decimals.
    pub trigger: Decimal,
    /// Which price pulls it. Always sent: publications differ about the default.
    pub working: WorkingType,
}

impl Exit {
    /// The object as text; its numbers are JSON numbers, as a bare text is refused.
    fn json(&self, kind: &str) -> String {
        let (trigger, working) = (self.trigger.normalize(), self.working.as_str());
        format!(r#"{{"type":"{kind}","stopPrice":{trigger},"workingType":"{working}"}}"#)
    }
}

/// By what an order is checked, and made fit for its account.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The account's own mode, as it was read; it decides about `positionSide` and `reduceOnly`.
    pub mode: PositionMode,
    /// The order's contract.
    pub contract: &'a Contract,
    /// Price of the last trade, to judge the value of a market order, where it is known.
    pub last_price: Option<Decimal>,
}

/// What kind of order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderKind {
    /// Takes what is there.
    Market,
    /// At this price or better.
    Limit {
        /// The price, in the contract's decimals.
        price: Decimal,
        /// How long it rests.
        time_in_force: TimeInForce,
    },
    /// Closes at market once the price has gone against the position.
    Stop(Exit),
    /// Closes at market once the price has gone with the position.
    Target(Exit),
}

impl OrderKind {
    /// Whether it closes once the price has come somewhere.
    #[must_use]
    pub const fn is_exit(&self) -> bool {
        matches!(self, Self::Stop(_) | Self::Target(_))
    }
}

/// An order to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// Our name for it. Written down before the order is sent.
    pub client_id: ClientOrderId,
    /// Contract.
    pub symbol: Symbol,
    /// Of which position.
    pub direction: Direction,
    /// Opens or adds to that position; otherwise closes of it.
    pub opens: bool,
    /// Coins, above zero, in the contract's decimals: see [`Contract::quantity`]. Of a close those beyond them are left
    /// out: its contract may have taken more when it was opened.
    pub quantity: Decimal,
    /// What kind.
    pub kind: OrderKind,
    /// A stop that becomes an order when the entry fills. Market and limit entries only.
    pub stop_loss: Option<Exit>,
    /// A target that becomes an order when the entry fills. Market and limit entries only.
    pub take_profit: Option<Exit>,
}

impl NewOrder {
    /// Checks the order against its contract and makes its parameters.
    ///
    /// # Errors
    ///
    /// [`OrderFault`] for what would be refused, or worse, accepted as something else.
    pub fn params(&self, terms: Terms<'_>) -> Result<Params, OrderFault> {
        let Terms { mode, contract, last_price } = terms;
        self.check(contract, last_price)?;
        let side = TradeSide::of(self.direction, self.opens);
        let position_side = match mode {
            PositionMode::OneWay => PositionSide::Both,
            PositionMode::Hedge => self.direction.into(),
        };
        let mut params = Params::new()
            .with("symbol", &self.symbol)
            .with("side", side)
            .with("positionSide", position_side)
            .with("quantity", self.coins(contract)?.normalize())
            .with("clientOrderId", &self.client_id);
        if mode == PositionMode::OneWay && !self.opens {
            // In hedge mode the pair of sides says it, and this would be refused.
            params.push("reduceOnly", "true");
        }
        match &self.kind {
            OrderKind::Market => params.push("type", "MARKET"),
            OrderKind::Limit { price, time_in_force } => {
                params.push("type", "LIMIT");
                params.push("price", price.normalize());
                params.push("timeInForce", time_in_force.as_str());
            }
            OrderKind::Stop(exit) => push_trigger(&mut params, "STOP_MARKET", exit),
            OrderKind::Target(exit) => push_trigger(&mut params, "TAKE_PROFIT_MARKET", exit),
        }
        Ok(params
            .with_some("stopLoss", self.stop_loss.map(|exit| exit.json("STOP_MARKET")))
            .with_some("takeProfit", self.take_profit.map(|exit| exit.json("TAKE_PROFIT_MARKET"))))
    }

    /// Coins that are sent.
    fn coins(&self, contract: &Contract) -> Result<Decimal, OrderFault> {
        if self.opens {
            return Ok(self.quantity);
        }
        let coins = contract.quantity(self.quantity);
        if coins.is_zero() && !self.quantity.is_zero() { Err(OrderFault::Quantity) } else { Ok(coins) }
    }

    fn check(&self, contract: &Contract, last_price: Option<Decimal>) -> Result<(), OrderFault> {
        if contract.symbol != self.symbol {
            return Err(OrderFault::Senseless);
        }
        let own_price = match self.kind {
            OrderKind::Limit { price, .. } => Some(price),
            OrderKind::Market => None,
            // What guards a position never opens one.
            OrderKind::Stop(_) | OrderKind::Target(_) if self.opens => return Err(OrderFault::Senseless),
            OrderKind::Stop(exit) | OrderKind::Target(exit) => Some(exit.trigger),
        };
        let has_exits = self.stop_loss.is_some() || self.take_profit.is_some();
        if has_exits && !self.opens {
            return Err(OrderFault::Senseless);
        }
        for price in
            [own_price, self.stop_loss.map(|exit| exit.trigger), self.take_profit.map(|exit| exit.trigger)]
        {
            price.map_or(Ok(()), |price| contract.check_price(price))?;
        }
        self.check_sides(own_price.or(last_price))?;
        // A target is held against the smallest value at its own price too.
        for exit in [self.stop_loss, self.take_profit].into_iter().flatten() {
            contract.check(self.quantity, Some(exit.trigger), true)?;
        }
        contract.check(self.coins(contract)?, own_price.or(last_price), self.opens)
    }

    /// A stop must be on the losing side of the price and a target on the winning one.
    fn check_sides(&self, price: Option<Decimal>) -> Result<(), OrderFault> {
        let Some(price) = price else { return Ok(()) };
        let is_below = |exit: Option<Exit>| exit.is_none_or(|exit| exit.trigger < price);
        let is_above = |exit: Option<Exit>| exit.is_none_or(|exit| exit.trigger > price);
        let fits = match self.direction {
            Direction::Long => is_below(self.stop_loss) && is_above(self.take_profit),
            Direction::Short => is_above(self.stop_loss) && is_below(self.take_profit),
        };
        if fits { Ok(()) } else { Err(OrderFault::Senseless) }
    }
}

fn push_trigger(params: &mut Params, kind: &str, exit: &Exit) {
    params.push("type", kind);
    params.push("stopPrice", exit.trigger.normalize());
    params.push("workingType", exit.working.as_str());
}

/// Which order is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderRef {
    /// By the exchange's name.
    Venue(OrderId),
    /// By ours.
    Ours(ClientOrderId),
}

impl OrderRef {
    pub(crate) fn params(&self, symbol: &Symbol) -> Params {
        let params = Params::new().with("symbol", symbol);
        match self {
            Self::Venue(id) => params.with("orderId", id),
            Self::Ours(id) => params.with("clientOrderId", id),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn contract() -> Contract {
        serde_json::from_str(
            r#"{"symbol":"BTC-USDT","quantityPrecision":4,"pricePrecision":1,"tradeMinQuantity":0.0001,"tradeMinUSDT":2,
                "status":1,"apiStateOpen":"true","apiStateClose":"true"}"#,
        )
        .unwrap()
    }

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn exit(trigger: &str) -> Exit {
        Exit { trigger: number(trigger), working: WorkingType::Mark }
    }

    fn entry() -> NewOrder {
        NewOrder {
            client_id: ClientOrderId::new("fabc1").unwrap(),
            symbol: Symbol::new("BTC-USDT").unwrap(),
            direction: Direction::Long,
            opens: true,
            quantity: number("0.0015"),
            kind: OrderKind::Market,
            stop_loss: None,
            take_profit: None,
        }
    }

    fn sent(order: &NewOrder, mode: PositionMode) -> Params {
        order.params(Terms { mode, contract: &contract(), last_price: Some(number("109000")) }).unwrap()
    }

    #[rstest]
    #[case(PositionMode::Hedge, Direction::Long, true, ["BUY", "LONG", ""])]
    #[case(PositionMode::Hedge, Direction::Long, false, ["SELL", "LONG", ""])]
    #[case(PositionMode::Hedge, Direction::Short, true, ["SELL", "SHORT", ""])]
    #[case(PositionMode::Hedge, Direction::Short, false, ["BUY", "SHORT", ""])]
    #[case(PositionMode::OneWay, Direction::Long, true, ["BUY", "BOTH", ""])]
    #[case(PositionMode::OneWay, Direction::Short, false, ["BUY", "BOTH", "true"])]
    fn sides_follow_the_mode(
        #[case] mode: PositionMode,
        #[case] direction: Direction,
        #[case] opens: bool,
        #[case] expected: [&str; 3],
    ) {
        let params = sent(&NewOrder { direction, opens, ..entry() }, mode);

        let found = ["side", "positionSide", "reduceOnly"].map(|name| params.get(name).unwrap_or_default());
        assert_eq!(found, expected);
    }

    #[test]
    fn attached_exits_are_objects_as_text_with_numbers_in_them() {
        let order =
            NewOrder { stop_loss: Some(exit("106855.9")), take_profit: Some(exit("111000.0")), ..entry() };
        let params = sent(&order, PositionMode::Hedge);

        assert_eq!(
            params.get("stopLoss"),
            Some(r#"{"type":"STOP_MARKET","stopPrice":106855.9,"workingType":"MARK_PRICE"}"#)
        );
        assert_eq!(
            params.get("takeProfit"),
            Some(r#"{"type":"TAKE_PROFIT_MARKET","stopPrice":111000,"workingType":"MARK_PRICE"}"#)
        );
    }

    #[test]
    fn a_close_is_sent_in_the_decimals_that_its_contract_takes_now() {
        let close = |quantity| NewOrder { opens: false, quantity: number(quantity), ..entry() };
        let params = sent(&close("0.00155"), PositionMode::Hedge);
        assert_eq!(params.get("quantity"), Some("0.0015"));

        let contract = contract();
        let terms = Terms { mode: PositionMode::Hedge, contract: &contract, last_price: None };
        assert_eq!(close("0.00005").params(terms), Err(OrderFault::Quantity));
    }

    #[rstest]
    #[case::quantity_cut(NewOrder { quantity: number("0.00155"), ..entry() }, OrderFault::Decimals)]
    #[case::price_cut(NewOrder { stop_loss: Some(exit("106855.95")), ..entry() }, OrderFault::Decimals)]
    #[case::stop_above_a_long(NewOrder { stop_loss: Some(exit("110000")), ..entry() }, OrderFault::Senseless)]
    #[case::target_below_a_long(NewOrder { take_profit: Some(exit("100000")), ..entry() }, OrderFault::Senseless)]
    #[case::stop_that_opens(NewOrder { kind: OrderKind::Stop(exit("100000")), ..entry() }, OrderFault::Senseless)]
    #[case::exit_on_a_close(NewOrder { opens: false, stop_loss: Some(exit("100000")), ..entry() }, OrderFault::Senseless)]
    #[case::nothing(NewOrder { quantity: Decimal::ZERO, ..entry() }, OrderFault::Senseless)]
    #[case::other_contract(NewOrder { symbol: Symbol::new("ETH-USDT").unwrap(), ..entry() }, OrderFault::Senseless)]
    fn what_would_become_another_order_is_not_sent(#[case] order: NewOrder, #[case] fault: OrderFault) {
        let contract = contract();
        let terms =
            Terms { mode: PositionMode::Hedge, contract: &contract, last_price: Some(number("109000")) };
        assert_eq!(order.params(terms), Err(fault));
    }
}
