//! Orders and fills, as they are read back.

use crate::gate::Passed;
use crate::json::{Json, number, object};
use crate::ledger::Order;
use crate::matching::{ADL, LIQUIDATION};
use crate::profile::{Fault, missing};
use crate::render;
use crate::routes::{Answer, Route};
use crate::venue::Venue;

const WEEK_MS: i64 = 7 * 86_400_000;

impl Venue {
    pub(crate) fn history(&mut self, wanted: Route, passed: &Passed<'_>) -> Result<Answer, Fault> {
        match wanted {
            Route::Order => {
                let id = self.desk(passed, |desk| desk.named(passed.params))??;
                Ok(Answer::Data(object([("order", self.order_json(passed, id))])))
            }
            Route::OpenOrders => Ok(self.orders(passed, |order| order.status.is_open(), usize::MAX)),
            Route::AllOrders => self.all_orders(passed),
            Route::ForceOrders => {
                let wanted = passed.params.get("autoCloseType");
                let fits = |order: &Order| {
                    [LIQUIDATION, ADL].contains(&order.kind.as_str())
                        && wanted.is_none_or(|wanted| wanted == order.kind)
                };
                Ok(self.orders(passed, fits, 100))
            }
            Route::Fills => self.fills(passed, "fill_orders"),
            _ => self.fills(passed, "fill_history_orders"),
        }
    }

    /// Orders that may be seen and fit, newest first.
    fn orders(&self, passed: &Passed<'_>, fits: impl Fn(&Order) -> bool, most: usize) -> Answer {
        let symbol = passed.params.get("symbol");
        let Some(ledger) = self.ledger(passed.host, passed.uid) else { return Answer::Data(Json::Null) };
        let list = ledger
            .orders
            .values()
            .rev()
            .filter(|order| symbol.is_none_or(|symbol| symbol == order.symbol))
            .filter(|order| order.shown_from <= self.now_ms && fits(order))
            .take(most)
            .map(|order| self.order_json(passed, order.id))
            .collect();
        Answer::Data(object([("orders", Json::List(list))]))
    }

    fn all_orders(&self, passed: &Passed<'_>) -> Result<Answer, Fault> {
        let (from, until) = self.window(passed, ("startTime", "endTime"), false)?;
        let limit = integer(passed, "limit").unwrap_or(500).clamp(1, 1_000);
        let first = integer(passed, "orderId").unwrap_or(0);
        let fits = |order: &Order| {
            let id = i64::try_from(order.id).unwrap_or(i64::MAX);
            (from..=until).contains(&order.time) && id >= first
        };
        Ok(self.orders(passed, fits, usize::try_from(limit).unwrap_or(500)))
    }

    fn fills(&self, passed: &Passed<'_>, name: &str) -> Result<Answer, Fault> {
        let (from, until) = self.window(passed, ("startTs", "endTs"), true)?;
        let size = usize::try_from(integer(passed, "pageSize").unwrap_or(50).clamp(1, 1_000)).unwrap_or(50);
        let page = usize::try_from(integer(passed, "pageIndex").unwrap_or(1).max(1)).unwrap_or(1);
        let symbol = passed.params.get("symbol");
        let Some(ledger) = self.ledger(passed.host, passed.uid) else { return Ok(Answer::Data(Json::Null)) };
        let all: Vec<_> = ledger
            .fills
            .iter()
            .rev()
            .filter(|fill| (from..=until).contains(&fill.time))
            .filter(|fill| symbol.is_none_or(|symbol| symbol == fill.symbol))
            .collect();
        let total = all.len();
        let rows = if name == "fill_orders" {
            let client_id = |id: u64| ledger.orders.get(&id).map_or("", |order| order.client_id.as_str());
            all.into_iter()
                .map(|fill| render::short_fill(fill, ledger.asset, client_id(fill.order_id)))
                .collect()
        } else {
            let page = all.into_iter().skip((page - 1) * size).take(size);
            page.map(|fill| render::fill(fill, ledger.asset)).collect()
        };
        Ok(Answer::Data(object([(name, Json::List(rows)), ("total", number(total))])))
    }

    /// A stretch of at most seven days. Some lists insist on their ends.
    fn window(&self, passed: &Passed<'_>, names: (&str, &str), required: bool) -> Result<(i64, i64), Fault> {
        let (from, until) = (integer(passed, names.0), integer(passed, names.1));
        if required && until.is_none() {
            return Err(missing(names.1));
        }
        if required && from.is_none() {
            return Err(missing(names.0));
        }
        let until = until.unwrap_or(self.now_ms);
        let from = from.unwrap_or(until - WEEK_MS);
        if until - from > WEEK_MS {
            return Err(Fault::Parameter(format!("{} to {}: at most 7 days", names.0, names.1)));
        }
        Ok((from, until))
    }
}

/// A whole number among the parameters.
pub fn integer(passed: &Passed<'_>, name: &str) -> Option<i64> {
    passed.params.get(name)?.parse().ok()
}
