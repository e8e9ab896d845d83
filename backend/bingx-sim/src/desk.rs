//! Orders of one account: what is refused, what is taken.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::chance::Snowflake;
use crate::json::Json;
use crate::ledger::{Attached, Ledger, Order, Slot, Status};
use crate::market::Market;
use crate::profile::{Fault, Profile, missing, refusal};
use crate::request::Params;

/// One account on one host, with the markets, at one moment.
pub struct Desk<'a> {
    /// The account's books.
    pub ledger: &'a mut Ledger,
    /// The host's markets.
    pub markets: &'a mut BTreeMap<String, Market>,
    /// Makes names.
    pub names: &'a mut Snowflake,
    /// What the stream is told.
    pub pushes: &'a mut Vec<Json>,
    /// Manners.
    pub profile: Profile,
    /// Unix milliseconds.
    pub now_ms: i64,
    /// Exits that come with an entry are lost when it fills.
    pub loses_exits: bool,
}

/// Where a price stops being one: `floor(price * 10^decimals)`.
fn cut(value: Decimal, decimals: u32) -> Decimal {
    value.round_dp_with_strategy(decimals, RoundingStrategy::ToZero)
}

fn decimal(params: &Params, name: &str) -> Result<Option<Decimal>, Fault> {
    params
        .get(name)
        .map(|text| {
            text.parse()
                .map_err(|_| Fault::Parameter(format!("Mismatch type float with value string: {name}")))
        })
        .transpose()
}

