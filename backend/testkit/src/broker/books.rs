//! The books themselves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use flotilla_domain::side::Side;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{By, Closed, DEFAULT_MAGIC, Deal, Entry, Position, Venue};
use crate::market::Market;

/// What an account starts with.
const DEPOSIT: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);

/// How an order was executed.
pub(super) struct Fill {
    pub price: Decimal,
    /// Units in one lot.
    pub units: Decimal,
    pub by: By,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Books {
    last_ticket: i64,
    /// Position and entry price.
    pub open: BTreeMap<i64, (Position, Decimal)>,
    realized: Decimal,
    /// When the running day ends, and what it began with.
    #[serde(default)]
    pub day: Option<(i64, Decimal)>,
    #[serde(skip)]
    pub deals: Vec<Deal>,
    #[serde(skip)]
    pub margin_level: Option<Decimal>,
    #[serde(skip)]
    pub is_blind: bool,
    #[serde(skip)]
    file: Option<PathBuf>,
}

impl Books {
    pub fn after(last_ticket: i64) -> Self {
        Self { last_ticket, ..Self::default() }
    }

    /// Goes on where `file` ended, and writes there from now on.
    pub fn keep_in(&mut self, file: &Path) {
        let kept = std::fs::read(file).ok().and_then(|text| serde_json::from_slice::<Self>(&text).ok());
        if let Some(mut kept) = kept {
            // Books of older fleets know no magic numbers.
            for (position, _) in kept.open.values_mut() {
                if position.magic == 0 && position.master_ticket.is_some() {
                    position.magic = DEFAULT_MAGIC;
                }
            }
            *self = Self { last_ticket: kept.last_ticket.max(self.last_ticket), ..kept };
        }
        self.file = Some(file.to_owned());
    }

    /// Written aside and moved into place, so that no interruption leaves half a file.
    pub fn keep(&self) {
        let Some(file) = &self.file else { return };
        let aside = file.with_extension("new");
        let kept = serde_json::to_vec(self)
            .map_err(std::io::Error::from)
            .and_then(|text| std::fs::write(&aside, text))
            .and_then(|()| std::fs::rename(&aside, file));
        if let Err(error) = kept {
            eprintln!("the books of {} could not be written: {error}", file.display());
        }
    }

    pub fn positions(&self) -> BTreeMap<i64, Position> {
        self.open.iter().map(|(&ticket, (position, _))| (ticket, position.clone())).collect()
    }

    pub fn lots(&self, ticket: i64) -> Option<Decimal> {
        self.open.get(&ticket).map(|(position, _)| position.lots)
    }

    pub fn balance_and_equity(&self, market: &Market) -> (Decimal, Decimal) {
        let balance = DEPOSIT + self.realized;
        let floating: Decimal =
            self.open.values().map(|(position, entry)| result(position, *entry, market).profit).sum();
        (balance, balance + floating)
    }

    /// # Panics
    ///
    /// When the terminal has no such numbers left.
    pub fn next_ticket(&mut self, venue: Venue) -> i64 {
        let last = if venue == Venue::Mt4 { i64::from(i32::MAX) } else { i64::MAX };
        assert!(self.last_ticket < last, "no ticket is left");
        self.last_ticket += 1;
        self.last_ticket
    }

    /// The position that an order in `symbol` changes.
    pub fn netted(&self, venue: Venue, symbol: &str) -> Option<i64> {
        let mut open = self.open.iter().filter(|_| venue == Venue::Netting);
        open.find(|(_, (position, _))| position.symbol == symbol).map(|(&ticket, _)| ticket)
    }

    pub fn enter(&mut self, ticket: i64, position: Position, price: Decimal, by: By) {
        let deal =
            Deal { ticket, position: position.clone(), entry: Entry::In, price, profit: Decimal::ZERO, by };
        self.deals.push(deal);
        self.open.insert(ticket, (position, price));
    }

    /// Adds to, takes from or turns the position that a netting account has.
    pub fn net(&mut self, held: i64, order: &Position, Fill { price, units, by }: Fill) {
        let Some((position, entry)) = self.open.get_mut(&held) else { return };
        let before = position.clone();
        let (moved, profit) = if position.side == order.side {
            let lots = position.lots + order.lots;
            *entry = (*entry * position.lots + price * order.lots) / lots;
            position.lots = lots;
            (Entry::In, Decimal::ZERO)
        } else {
            let left = order.lots.min(position.lots);
            let profit = (gain(position.side, *entry, price) * left * units).round_dp(2);
            let is_turned = order.lots > position.lots;
            position.lots = (position.lots - order.lots).abs();
            if is_turned {
                (position.side, *entry) = (order.side, price);
            }
            (if is_turned { Entry::Reversal } else { Entry::Out }, profit)
        };
        if position.lots.is_zero() {
            self.open.remove(&held);
        }
        self.realized += profit;
        let position = Position { lots: order.lots, master_ticket: order.master_ticket, ..before };
        self.deals.push(Deal { ticket: held, position, entry: moved, price, profit, by });
    }

    /// Takes `lots` out of a position, all of it where there are no more.
    pub fn leave(&mut self, ticket: i64, lots: Decimal, market: &Market, by: By) -> Option<Closed> {
        let (position, entry) = self.open.get_mut(&ticket)?;
        let left = Position { lots: lots.min(position.lots), ..position.clone() };
        let closed = result(&left, *entry, market);
        position.lots -= left.lots;
        if position.lots.is_zero() {
            self.open.remove(&ticket);
        }
        self.realized += closed.profit;
        let (price, profit) = (closed.price, closed.profit);
        self.deals.push(Deal { ticket, position: left, entry: Entry::Out, price, profit, by });
        Some(closed)
    }

    /// The rest of a position goes on under a new ticket, without a deal.
    pub fn rename(&mut self, ticket: i64, new: i64) {
        if let Some(position) = self.open.remove(&ticket) {
            self.open.insert(new, position);
        }
    }
}

fn gain(side: Side, entry: Decimal, exit: Decimal) -> Decimal {
    if side == Side::Buy { exit - entry } else { entry - exit }
}

fn result(position: &Position, entry: Decimal, market: &Market) -> Closed {
    let price = market.exit(&position.symbol, position.side);
    let units = position.lots * market.contract_size(&position.symbol);
    Closed { price, profit: (gain(position.side, entry, price) * units).round_dp(2) }
}
