//! What one account has on one host, and the sums that must always be right.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use crate::json::{Json, fixed, number, object, text};

/// Which position: contract and side of hedge mode, or the only one of one-way mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// Hedge mode, long.
    Long,
    /// Hedge mode, short.
    Short,
    /// One-way mode.
    Both,
}

impl Slot {
    /// The one of this word.
    pub fn read(text: &str) -> Option<Self> {
        match text {
            "LONG" => Some(Self::Long),
            "SHORT" => Some(Self::Short),
            "BOTH" => Some(Self::Both),
            _ => None,
        }
    }

    /// As written in replies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Long => "LONG",
            Self::Short => "SHORT",
            Self::Both => "BOTH",
        }
    }
}

/// An open position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Name.
    pub id: u64,
    /// Profits from rising prices.
    pub is_long: bool,
    /// Coins, above zero.
    pub quantity: Decimal,
    /// Average entry price.
    pub average: Decimal,
    /// Leverage when it was opened.
    pub leverage: i64,
    /// Realised so far.
    pub realised: Decimal,
}

impl Position {
    /// Open profit at this price.
    pub fn profit(&self, price: Decimal) -> Decimal {
        let up = (price - self.average) * self.quantity;
        if self.is_long { up } else { -up }
    }

    /// Margin in use.
    pub fn margin(&self) -> Decimal {
        self.average * self.quantity / Decimal::from(self.leverage.max(1))
    }
}

/// Where an order is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Accepted.
    New,
    /// Rests, or waits for its trigger.
    Pending,
    /// Filled in part.
    Partial,
    /// Filled.
    Filled,
    /// Cancelled.
    Cancelled,
    /// Ran out.
    Expired,
}

impl Status {
    /// As REST writes it.
    pub const fn rest(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Pending => "PENDING",
            Self::Partial => "PARTIALLY_FILLED",
            Self::Filled => "FILLED",
            Self::Cancelled => "CANCELLED",
            Self::Expired => "EXPIRED",
        }
    }

    /// As the stream writes it.
    pub const fn stream(self) -> &'static str {
        match self {
            Self::Cancelled => "CANCELED",
            other => other.rest(),
        }
    }

    /// Whether something can still happen.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Pending | Self::Partial)
    }
}

/// An exit that comes with an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// `STOP_MARKET` or `TAKE_PROFIT_MARKET`, or their limit forms.
    pub kind: String,
    /// Trigger.
    pub stop_price: Decimal,
    /// Limit of the limit forms.
    pub price: Option<Decimal>,
    /// Mark or last price.
    pub working: String,
    /// As it was sent.
    pub raw: String,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Name.
    pub id: u64,
    /// The client's name, in small letters; empty for none.
    pub client_id: String,
    /// Contract.
    pub symbol: String,
    /// Buys or sells.
    pub buys: bool,
    /// Of which position.
    pub slot: Slot,
    /// `MARKET` and so on.
    pub kind: String,
    /// Coins.
    pub quantity: Decimal,
    /// Limit.
    pub price: Option<Decimal>,
    /// Trigger.
    pub stop_price: Option<Decimal>,
    /// When its trigger was pulled: since then it is an order at market or at its limit. Unix milliseconds.
    pub pulled_at: Option<i64>,
    /// Mark or last price.
    pub working: String,
    /// `GTC` and so on.
    pub time_in_force: String,
    /// May only reduce.
    pub reduce_only: bool,
    /// Closes whatever is there.
    pub close_position: bool,
    /// Stop that comes with it.
    pub stop_loss: Option<Attached>,
    /// Target that comes with it.
    pub take_profit: Option<Attached>,
    /// Coins filled.
    pub filled: Decimal,
    /// Sum of price times coins.
    pub quote: Decimal,
    /// Realised.
    pub profit: Decimal,
    /// Fee, above zero is paid.
    pub fee: Decimal,
    /// Where it is in its life.
    pub status: Status,
    /// Made, Unix milliseconds.
    pub time: i64,
    /// Changed, Unix milliseconds.
    pub updated: i64,
    /// Entry it came with.
    pub parent: Option<u64>,
    /// Not shown to queries before this, Unix milliseconds.
    pub shown_from: i64,
    /// Last cancel that was tried, Unix milliseconds.
    pub cancel_tried: i64,
}

impl Order {
    /// Average price of what is filled.
    pub fn average(&self) -> Decimal {
        if self.filled.is_zero() { Decimal::ZERO } else { self.quote / self.filled }
    }

    /// Coins still to fill.
    pub fn left(&self) -> Decimal {
        self.quantity - self.filled
    }

    /// Waits for a trigger.
    pub fn is_trigger(&self) -> bool {
        self.stop_price.is_some() && self.pulled_at.is_none()
    }

