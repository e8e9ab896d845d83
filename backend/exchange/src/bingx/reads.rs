//! What is read of an account.

use rust_decimal::Decimal;

use super::client::{Account, Turn};
use super::endpoint;
use super::error::ErrorClass;
use super::id::Symbol;
use super::model::{
    AssetMode, Balances, DualSide, Fill, FillList, Income, KeyInfo, Leverage, LeverageReply, MarginType,
    MarginTypeReply, ModeReply, Order, OrderList, OrderReply, Position, PositionMode, UidReply,
};
use super::order::OrderRef;
use super::sign::Params;
use crate::outcome::{Doubt, ReadError};

/// Longest stretch of time that a history endpoint takes.
const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// Rows on a page of a history.
const PAGE: usize = 500;
/// Orders of one answer.
const MOST_ORDERS: usize = 1_000;
/// More pages than a week of one account can have: something is wrong then.
const MOST_PAGES: usize = 400;

impl Account {
    /// What the key may do. Needs to be asked again daily: its owner may change it.
    ///
    /// # Errors
    ///
    /// [`ReadError`], also for permissions in a form that nobody knows.
    pub async fn permissions(&self, turn: Turn) -> Result<KeyInfo, ReadError> {
        self.read(endpoint::API_PERMISSIONS, Params::new(), turn).await
    }

