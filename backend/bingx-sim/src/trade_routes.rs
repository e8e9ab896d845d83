//! Orders, cancels and closes.

use crate::fault::Mishap;
use crate::gate::{Passed, fault};
use crate::json::{Json, number, object, text};
use crate::ledger::Order;
use crate::profile::{Era, Fault, missing};
use crate::render;
use crate::request::{Params, json_pairs};
use crate::routes::{Answer, Route};
use crate::venue::{Venue, cancel_all};

impl Venue {
    pub(crate) fn trade(&mut self, wanted: Route, passed: &Passed<'_>) -> Result<Answer, Fault> {
        match wanted {
            Route::Place => {
                self.place(passed, passed.params).map(|order| Answer::Data(self.echo(&order, passed)))
            }
            Route::TestPlace => {
                let order = self.desk(passed, |desk| desk.draft(passed.params))??;
                Ok(Answer::Data(self.echo(&order, passed)))
            }
            Route::PlaceBatch => self.place_batch(passed),
            Route::Cancel => {
                let fills_first = matches!(passed.mishap, Some(Mishap::FillFirst));
                let id = self.desk(passed, |desk| {
                    let id = desk.named(passed.params)?;
                    if fills_first {
                        desk.fill_up(id);
                    }
                    desk.cancel(id).map(|()| id)
                })??;
                Ok(Answer::Data(object([("order", self.order_json(passed, id))])))
            }
            Route::CancelBatch => self.cancel_batch(passed),
            Route::CancelAll => {
                let symbol = passed.params.get("symbol").map(str::to_owned);
                let kind = passed.params.get("type").map(str::to_owned);
                let is_demo = passed.host == crate::request::HostName::Demo;
                let ids = self.desk(passed, |desk| {
                    // On the demo host exits that came with an entry stay.
                    cancel_all(desk, |order| {
                        symbol.as_ref().is_none_or(|symbol| *symbol == order.symbol)
                            && kind.as_ref().is_none_or(|kind| *kind == order.kind)
                            && !(is_demo && order.parent.is_some())
                    })
                })?;
                let cancelled = ids.into_iter().map(|id| self.order_json(passed, id)).collect();
                Ok(Answer::Data(object([("success", Json::List(cancelled)), ("failed", Json::Null)])))
            }
            Route::CancelAllAfter => self.cancel_all_after(passed),
            Route::CloseAll => self.close_all(passed),
            _ => self.close_position(passed),
        }
    }