    /// Only closes.
    pub fn closes(&self) -> bool {
        match self.slot {
            Slot::Long => !self.buys,
            Slot::Short => self.buys,
            Slot::Both => self.reduce_only || self.close_position,
        }
    }
}

/// A fill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// Name of the trade.
    pub trade_id: u64,
    /// The order.
    pub order_id: u64,
    /// Contract.
    pub symbol: String,
    /// Buys or sells.
    pub buys: bool,
    /// Of which position.
    pub slot: Slot,
    /// Coins.
    pub quantity: Decimal,
    /// Price.
    pub price: Decimal,
    /// Fee, above zero is paid.
    pub fee: Decimal,
    /// Rested before.
    pub is_maker: bool,
    /// When, Unix milliseconds.
    pub time: i64,
}

/// A row of the flow of money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Income {
    /// Contract; empty for none.
    pub symbol: String,
    /// `REALIZED_PNL` and so on.
    pub kind: &'static str,
    /// Below zero is paid.
    pub amount: Decimal,
    /// When, Unix milliseconds.
    pub time: i64,
    /// Name.
    pub id: u64,
}

/// Key of a user stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenKey {
    /// 64 hexadecimal digits.
    pub key: String,
    /// Ends, Unix milliseconds.
    pub until: i64,
}

/// All of an account on one host.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// Currency: `USDT` or `VST`.
    pub asset: &'static str,
    /// Without open profit.
    pub balance: Decimal,
    /// Paid in.
    pub deposits: Decimal,
    /// Sum of realised profit.
    pub realised: Decimal,
    /// Sum of fees, above zero is paid.
    pub fees: Decimal,
    /// Sum of funding, below zero is paid.
    pub funding: Decimal,
    /// Two positions for each contract.
    pub is_hedge: bool,
    /// Several currencies as margin.
    pub is_multi_asset: bool,
    /// Leverage of long and short, by contract.
    pub leverage: BTreeMap<String, (i64, i64)>,
    /// `CROSSED` where nothing stands, by contract.
    pub margin_type: BTreeMap<String, String>,
    /// Open positions.
    pub positions: BTreeMap<(String, Slot), Position>,
    /// All orders there ever were.
    pub orders: BTreeMap<u64, Order>,
    /// Names that were used, for ever.
    pub used: HashMap<String, u64>,
    /// All fills, oldest first.
    pub fills: Vec<Fill>,
    /// All rows, oldest first.
    pub income: Vec<Income>,
    /// Key of the user stream.
    pub listen_key: Option<ListenKey>,
    /// All open orders are cancelled then, Unix milliseconds.
    pub cancel_all_at: Option<i64>,
}

impl Ledger {
    /// An empty account in hedge mode with this much money.
    pub fn new(asset: &'static str, deposit: Decimal) -> Self {
        Self {
            asset,
            balance: deposit,
            deposits: deposit,
            realised: Decimal::ZERO,
            fees: Decimal::ZERO,
            funding: Decimal::ZERO,
            is_hedge: true,
            is_multi_asset: false,
            leverage: BTreeMap::new(),
            margin_type: BTreeMap::new(),
            positions: BTreeMap::new(),
            orders: BTreeMap::new(),
            used: HashMap::new(),
            fills: Vec::new(),
            income: Vec::new(),
            listen_key: None,
            cancel_all_at: None,
        }
    }

    /// Leverage of a contract and side; 5 where nobody set it.
    pub fn leverage_of(&self, symbol: &str, long: bool) -> i64 {
        self.leverage.get(symbol).map_or(5, |(of_long, of_short)| if long { *of_long } else { *of_short })
    }

    /// Whether anything is open.
    pub fn is_flat(&self) -> bool {
        self.positions.is_empty() && !self.orders.values().any(|order| order.status.is_open())
    }

    /// Margin in use.
    pub fn used_margin(&self) -> Decimal {
        self.positions.values().map(Position::margin).sum()
    }

    /// Margin that open orders hold.
    pub fn frozen_margin(&self) -> Decimal {
        let opening = |order: &&Order| order.status.is_open() && !order.is_trigger() && !order.closes();
        self.orders
            .values()
            .filter(opening)
            .map(|order| {
                let leverage = self.leverage_of(&order.symbol, order.buys);
                order.price.unwrap_or_default() * order.left() / Decimal::from(leverage.max(1))
            })
            .sum()
    }

    /// Open profit, by mark prices.
    pub fn unrealised(&self, mark: impl Fn(&str) -> Decimal) -> Decimal {
        self.positions.iter().map(|((symbol, _), position)| position.profit(mark(symbol))).sum()
    }

    /// What new positions may use.
    pub fn available(&self, mark: impl Fn(&str) -> Decimal) -> Decimal {
        let loss = self.unrealised(mark).min(Decimal::ZERO);
        self.balance - self.used_margin() - self.frozen_margin() + loss
    }