    /// The account's number at the exchange.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub async fn uid(&self, turn: Turn) -> Result<String, ReadError> {
        let reply: UidReply = self.read(endpoint::UID, Params::new(), turn).await?;
        if reply.uid.is_empty() { Err(ReadError::NoAnswer(Doubt::Unreadable)) } else { Ok(reply.uid) }
    }

    /// Balances.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub async fn balances(&self, turn: Turn) -> Result<Balances, ReadError> {
        self.read(endpoint::BALANCE, Params::new(), turn).await
    }

    /// Open positions, of one contract or of all. Empty ones are left out.
    ///
    /// # Errors
    ///
    /// [`ReadError`], also for an answer without a list.
    pub async fn positions(&self, symbol: Option<&Symbol>, turn: Turn) -> Result<Vec<Position>, ReadError> {
        let params = Params::new().with_some("symbol", symbol);
        // What has no list says nothing: it is not an empty one.
        let positions: Vec<Position> = self.read(endpoint::POSITIONS, params, turn).await?;
        Ok(positions.into_iter().filter(|one| one.quantity > Decimal::ZERO).collect())
    }

    /// One position for each contract, or two. Read at the start and after each refusal of class
    /// [`ErrorClass::PositionMode`]; never set.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub async fn position_mode(&self, turn: Turn) -> Result<PositionMode, ReadError> {
        let reply: DualSide = self.read(endpoint::POSITION_MODE, Params::new(), turn).await?;
        match reply.dual_side_position {
            Some(true) => Ok(PositionMode::Hedge),
            Some(false) => Ok(PositionMode::OneWay),
            None => Err(ReadError::NoAnswer(Doubt::Unreadable)),
        }
    }

    /// Leverage of a contract.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub async fn leverage(&self, symbol: &Symbol, turn: Turn) -> Result<Leverage, ReadError> {
        let params = Params::new().with("symbol", symbol);
        Ok(self.read::<LeverageReply>(endpoint::LEVERAGE, params, turn).await?.into())
    }

    /// Whose margin a contract uses.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub async fn margin_type(&self, symbol: &Symbol, turn: Turn) -> Result<MarginType, ReadError> {
        let params = Params::new().with("symbol", symbol);
        Ok(self.read::<MarginTypeReply>(endpoint::MARGIN_TYPE, params, turn).await?.into())
    }

    /// One margin currency or several.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub async fn asset_mode(&self, turn: Turn) -> Result<AssetMode, ReadError> {
        Ok(self.read::<ModeReply>(endpoint::ASSET_MODE, Params::new(), turn).await?.into())
    }

    /// One order; `None` where the exchange knows none. Orders show up late: see [`Account::find_out`].
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub async fn order(
        &self,
        symbol: &Symbol,
        order: &OrderRef,
        turn: Turn,
    ) -> Result<Option<Order>, ReadError> {
        let reply = self.read::<OrderReply<Order>>(endpoint::ORDER, order.params(symbol), turn).await;
        match reply {
            Ok(OrderReply(order)) => Ok(Some(order)),
            Err(ReadError::Refused(error)) if error.means_no_such_order() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Open orders, limits and stops alike.
    ///
    /// # Errors
    ///
    /// [`ReadError`].
    pub async fn open_orders(&self, symbol: Option<&Symbol>, turn: Turn) -> Result<Vec<Order>, ReadError> {
        let params = Params::new().with_some("symbol", symbol);
        let list: OrderList = self.read(endpoint::OPEN_ORDERS, params, turn).await?;
        Ok(list.orders.unwrap_or_default())
    }

    /// Orders made from `from_ms` until `until_ms`, Unix milliseconds, in no certain order, all of them.
    ///
    /// # Errors
    ///
    /// [`ReadError`]. Nothing is returned in part.
    pub async fn orders_between(
        &self,
        symbol: &Symbol,
        from_ms: i64,
        until_ms: i64,
        turn: Turn,
    ) -> Result<Vec<Order>, ReadError> {
        let mut orders = Vec::new();
        let mut windows = weeks(from_ms, until_ms);
        while let Some((from, until)) = windows.pop() {
            let params = Params::new()
                .with("symbol", symbol)
                .with("startTime", from)
                .with("endTime", until)
                .with("limit", MOST_ORDERS);
            let list: OrderList = self.read(endpoint::ALL_ORDERS, params, turn).await?;
            let list = list.orders.unwrap_or_default();
            if list.len() < MOST_ORDERS {
                orders.extend(list);
                continue;
            }
            // There may be more than one answer holds, and nothing says which are missing.
            let middle = from + (until - from) / 2;
            if middle <= from {
                return Err(ReadError::NoAnswer(Doubt::Unreadable));
            }
            windows.extend([(from, middle), (middle, until)]);
        }
        let mut seen = std::collections::HashSet::new();
        orders.retain(|order: &Order| seen.insert(order.id.clone()));
        Ok(orders)
    }

    /// Fills from `from_ms` until `until_ms`, Unix milliseconds, oldest first, each once.
    ///
    /// * `symbol`: one contract, or all.
    ///
    /// # Errors
    ///
    /// [`ReadError`]. Nothing is returned in part.
    pub async fn fills(
        &self,
        symbol: Option<&Symbol>,
        from_ms: i64,
        until_ms: i64,
        turn: Turn,
    ) -> Result<Vec<Fill>, ReadError> {
        let mut fills = Vec::new();
        for (from, until) in weeks(from_ms, until_ms) {
            let window = Params::new().with_some("symbol", symbol).with("startTs", from).with("endTs", until);
            for index in 1..=MOST_PAGES {
                let params = window.clone().with("pageIndex", index).with("pageSize", PAGE);
                let page: FillList = self.read(endpoint::FILL_HISTORY, params, turn).await?;
                let page = page.into_fills();
                let is_last = page.len() < PAGE;
                fills.extend(page);
                if is_last {
                    break;
                }
                if index == MOST_PAGES {
                    return Err(ReadError::NoAnswer(Doubt::Unreadable));
                }
            }
        }
        fills.sort_by(|a, b| (a.filled_at_ms, &a.id).cmp(&(b.filled_at_ms, &b.id)));
        let mut seen = std::collections::HashSet::new();
        // Without a name of its own a fill cannot be told from another of its order: kept.
        fills.retain(|fill| fill.id.trade.is_empty() || seen.insert(fill.id.clone()));
        Ok(fills)
    }

    /// Flow of money from `from_ms` until `until_ms`, Unix milliseconds; the exchange keeps three months.
    ///
    /// # Errors
    ///
    /// [`ReadError`], also when a week has more rows than one answer holds: ask for less at a time.
    pub async fn income(&self, from_ms: i64, until_ms: i64, turn: Turn) -> Result<Vec<Income>, ReadError> {
        let mut rows = Vec::new();
        for (from, until) in weeks(from_ms, until_ms) {
            let params = Params::new().with("startTime", from).with("endTime", until).with("limit", 1_000);
            let page: Option<Vec<Income>> = self.read(endpoint::INCOME, params, turn).await?;
            let page = page.unwrap_or_default();
            if page.len() >= 1_000 {
                return Err(ReadError::NoAnswer(Doubt::Unreadable));
            }
            rows.extend(page);
        }
        Ok(rows)
    }
}

/// Cuts a stretch of time into pieces that a history endpoint takes. They meet in one millisecond, so nothing is lost
/// between them; what is found twice there has one name.
fn weeks(from_ms: i64, until_ms: i64) -> Vec<(i64, i64)> {
    let mut pieces = Vec::new();
    let mut from = from_ms;
    while from < until_ms {
        let until = from.saturating_add(WEEK_MS).min(until_ms);
        pieces.push((from, until));
        from = until;
    }
    pieces
}

/// Whether a refusal means that the contracts have changed.
#[must_use]
pub fn means_new_contracts(class: ErrorClass) -> bool {
    matches!(class, ErrorClass::Symbol | ErrorClass::Size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_time_is_asked_for_by_weeks_without_a_hole() {
        let pieces = weeks(0, 3 * WEEK_MS - 1);
        assert_eq!(pieces, [(0, WEEK_MS), (WEEK_MS, 2 * WEEK_MS), (2 * WEEK_MS, 3 * WEEK_MS - 1)]);
        assert!(weeks(5, 5).is_empty());
    }
}