fn is_true(params: &Params, name: &str) -> bool {
    params.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

impl Desk<'_> {
    /// Takes an order or refuses it. Returns its name.
    pub fn place(&mut self, params: &Params) -> Result<u64, Fault> {
        let order = self.draft(params)?;
        let id = order.id;
        if !order.client_id.is_empty() {
            self.ledger.used.insert(order.client_id.clone(), id);
        }
        self.ledger.orders.insert(id, order);
        self.tell_order(id, "NEW", None);
        self.work(id);
        Ok(id)
    }

    /// Checks an order without taking it.
    pub fn draft(&mut self, params: &Params) -> Result<Order, Fault> {
        let symbol = params.get("symbol").ok_or_else(|| missing("symbol"))?.to_owned();
        let market = self.markets.get(&symbol).ok_or_else(|| unknown_symbol(&symbol))?.clone();
        let buys = match params.get("side") {
            Some("BUY") => true,
            Some("SELL") => false,
            Some(_) => return Err(Fault::Parameter("side: must be BUY or SELL".to_owned())),
            None => return Err(missing("side")),
        };
        if params.get("type").is_none() {
            return Err(missing("type"));
        }
        let slot = self.slot(params)?;
        let mut order = self.shape(params, &market, buys, slot)?;
        order.client_id = self.client_id(params)?;
        check_state(&market, &order)?;
        check_size(&market, &order)?;
        self.check_prices(&market, &order)?;
        if is_exit(&order.kind) {
            self.check_exit(&market, &mut order)?;
        } else {
            self.check_room(&market, &order)?;
        }
        order.id = self.names.next(self.now_ms);
        Ok(order)
    }

    /// The position side, as the account's mode wants it.
    fn slot(&self, params: &Params) -> Result<Slot, Fault> {
        let slot = params.get("positionSide").and_then(Slot::read).ok_or_else(|| {
            Fault::Parameter(
                "Key: 'PlaceOrderRequest.ReqOrderData.PositionSide' Error:Field validation for 'PositionSide' failed on the 'required' tag".to_owned(),
            )
        })?;
        let text = match (self.ledger.is_hedge, slot) {
            (true, Slot::Both) => {
                "In the Hedge mode, the 'PositionSide' field can only be set to LONG or SHORT."
            }
            (false, Slot::Long | Slot::Short) => {
                "In the One-way mode, the 'PositionSide' field can only be set to BOTH."
            }
            (true, _) if params.get("reduceOnly").is_some_and(|value| value != "false") => {
                "In the Hedge mode, the 'ReduceOnly' field can not be filled."
            }
            _ => return Ok(slot),
        };
        Err(Fault::Mode(text.to_owned()))
    }

    fn client_id(&self, params: &Params) -> Result<String, Fault> {
        let Some(text) = params.get("clientOrderId").or_else(|| params.get("clientOrderID")) else {
            return Ok(String::new());
        };
        if text.len() > 40 || !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(
                refusal(80_014, "Invalid parameters, err:clientOrderID: 1 to 40 letters and digits").into()
            );
        }
        let text = text.to_ascii_lowercase();
        if self.ledger.used.contains_key(&text) {
            return Err(refusal(101_481, "clientOrderID cannot be repeated").into());
        }
        Ok(text)
    }

    fn shape(&self, params: &Params, market: &Market, buys: bool, slot: Slot) -> Result<Order, Fault> {
        let kind = params.get("type").ok_or_else(|| missing("type"))?;
        let rules = &market.rules;
        let close_position = is_true(params, "closePosition");
        let quantity = match decimal(params, "quantity")? {
            Some(quantity) => cut(quantity, rules.quantity_decimals),
            None if close_position => Decimal::ZERO,
            None => return Err(refusal(80_014, "parameter quantity is must").into()),
        };
        let price = decimal(params, "price")?.map(|price| cut(price, rules.price_decimals));
        let stop_price = decimal(params, "stopPrice")?.map(|price| cut(price, rules.price_decimals));
        let has_limit = matches!(kind, "LIMIT" | "STOP" | "TAKE_PROFIT" | "TRIGGER_LIMIT");
        let has_trigger = is_exit(kind) || kind.starts_with("TRIGGER");
        if !has_limit && !has_trigger && kind != "MARKET" {
            return Err(Fault::Parameter(format!("type: {kind} is not one of the orders of this simulator")));
        }
        if has_limit && price.is_none() {
            return Err(missing("price"));
        }
        if has_trigger && stop_price.is_none() {
            return Err(missing("stopPrice"));
        }
        Ok(Order {
            id: 0,
            client_id: String::new(),
            symbol: rules.symbol.clone(),
            buys,
            slot,
            kind: kind.to_owned(),
            quantity,
            price: price.filter(|_| has_limit),
            stop_price: stop_price.filter(|_| has_trigger),
            pulled_at: None,
            working: params.get("workingType").unwrap_or("MARK_PRICE").to_owned(),
            time_in_force: params.get("timeInForce").unwrap_or("GTC").to_owned(),
            reduce_only: is_true(params, "reduceOnly"),
            close_position,
            stop_loss: attached(params, "stopLoss")?,
            take_profit: attached(params, "takeProfit")?,
            filled: Decimal::ZERO,
            quote: Decimal::ZERO,
            profit: Decimal::ZERO,
            fee: Decimal::ZERO,
            status: Status::New,
            time: self.now_ms,
            updated: self.now_ms,
            parent: None,
            shown_from: 0,
            cancel_tried: 0,
        })
    }

    fn check_prices(&self, market: &Market, order: &Order) -> Result<(), Fault> {
        let reference = order.price.unwrap_or(market.last);
        if let (Some(price), "LIMIT") = (order.price, order.kind.as_str()) {
            let off = (price - market.mark).abs() * Decimal::from(1_000);
            if off > market.mark * Decimal::from(self.profile.band_permille) {
                return Err(refusal(101_211, "Order price is outside the price band").into());
            }
            let would_match = market.available(order.buys, Some(price)) > Decimal::ZERO;
            if order.time_in_force == "PostOnly" && would_match {
                return Err(refusal(101_215, "The Maker (Post Only) order would match at once").into());
            }
        }
        for (exit, is_stop) in [(&order.stop_loss, true), (&order.take_profit, false)] {
            let Some(exit) = exit else { continue };
            check_side(order.buys, is_stop, exit.stop_price, reference)?;
            if exit.stop_price * order.quantity < market.rules.min_notional {
                return Err(too_cheap());
            }
        }
        Ok(())
    }

    /// A stop or target of a position.
    fn check_exit(&self, market: &Market, order: &mut Order) -> Result<(), Fault> {
        let key = (order.symbol.clone(), order.slot);
        let gone = || Fault::Renumbered(80_017, 109_420, "position not exist".to_owned());
        let position = self.ledger.positions.get(&key).ok_or_else(gone)?;
        if position.is_long == order.buys {
            return Err(gone());
        }
        let is_stop = order.kind.starts_with("STOP");
        let now = if order.working == "CONTRACT_PRICE" { market.last } else { market.mark };
        check_side(position.is_long, is_stop, order.stop_price.unwrap_or_default(), now)?;
        let prefix = if is_stop { "STOP" } else { "TAKE_PROFIT" };
        if order.close_position {
            let exists = self.ledger.orders.values().any(|other| {
                other.status.is_open()
                    && other.close_position
                    && (&other.symbol, other.slot) == (&order.symbol, order.slot)
                    && other.kind.starts_with(prefix)
            });
            if exists {
                let code = if is_stop { 110_406 } else { 110_407 };
                return Err(refusal(code, "A position stop or target exists already").into());
            }
            order.quantity = position.quantity;
        }
        if self.ledger.claimed(&order.symbol, order.slot, prefix) + order.quantity > position.quantity {
            return Err(refusal(110_203, "The quantity is more than is available to close").into());
        }
        Ok(())
    }

    /// Room in the account: margin for what opens, a position for what closes.
    fn check_room(&self, market: &Market, order: &Order) -> Result<(), Fault> {
        let position = self.ledger.positions.get(&(order.symbol.clone(), order.slot));
        let held = position.map_or(Decimal::ZERO, |position| position.quantity);
        let reduces = position.is_some_and(|position| position.is_long != order.buys);
        let opening = match order.slot {
            _ if order.reduce_only || order.close_position => {
                if !reduces || order.quantity > held - self.ledger.resting_closes(&order.symbol, order.slot) {
                    return Err(refusal(101_290, "Reduce Only order can only reduce the position").into());
                }
                Decimal::ZERO
            }
            Slot::Long | Slot::Short if order.closes() => {
                if held.is_zero() {
                    return Err(refusal(101_205, "No position to close").into());
                }
                if order.quantity > held - self.ledger.resting_closes(&order.symbol, order.slot) {
                    return Err(refusal(110_203, "The quantity is more than is available to close").into());
                }
                Decimal::ZERO
            }
            Slot::Both if reduces => (order.quantity - held).max(Decimal::ZERO),
            _ => order.quantity,
        };
        let price = order.price.unwrap_or(market.last);
        let notional = price * opening;
        let leverage = self.ledger.leverage_of(&order.symbol, order.buys).max(1);
        let most = market.rules.max_value(leverage);
        // In one-way mode what opens beyond the other side begins at nothing.
        let stays = if reduces { Decimal::ZERO } else { price * held };
        if opening > Decimal::ZERO && notional + stays > most {
            let text = format!("The maximum position value for this leverage is {most} USDT.");
            return Err(refusal(101_209, text).into());
        }
        let needed = notional / Decimal::from(leverage) + notional * market.rules.taker;
        let mark = |symbol: &str| self.markets.get(symbol).map_or(Decimal::ZERO, |market| market.mark);
        if needed > Decimal::ZERO && needed > self.ledger.available(mark) {
            return Err(refusal(101_204, "Insufficient margin").into());
        }
        Ok(())
    }

    /// Cancels an order by its own name.
    pub fn cancel(&mut self, id: u64) -> Result<(), Fault> {
        let now_ms = self.now_ms;
        let gone = || Fault::Renumbered(80_016, 109_421, "order not exist".to_owned());
        let order = self.ledger.orders.get_mut(&id).ok_or_else(gone)?;
        let too_soon = order.cancel_tried > 0 && now_ms - order.cancel_tried < 1_000;
        order.cancel_tried = now_ms;
        if too_soon {
            return Err(refusal(
                109_201,
                "The same order number is only allowed to be submitted once within 1 second",
            )
            .into());
        }
        match order.status {
            Status::Filled => Err(Fault::Renumbered(80_018, 109_422, "order is already filled".to_owned())),
            status if !status.is_open() => Err(gone()),
            _ => {
                self.end(id, Status::Cancelled);
                Ok(())
            }
        }
    }

    /// The order that a request means, if it may be seen already.
    pub fn named(&self, params: &Params) -> Result<u64, Fault> {
        let by_client = params.get("clientOrderId").or_else(|| params.get("clientOrderID"));
        let id = match (params.get("orderId"), by_client) {
            (Some(id), _) => id.parse().ok(),
            (None, Some(client)) => self.ledger.used.get(&client.to_ascii_lowercase()).copied(),
            (None, None) => return Err(missing("orderId")),
        };
        let order = id.and_then(|id: u64| self.ledger.orders.get(&id));
        let is_meant = |order: &&Order| {
            order.shown_from <= self.now_ms
                && params.get("symbol").is_none_or(|symbol| symbol == order.symbol)
        };
        order
            .filter(is_meant)
            .map(|order| order.id)
            .ok_or_else(|| Fault::Renumbered(80_016, 109_421, "order not exist".to_owned()))
    }
}

