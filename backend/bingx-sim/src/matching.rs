//! Fills, triggers, liquidation and funding of one account.

use rust_decimal::Decimal;

use crate::cover::Cover;
use crate::desk::Desk;
use crate::ledger::{Attached, Fill, Income, Order, Position, Slot, Status};

/// Type of the orders by which the exchange closes what is not covered any more.
pub const LIQUIDATION: &str = "LIQUIDATION";
/// Type of the orders by which it takes of positions what another's liquidation left over, and kind of what they realise.
pub const ADL: &str = "ADL";

impl Desk<'_> {
    /// Does with a new order what can be done at once.
    pub fn work(&mut self, id: u64) {
        let Some(order) = self.ledger.orders.get(&id).cloned() else { return };
        if order.is_trigger() {
            return self.set_status(id, Status::Pending);
        }
        self.take(id, false);
        let Some(order) = self.ledger.orders.get(&id) else { return };
        if order.status == Status::Filled {
            return;
        }
        match (order.kind.as_str(), order.time_in_force.as_str()) {
            ("LIMIT" | "STOP" | "TAKE_PROFIT" | "TRIGGER_LIMIT", "GTC" | "PostOnly") => {
                let rests = if order.filled.is_zero() { Status::Pending } else { Status::Partial };
                self.set_status(id, rests);
            }
            ("LIMIT", _) => self.end(id, Status::Cancelled),
            // The book was empty before a market order was filled.
            _ => self.end(id, Status::Expired),
        }
    }

    /// Fills what the book gives. A resting order is filled at its own price.
    fn take(&mut self, id: u64, rested: bool) {
        let Some(order) = self.ledger.orders.get(&id).cloned() else { return };
        let Some(market) = self.markets.get_mut(&order.symbol) else { return };
        if market.last <= Decimal::ZERO {
            return;
        }
        let wanted = order.left();
        if order.time_in_force == "FOK" && market.available(order.buys, order.price) < wanted {
            return;
        }
        for part in market.take(order.buys, wanted, order.price, self.now_ms) {
            let price = if rested { order.price.unwrap_or(part.price) } else { part.price };
            self.fill(id, price, part.quantity, rested);
        }
    }

    /// The price has moved: triggers are pulled, resting orders filled, and who has too little is liquidated.
    pub fn on_price(&mut self, symbol: &str) {
        let Some(market) = self.markets.get(symbol) else { return };
        let (last, mark) = (market.last, market.mark);
        let open: Vec<u64> = self
            .ledger
            .orders
            .values()
            .filter(|order| order.symbol == symbol && order.status.is_open())
            .map(|order| order.id)
            .collect();
        for id in open {
            let Some(order) = self.ledger.orders.get(&id).filter(|order| order.status.is_open()) else {
                continue;
            };
            let price = if order.working == "CONTRACT_PRICE" { last } else { mark };
            if !order.is_trigger() {
                self.take(id, true);
            } else if price > Decimal::ZERO && is_pulled(order, price) {
                self.pull(id);
            }
        }
        self.liquidate();
    }

    /// A trigger was pulled: the order becomes one at market or at its limit, and is filled at the next price.
    fn pull(&mut self, id: u64) {
        let Some(order) = self.ledger.orders.get(&id) else { return };
        let key = (order.symbol.clone(), order.slot);
        let held = self.ledger.positions.get(&key).filter(|position| position.is_long != order.buys);
        let may_open = order.kind.starts_with("TRIGGER") && !order.closes();
        let most = held.map_or(Decimal::ZERO, |position| position.quantity);
        if !may_open && most.is_zero() {
            return self.end(id, Status::Expired);
        }
        if let Some(order) = self.ledger.orders.get_mut(&id) {
            if !may_open {
                order.quantity = order.quantity.min(order.filled + most);
            }
            order.pulled_at = Some(self.now_ms);
        }
        self.work(id);
    }

    /// Fills what is left of a resting order at its own price, as if the market had just been there.
    pub fn fill_up(&mut self, id: u64) {
        let Some(order) = self.ledger.orders.get(&id) else { return };
        if let (true, false, Some(price)) = (order.status.is_open(), order.is_trigger(), order.price) {
            self.fill(id, price, order.left(), true);
        }
    }

    /// One fill, with everything that follows from it.
    pub fn fill(&mut self, id: u64, price: Decimal, quantity: Decimal, is_maker: bool) {
        let Some(order) = self.ledger.orders.get(&id).cloned() else { return };
        let Some(market) = self.markets.get(&order.symbol) else { return };
        let rate = if is_maker { market.rules.maker } else { market.rules.taker };
        let fee = (price * quantity * rate).round_dp(8);
        let trade_id = self.names.next(self.now_ms);
        self.ledger.fills.push(Fill {
            trade_id,
            order_id: id,
            symbol: order.symbol.clone(),
            buys: order.buys,
            slot: order.slot,
            quantity,
            price,
            fee,
            is_maker,
            time: self.now_ms,
        });
        self.book(&order.symbol, "TRADING_FEE", -fee);
        let is_forced = matches!(order.kind.as_str(), LIQUIDATION | ADL);
        let realised = self.shift(&order, price, quantity);

        if let Some(order) = self.ledger.orders.get_mut(&id) {
            order.filled += quantity;
            order.quote += price * quantity;
            order.profit += realised;
            order.fee += fee;
            order.updated = self.now_ms;
            order.status = if order.left().is_zero() { Status::Filled } else { Status::Partial };
        }
        self.tell_order(id, if is_forced { "CALCULATED" } else { "TRADE" }, Some((trade_id, fee, realised)));
        self.tell_account("ORDER", &order.symbol, order.slot);
        self.attach(id, quantity);
        self.drop_exits_of_nothing(&order.symbol, order.slot);
    }

    /// Changes the position. Returns what was realised.
    fn shift(&mut self, order: &Order, price: Decimal, quantity: Decimal) -> Decimal {
        let key = (order.symbol.clone(), order.slot);
        let Some(position) = self.ledger.positions.get_mut(&key) else {
            self.open(order, price, quantity);
            return Decimal::ZERO;
        };
        if position.is_long == order.buys {
            let cost = position.average * position.quantity + price * quantity;
            position.quantity += quantity;
            position.average = cost / position.quantity;
            return Decimal::ZERO;
        }
        let closed = quantity.min(position.quantity);
        let difference = if position.is_long { price - position.average } else { position.average - price };
        let realised = (difference * closed).round_dp(8);
        position.quantity -= closed;
        position.realised += realised;
        if position.quantity.is_zero() {
            self.ledger.positions.remove(&key);
        }
        self.book(&order.symbol, if order.kind == ADL { ADL } else { "REALIZED_PNL" }, realised);
        if quantity > closed {
            // One-way mode: through zero to the other side.
            self.open(order, price, quantity - closed);
        }
        realised
    }

    fn open(&mut self, order: &Order, price: Decimal, quantity: Decimal) {
        let position = Position {
            id: self.names.next(self.now_ms),
            is_long: order.buys,
            quantity,
            average: price,
            leverage: self.ledger.leverage_of(&order.symbol, order.buys),
            realised: Decimal::ZERO,
        };
        self.ledger.positions.insert((order.symbol.clone(), order.slot), position);
    }

    /// Books an amount.
    pub fn book(&mut self, symbol: &str, kind: &'static str, amount: Decimal) {
        match kind {
            "TRADING_FEE" => self.ledger.fees -= amount,
            "FUNDING_FEE" => self.ledger.funding += amount,
            "TRANSFER" => {
                self.ledger.deposits += amount;
            }
            _ => self.ledger.realised += amount,
        }
        self.ledger.balance += amount;
        let id = self.names.next(self.now_ms);
        self.ledger.income.push(Income { symbol: symbol.to_owned(), kind, amount, time: self.now_ms, id });
    }

    /// Exits that come with an entry grow with what is filled of it.
    fn attach(&mut self, id: u64, quantity: Decimal) {
        let Some(entry) = self.ledger.orders.get(&id).cloned() else { return };
        for exit in [&entry.stop_loss, &entry.take_profit].into_iter().flatten() {
            if self.loses_exits {
                continue;
            }
            let is_this =
                |order: &Order| order.parent == Some(id) && order.kind == exit.kind && order.status.is_open();
            let known = self.ledger.orders.values().find(|order| is_this(order)).map(|order| order.id);
            if let Some(order) = known.and_then(|known| self.ledger.orders.get_mut(&known)) {
                order.quantity += quantity;
                order.updated = self.now_ms;
            } else {
                self.add_exit(&entry, exit, quantity);
            }
        }
    }

    fn add_exit(&mut self, entry: &Order, exit: &Attached, quantity: Decimal) {
        let id = self.names.next(self.now_ms);
        let order = Order {
            id,
            client_id: String::new(),
            buys: !entry.buys,
            kind: exit.kind.clone(),
            quantity,
            price: exit.price,
            stop_price: Some(exit.stop_price),
            pulled_at: None,
            working: exit.working.clone(),
            time_in_force: "GTC".to_owned(),
            reduce_only: entry.slot == Slot::Both,
            stop_loss: None,
            take_profit: None,
            filled: Decimal::ZERO,
            quote: Decimal::ZERO,
            profit: Decimal::ZERO,
            fee: Decimal::ZERO,
            status: Status::Pending,
            time: self.now_ms,
            updated: self.now_ms,
            parent: Some(entry.id),
            shown_from: entry.shown_from,
            ..entry.clone()
        };
        self.ledger.orders.insert(id, order);
        self.tell_order(id, "NEW", None);
    }

    /// Exits vanish with their position.
    fn drop_exits_of_nothing(&mut self, symbol: &str, slot: Slot) {
        if self.ledger.positions.contains_key(&(symbol.to_owned(), slot)) {
            return;
        }
        let orphans: Vec<u64> = self
            .ledger
            .orders
            .values()
            .filter(|order| order.symbol == symbol && order.slot == slot && order.status.is_open())
            .filter(|order| crate::desk::is_exit(&order.kind))
            .map(|order| order.id)
            .collect();
        for id in orphans {
            self.end(id, Status::Cancelled);
        }
    }

    /// Ends an order and tells it.
    pub fn end(&mut self, id: u64, status: Status) {
        self.set_status(id, status);
        self.tell_order(id, if status == Status::Cancelled { "CANCELED" } else { "EXPIRED" }, None);
    }

    fn set_status(&mut self, id: u64, status: Status) {
        if let Some(order) = self.ledger.orders.get_mut(&id) {
            order.status = status;
            order.updated = self.now_ms;
        }
    }

    /// Closes a position at market as the exchange or its owner in the app would: by an order without a client's name.
    pub fn close_slot(&mut self, symbol: &str, slot: Slot, kind: &str) -> Option<u64> {
        let id = self.close_of(symbol, slot, kind, Decimal::MAX)?;
        self.work(id);
        Some(id)
    }

    /// Another's liquidation found nobody to take it over: this position gives so much of itself, at the mark price and
    /// past the book. `None` where nothing is held.
    pub fn deleverage(&mut self, symbol: &str, slot: Slot, quantity: Decimal) -> Option<u64> {
        let mark = self.markets.get(symbol)?.mark;
        let id = self.close_of(symbol, slot, ADL, quantity)?;
        let quantity = self.ledger.orders.get(&id)?.quantity;
        self.fill(id, mark, quantity, false);
        Some(id)
    }

    /// An order without a client's name that closes so much of a position; not filled yet.
    fn close_of(&mut self, symbol: &str, slot: Slot, kind: &str, most: Decimal) -> Option<u64> {
        let position = self.ledger.positions.get(&(symbol.to_owned(), slot))?;
        let (buys, quantity) = (!position.is_long, position.quantity.min(most));
        let id = self.names.next(self.now_ms);
        let order = Order {
            id,
            client_id: String::new(),
            symbol: symbol.to_owned(),
            buys,
            slot,
            kind: kind.to_owned(),
            quantity,
            price: None,
            stop_price: None,
            pulled_at: None,
            working: "MARK_PRICE".to_owned(),
            time_in_force: "GTC".to_owned(),
            reduce_only: slot == Slot::Both,
            close_position: false,
            stop_loss: None,
            take_profit: None,
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
        };
        self.ledger.orders.insert(id, order);
        self.tell_order(id, "NEW", None);
        Some(id)
    }

    /// All positions go when no more is left than they must keep.
    fn liquidate(&mut self) {
        if !Cover::new(self.ledger, self.markets).is_used_up() {
            return;
        }
        let all: Vec<_> = self.ledger.positions.keys().cloned().collect();
        for (symbol, slot) in all {
            self.close_slot(&symbol, slot, LIQUIDATION);
        }
    }

    /// Pays or takes the funding of each position.
    pub fn fund(&mut self) {
        let rate = Decimal::new(self.profile.funding_ppm, 6);
        let all: Vec<_> = self
            .ledger
            .positions
            .iter()
            .filter_map(|((symbol, slot), position)| {
                let value = position.quantity * self.markets.get(symbol)?.mark * rate;
                let paid = if position.is_long { -value } else { value };
                Some((symbol.clone(), *slot, paid.round_dp(8)))
            })
            .collect();
        for (symbol, slot, amount) in all {
            self.book(&symbol, "FUNDING_FEE", amount);
            self.tell_account("FUNDING_FEE", &symbol, slot);
        }
    }
}

/// A stop BUY is pulled at or above its price, a stop SELL at or below; a target the other way round.
fn is_pulled(order: &Order, price: Decimal) -> bool {
    let Some(trigger) = order.stop_price else { return false };
    let upwards = order.buys != order.kind.starts_with("TAKE_PROFIT");
    if upwards { price >= trigger } else { price <= trigger }
}