    pub(crate) fn desk<T>(
        &mut self,
        passed: &Passed<'_>,
        act: impl FnOnce(&mut crate::desk::Desk<'_>) -> T,
    ) -> Result<T, Fault> {
        let loses = matches!(passed.mishap, Some(Mishap::LoseExits));
        self.at_desk_with(passed.host, passed.uid, loses, act)
            .ok_or_else(|| fault(80_001, "service has some errors"))
    }

    fn place(&mut self, passed: &Passed<'_>, params: &Params) -> Result<Order, Fault> {
        let hidden_for = match passed.mishap {
            Some(Mishap::Hide { ms, .. }) => *ms,
            _ => 0,
        };
        self.desk(passed, |desk| {
            let id = desk.place(params)?;
            let shown_from = desk.now_ms + hidden_for;
            let order =
                desk.ledger.orders.get_mut(&id).ok_or_else(|| fault(80_001, "service has some errors"))?;
            if hidden_for > 0 {
                order.shown_from = shown_from;
            }
            Ok(order.clone())
        })?
    }

    fn echo(&mut self, order: &Order, passed: &Passed<'_>) -> Json {
        let flat = self.profile.era == Era::Messy && self.chance.permille(300);
        render::placed(order, passed.era, flat)
    }

    pub(crate) fn order_json(&self, passed: &Passed<'_>, id: u64) -> Json {
        let Some(ledger) = self.ledger(passed.host, passed.uid) else { return Json::Null };
        let Some(order) = ledger.orders.get(&id) else { return Json::Null };
        let rules = self.market(passed.host, &order.symbol).map(|market| &market.rules);
        render::order(order, rules, ledger.leverage_of(&order.symbol, order.buys))
    }

    /// Each leg on its own. A bad one makes the whole answer an error, while the good ones are there.
    fn place_batch(&mut self, passed: &Passed<'_>) -> Result<Answer, Fault> {
        use serde_json::value::RawValue;
        let list = passed.params.get("batchOrders").ok_or_else(|| missing("batchOrders"))?;
        let legs: Vec<Box<RawValue>> =
            serde_json::from_str(list).map_err(|_| Fault::Parameter("batchOrders is no list".to_owned()))?;
        if legs.len() > 5 {
            return Err(Fault::Parameter("batchOrders: at most 5".to_owned()));
        }
        let (mut taken, mut texts) = (Vec::new(), Vec::new());
        for leg in legs {
            let params = Params::of_values(json_pairs(leg.get()));
            match self.place(passed, &params) {
                Ok(order) => taken.push(match self.echo(&order, passed) {
                    Json::Object(mut fields) if fields.len() == 1 => fields.remove(0).1,
                    other => other,
                }),
                Err(refused) => texts.push(refused.at(passed.era).text),
            }
        }
        if texts.is_empty() {
            return Ok(Answer::Data(object([("orders", Json::List(taken))])));
        }
        Err(Fault::Renumbered(80_001, 109_400, texts.join("; ")))
    }

    fn cancel_batch(&mut self, passed: &Passed<'_>) -> Result<Answer, Fault> {
        let by_id = passed.params.get("orderIdList");
        let list =
            by_id.or_else(|| passed.params.get("clientOrderIdList")).ok_or_else(|| missing("orderIdList"))?;
        let name = if by_id.is_some() { "orderId" } else { "clientOrderId" };
        let words: Vec<String> = list
            .trim_matches(['[', ']'])
            .split(',')
            .map(|word| word.trim().trim_matches('"').to_owned())
            .filter(|word| !word.is_empty())
            .collect();
        if words.len() > 10 {
            return Err(Fault::Parameter(format!("{name}List: at most 10")));
        }
        let (mut success, mut failed) = (Vec::new(), Vec::new());
        for word in words {
            let params = Params::of_values(vec![(name.to_owned(), word.clone())]);
            let done = self.desk(passed, |desk| {
                let id = desk.named(&params)?;
                desk.cancel(id).map(|()| id)
            })?;
            match done {
                Ok(id) => success.push(self.order_json(passed, id)),
                Err(refused) => {
                    let refused = refused.at(passed.era);
                    failed.push(object([
                        (name, if by_id.is_some() { number(word) } else { text(word) }),
                        ("errorCode", number(refused.code)),
                        ("errorMessage", text(refused.text)),
                    ]));
                }
            }
        }
        let failed = if failed.is_empty() { Json::Null } else { Json::List(failed) };
        Ok(Answer::Data(object([("success", Json::List(success)), ("failed", failed)])))
    }

    fn cancel_all_after(&mut self, passed: &Passed<'_>) -> Result<Answer, Fault> {
        let seconds: i64 = passed.params.get("timeOut").and_then(|text| text.parse().ok()).unwrap_or(0);
        let activates = passed.params.get("type") == Some("ACTIVATE");
        if activates && !(10..=120).contains(&seconds) {
            return Err(Fault::Parameter("timeOut: 10 to 120".to_owned()));
        }
        let at = self.now_ms + seconds * 1_000;
        self.desk(passed, |desk| desk.ledger.cancel_all_at = activates.then_some(at))?;
        Ok(Answer::Data(object([
            ("triggerTime", number(if activates { at / 1_000 } else { 0 })),
            ("status", text(if activates { "ACTIVATED" } else { "CLOSED" })),
            ("note", text("")),
        ])))
    }

    fn close_all(&mut self, passed: &Passed<'_>) -> Result<Answer, Fault> {
        let symbol = passed.params.get("symbol").map(str::to_owned);
        let ids = self.desk(passed, |desk| {
            let held: Vec<_> = desk.ledger.positions.keys().cloned().collect();
            held.into_iter()
                .filter(|(held, _)| symbol.as_ref().is_none_or(|symbol| symbol == held))
                .filter_map(|(symbol, slot)| desk.close_slot(&symbol, slot, "MARKET"))
                .collect::<Vec<u64>>()
        })?;
        let ids = ids.into_iter().map(number).collect();
        Ok(Answer::Data(object([("success", Json::List(ids)), ("failed", Json::Null)])))
    }

    fn close_position(&mut self, passed: &Passed<'_>) -> Result<Answer, Fault> {
        let wanted: u64 = passed.params.get("positionId").and_then(|text| text.parse().ok()).unwrap_or(0);
        let closed = self.desk(passed, |desk| {
            let (symbol, slot) = desk.ledger.positions.iter().find(|(_, held)| held.id == wanted)?.0.clone();
            let buys = !desk.ledger.positions.get(&(symbol.clone(), slot))?.is_long;
            let quantity = desk.ledger.positions.get(&(symbol.clone(), slot))?.quantity;
            Some((desk.close_slot(&symbol, slot, "MARKET")?, symbol, slot, buys, quantity))
        })?;
        let (id, symbol, slot, buys, quantity) =
            closed.ok_or_else(|| Fault::Renumbered(80_017, 109_420, "position not exist".to_owned()))?;
        Ok(Answer::Data(object([
            ("orderId", number(id)),
            ("positionId", text(wanted)),
            ("symbol", text(symbol)),
            ("side", text(if buys { "Bid" } else { "Ask" })),
            ("type", text("Market")),
            ("positionSide", text(slot.as_str())),
            ("origQty", text(quantity)),
        ])))
    }
}