/// Closes a position once its trigger is pulled.
pub fn is_exit(kind: &str) -> bool {
    matches!(kind, "STOP_MARKET" | "TAKE_PROFIT_MARKET" | "STOP" | "TAKE_PROFIT")
}

/// A contract that this host does not list.
pub fn unknown_symbol(symbol: &str) -> Fault {
    refusal(109_425, format!("{symbol} not exist, please verify it in api: /openApi/swap/v2/quote/contracts"))
        .into()
}

fn too_cheap() -> Fault {
    refusal(
        110_425,
        "Please ensure that the minimum nominal value of the order placed must be greater than 2u",
    )
    .into()
}

fn check_state(market: &Market, order: &Order) -> Result<(), Fault> {
    let is_closed = if order.closes() { !market.api_close } else { !market.api_open || market.status != 1 };
    if is_closed {
        return Err(refusal(109_415, format!("{} is paused", market.rules.symbol)).into());
    }
    if market.last <= Decimal::ZERO {
        return Err(refusal(101_415, "Trading of this contract is suspended").into());
    }
    Ok(())
}

fn check_size(market: &Market, order: &Order) -> Result<(), Fault> {
    let rules = &market.rules;
    if order.close_position && order.quantity.is_zero() {
        return Ok(());
    }
    if order.quantity < rules.min_quantity {
        return Err(refusal(
            110_422,
            format!("The minimum quantity is {} {}", rules.min_quantity, rules.symbol),
        )
        .into());
    }
    if order.quantity > rules.max_quantity {
        return Err(refusal(101_419, format!("The maximum quantity is {}", rules.max_quantity)).into());
    }
    let price = order.price.or(order.stop_price).unwrap_or(market.last);
    if !order.closes() && order.quantity * price < rules.min_notional {
        return Err(too_cheap());
    }
    Ok(())
}