    /// Stops and targets that stand: the client's name of each, or of the entry it came with, whether it is a target, and
    /// what it closes.
    pub fn standing_exits(&self) -> Vec<(String, bool, Decimal)> {
        let name = |order: &Order| {
            let entry = order.parent.and_then(|parent| self.orders.get(&parent));
            entry.unwrap_or(order).client_id.clone()
        };
        let is_exit = |order: &&Order| order.status.is_open() && crate::desk::is_exit(&order.kind);
        let exits = self.orders.values().filter(is_exit);
        exits.map(|order| (name(order), order.kind.starts_with("TAKE_PROFIT"), order.left())).collect()
    }

    /// Coins of a position that its own stops have claimed, of one kind.
    pub fn claimed(&self, symbol: &str, slot: Slot, prefix: &str) -> Decimal {
        self.orders
            .values()
            .filter(|order| order.symbol == symbol && order.slot == slot && order.kind.starts_with(prefix))
            .filter(|order| order.status.is_open() && order.is_trigger() && !order.close_position)
            .map(Order::left)
            .sum()
    }

    /// Coins of a position that resting closes have claimed.
    pub fn resting_closes(&self, symbol: &str, slot: Slot) -> Decimal {
        self.orders
            .values()
            .filter(|order| order.symbol == symbol && order.slot == slot && order.status.is_open())
            .filter(|order| order.closes() && !order.is_trigger())
            .map(Order::left)
            .sum()
    }

    /// What is wrong with the sums; nothing, if all is well.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let expected = self.deposits + self.realised - self.fees + self.funding;
        if self.balance != expected {
            faults.push(format!("balance {} is not {expected}", self.balance));
        }
        // What comes in later is a deposit as well as a row.
        let earned = self.income.iter().filter(|row| row.kind != "TRANSFER");
        let rows: Decimal = earned.map(|row| row.amount).sum();
        if self.deposits + rows != self.balance {
            faults.push(format!("rows add up to {rows}, balance {} of {}", self.balance, self.deposits));
        }
        let mut filled: BTreeMap<(&str, Slot), Decimal> = BTreeMap::new();
        for fill in &self.fills {
            let signed = if fill.buys { fill.quantity } else { -fill.quantity };
            *filled.entry((&fill.symbol, fill.slot)).or_default() += signed;
        }
        for ((symbol, slot), signed) in filled {
            let held = self.positions.get(&(symbol.to_owned(), slot)).map_or(Decimal::ZERO, |position| {
                if position.is_long { position.quantity } else { -position.quantity }
            });
            if held != signed {
                faults
                    .push(format!("fills of {symbol} {} add up to {signed}, held are {held}", slot.as_str()));
            }
        }
        for order in self.orders.values() {
            let fills: Decimal =
                self.fills.iter().filter(|fill| fill.order_id == order.id).map(|fill| fill.quantity).sum();
            if fills != order.filled || order.filled > order.quantity {
                faults.push(format!(
                    "order {} is filled {} of {}, fills {fills}",
                    order.id, order.filled, order.quantity
                ));
            }
        }
        faults
    }

    /// For the control API and comparisons.
    pub fn to_json(&self) -> Json {
        let positions = self.positions.iter().map(|((symbol, slot), position)| {
            object([
                ("symbol", text(symbol)),
                ("slot", text(slot.as_str())),
                ("long", Json::Bool(position.is_long)),
                ("quantity", text(position.quantity.normalize())),
                ("average", text(position.average.normalize())),
                ("id", text(position.id)),
            ])
        });
        let orders = self.orders.values().map(|order| {
            object([
                ("id", text(order.id)),
                ("client_id", text(&order.client_id)),
                ("symbol", text(&order.symbol)),
                ("side", text(if order.buys { "BUY" } else { "SELL" })),
                ("slot", text(order.slot.as_str())),
                ("type", text(&order.kind)),
                ("status", text(order.status.rest())),
                ("quantity", text(order.quantity.normalize())),
                ("filled", text(order.filled.normalize())),
                ("stop_price", order.stop_price.map_or(Json::Null, |price| text(price.normalize()))),
                ("time", number(order.time)),
            ])
        });
        object([
            ("asset", text(self.asset)),
            ("balance", fixed(self.balance, 8)),
            ("deposits", fixed(self.deposits, 8)),
            ("realised", fixed(self.realised, 8)),
            ("fees", fixed(self.fees, 8)),
            ("funding", fixed(self.funding, 8)),
            ("hedge", Json::Bool(self.is_hedge)),
            ("positions", Json::List(positions.collect())),
            ("orders", Json::List(orders.collect())),
            ("fills", number(self.fills.len())),
            ("faults", Json::List(self.faults().into_iter().map(text).collect())),
        ])
    }
}