/// `long`: of the position that is guarded.
fn check_side(long: bool, is_stop: bool, trigger: Decimal, price: Decimal) -> Result<(), Fault> {
    let fits = if long == is_stop { trigger < price } else { trigger > price };
    if fits {
        return Ok(());
    }
    let (code, text) = match (long, is_stop) {
        (true, true) => (110_411, "The stop loss price of a long must be below the current price"),
        (false, true) => (110_412, "The stop loss price of a short must be above the current price"),
        (true, false) => (110_413, "The take profit price of a long must be above the current price"),
        (false, false) => (110_414, "The take profit price of a short must be below the current price"),
    };
    Err(refusal(code, text).into())
}

/// An exit that comes with an entry: an object as text, with numbers in it.
fn attached(params: &Params, name: &str) -> Result<Option<Attached>, Fault> {
    use serde_json::value::RawValue;
    let Some(raw) = params.get(name) else { return Ok(None) };
    let mismatch = || {
        let text = format!(
            "Mismatch type apiproto.TriggerClose with value number \"at index 0: mismatched type with value {raw}\""
        );
        Fault::from(refusal(80_014, text))
    };
    let fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(raw).map_err(|_| mismatch())?;
    let words = |name: &str| fields.get(name).and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
    let amount = |name: &str| fields.get(name).and_then(|raw| raw.get().parse::<Decimal>().ok());
    let kind = words("type").ok_or_else(mismatch)?;
    if !is_exit(&kind) || kind.starts_with("STOP") != (name == "stopLoss") {
        return Err(Fault::Parameter(format!("{name}.type: {kind}")));
    }
    let price = amount("price").filter(|price| *price > Decimal::ZERO);
    if !kind.ends_with("MARKET") && price.is_none() {
        return Err(missing("price"));
    }
    Ok(Some(Attached {
        stop_price: amount("stopPrice").ok_or_else(mismatch)?,
        price: price.filter(|_| !kind.ends_with("MARKET")),
        working: words("workingType").unwrap_or_else(|| "MARK_PRICE".to_owned()),
        raw: raw.to_owned(),
        kind,
    }))
}
