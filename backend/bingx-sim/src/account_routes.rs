//! Balance, modes, leverage, keys.

use rust_decimal::Decimal;

use crate::gate::{Passed, fault};
use crate::history_routes::integer;
use crate::json::{Json, fixed, number, object, text};
use crate::ledger::{Ledger, ListenKey};
use crate::profile::{Era, Fault, missing};
use crate::render;
use crate::routes::{Answer, Route};
use crate::venue::Venue;

const HOUR_MS: i64 = 3_600_000;

impl Venue {
    pub(crate) fn account(&mut self, wanted: Route, passed: &Passed<'_>) -> Result<Answer, Fault> {
        match wanted {
            Route::ApiPermissions => Ok(self.permissions(passed)),
            Route::Uid => Ok(Answer::Data(object([("uid", number(passed.uid))]))),
            Route::Balance => Ok(Answer::Data(Json::List(vec![self.balance(passed)?]))),
            Route::BalanceV2 => Ok(Answer::Data(object([("balance", self.balance(passed)?)]))),
            Route::Positions => self.positions(passed),
            Route::Income => self.income(passed),
            Route::CommissionRate => Ok(Answer::Data(object([(
                "commission",
                object([
                    ("takerCommissionRate", number("0.0005")),
                    ("makerCommissionRate", number("0.0002")),
                ]),
            )]))),
            Route::Leverage | Route::SetLeverage => self.leverage(wanted, passed),
            Route::MarginType | Route::SetMarginType => self.margin_type(wanted, passed),
            Route::PositionMode | Route::SetPositionMode => self.position_mode(wanted, passed),
            Route::AssetMode | Route::SetAssetMode => self.asset_mode(wanted, passed),
            Route::MaintenanceRatio => self.tiers(passed),
            Route::GetVst => self.gift(passed),
            _ => self.listen_key(wanted, passed),
        }
    }

    fn books(&self, passed: &Passed<'_>) -> Result<&Ledger, Fault> {
        self.ledger(passed.host, passed.uid).ok_or_else(|| fault(80_001, "service has some errors"))
    }

    fn permissions(&self, passed: &Passed<'_>) -> Answer {
        let Some(account) = self.accounts.get(&passed.uid) else { return Answer::Empty };
        if passed.era == Era::Y2026 {
            let has = |number| Json::Bool(account.permissions.contains(&number));
            return Answer::Bare(object([
                ("ipRestrict", Json::Bool(!account.ips.is_empty())),
                ("enableReading", has(2)),
                ("enableFutures", has(3)),
                ("enableSpotAndMarginTrading", has(1)),
                ("enableWithdrawals", has(5)),
                ("enableInternalTransfer", has(7)),
                ("permitsUniversalTransfer", has(4)),
            ]));
        }
        let ips = if account.ips.is_empty() { vec![String::new()] } else { account.ips.clone() };
        Answer::Bare(object([
            ("apiKey", text("")),
            ("permissions", Json::List(account.permissions.iter().map(number).collect())),
            ("ipAddresses", Json::List(ips.into_iter().map(text).collect())),
            ("note", text("simulated")),
        ]))
    }

    fn balance(&self, passed: &Passed<'_>) -> Result<Json, Fault> {
        let ledger = self.books(passed)?;
        let mark =
            |symbol: &str| self.market(passed.host, symbol).map_or(Decimal::ZERO, |market| market.mark);
        let unrealised = ledger.unrealised(mark);
        Ok(object([
            ("userId", text(passed.uid)),
            ("asset", text(ledger.asset)),
            ("balance", fixed(ledger.balance, 4)),
            ("equity", fixed(ledger.balance + unrealised, 4)),
            ("unrealizedProfit", fixed(unrealised, 4)),
            ("realisedProfit", fixed(ledger.realised, 4)),
            ("availableMargin", fixed(ledger.available(mark).max(Decimal::ZERO), 4)),
            ("usedMargin", fixed(ledger.used_margin(), 4)),
            ("freezedMargin", fixed(ledger.frozen_margin(), 4)),
            ("shortUid", text(passed.uid)),
        ]))
    }

    fn positions(&self, passed: &Passed<'_>) -> Result<Answer, Fault> {
        let ledger = self.books(passed)?;
        let Some(host) = self.hosts.get(&passed.host) else { return Ok(Answer::Data(Json::Null)) };
        let wanted = passed.params.get("symbol");
        let list = ledger
            .positions
            .iter()
            .filter(|((symbol, _), _)| wanted.is_none_or(|wanted| wanted == symbol))
            .map(|((symbol, slot), position)| {
                render::position(ledger, &host.markets, (symbol, *slot), position)
            })
            .collect();
        Ok(Answer::Data(Json::List(list)))
    }

    fn income(&self, passed: &Passed<'_>) -> Result<Answer, Fault> {
        let ledger = self.books(passed)?;
        let until = integer(passed, "endTime").unwrap_or(self.now_ms);
        let from = integer(passed, "startTime").unwrap_or(until - 7 * 24 * HOUR_MS);
        let limit = usize::try_from(integer(passed, "limit").unwrap_or(100).clamp(1, 1_000)).unwrap_or(100);
        let kind = passed.params.get("incomeType");
        let rows = ledger
            .income
            .iter()
            .rev()
            .filter(|row| (from..=until).contains(&row.time) && kind.is_none_or(|kind| kind == row.kind))
            .take(limit)
            .map(|row| {
                object([
                    ("symbol", text(&row.symbol)),
                    ("incomeType", text(row.kind)),
                    ("income", text(row.amount)),
                    ("asset", text(ledger.asset)),
                    ("info", text(row.kind)),
                    ("time", number(row.time - row.time.rem_euclid(1_000))),
                    ("tranId", text(row.id)),
                    ("tradeId", text(row.id)),
                ])
            })
            .collect();
        Ok(Answer::Data(Json::List(rows)))
    }

    fn leverage(&mut self, wanted: Route, passed: &Passed<'_>) -> Result<Answer, Fault> {
        let symbol = passed.params.get("symbol").ok_or_else(|| missing("symbol"))?.to_owned();
        let market = self.market(passed.host, &symbol).ok_or_else(|| crate::desk::unknown_symbol(&symbol))?;
        let most = market.rules.max_leverage();
        if wanted == Route::Leverage {
            let ledger = self.books(passed)?;
            return Ok(Answer::Data(object([
                ("longLeverage", number(ledger.leverage_of(&symbol, true))),
                ("shortLeverage", number(ledger.leverage_of(&symbol, false))),
                ("maxLongLeverage", number(most)),
                ("maxShortLeverage", number(most)),
            ])));
        }
        let leverage = integer(passed, "leverage").ok_or_else(|| missing("leverage"))?;
        if !(1..=most).contains(&leverage) {
            return Err(fault(101_414, "The leverage is above what the contract allows"));
        }
        let side = passed.params.get("side").ok_or_else(|| missing("side"))?.to_owned();
        let is_hedge = self.books(passed)?.is_hedge;
        let words = match (is_hedge, side.as_str()) {
            (true, "LONG" | "SHORT") | (false, "BOTH") => None,
            (true, _) => Some("In the Hedge mode, the 'Side' field can only be set to LONG or SHORT."),
            (false, _) => Some("In the One-way mode, the 'Side' field can only be set to BOTH."),
        };
        if let Some(words) = words {
            return Err(Fault::Mode(words.to_owned()));
        }
        self.check_tier(passed, (&symbol, &side), leverage)?;
        self.desk(passed, |desk| {
            let both = (desk.ledger.leverage_of(&symbol, true), desk.ledger.leverage_of(&symbol, false));
            let new = match side.as_str() {
                "LONG" => (leverage, both.1),
                "SHORT" => (both.0, leverage),
                _ => (leverage, leverage),
            };
            desk.ledger.leverage.insert(symbol.clone(), new);
        })?;
        Ok(Answer::Data(object([("leverage", number(leverage)), ("symbol", text(symbol))])))
    }

    /// What is held may be worth too much for a higher leverage.
    fn check_tier(
        &self,
        passed: &Passed<'_>,
        (symbol, side): (&str, &str),
        leverage: i64,
    ) -> Result<(), Fault> {
        let market = self.market(passed.host, symbol).ok_or_else(|| crate::desk::unknown_symbol(symbol))?;
        let held = self.books(passed)?.positions.iter().filter(|((held, _), position)| {
            held == symbol && (side == "BOTH" || position.is_long == (side == "LONG"))
        });
        let value = held.map(|(_, position)| position.quantity * market.mark).max().unwrap_or_default();
        if value > market.rules.max_value(leverage) {
            return Err(fault(101_414, "The leverage is above what the value of the position allows"));
        }
        Ok(())
    }

    fn margin_type(&mut self, wanted: Route, passed: &Passed<'_>) -> Result<Answer, Fault> {
        let symbol = passed.params.get("symbol").ok_or_else(|| missing("symbol"))?.to_owned();
        if wanted == Route::SetMarginType {
            let kind = passed.params.get("marginType").ok_or_else(|| missing("marginType"))?.to_owned();
            let is_open = {
                let ledger = self.books(passed)?;
                ledger.positions.keys().any(|(held, _)| *held == symbol)
                    || ledger.orders.values().any(|order| order.symbol == symbol && order.status.is_open())
            };
            if is_open {
                return Err(fault(109_400, "Positions or orders are open: the margin type stays"));
            }
            self.desk(passed, |desk| desk.ledger.margin_type.insert(symbol, kind))?;
            return Ok(Answer::Data(object([])));
        }
        let kind = self.books(passed)?.margin_type.get(&symbol).cloned();
        Ok(Answer::Data(object([("marginType", text(kind.unwrap_or_else(|| "CROSSED".to_owned())))])))
    }

    fn position_mode(&mut self, wanted: Route, passed: &Passed<'_>) -> Result<Answer, Fault> {
        if wanted == Route::SetPositionMode {
            let hedge =
                passed.params.get("dualSidePosition").ok_or_else(|| missing("dualSidePosition"))? == "true";
            let ledger = self.books(passed)?;
            if hedge != ledger.is_hedge && !ledger.is_flat() {
                let code = if passed.era == Era::Y2026 { 104_103 } else { 109_401 };
                return Err(fault(
                    code,
                    "Position mode cannot be switched while positions or orders are open",
                ));
            }
            self.desk(passed, |desk| desk.ledger.is_hedge = hedge)?;
        }
        let hedge = self.books(passed)?.is_hedge;
        Ok(Answer::Data(object([("dualSidePosition", text(hedge))])))
    }

    fn asset_mode(&mut self, wanted: Route, passed: &Passed<'_>) -> Result<Answer, Fault> {
        if wanted == Route::SetAssetMode {
            let multi = passed.params.get("assetMode") == Some("multiAssetsMode");
            self.desk(passed, |desk| desk.ledger.is_multi_asset = multi)?;
        }
        let multi = self.books(passed)?.is_multi_asset;
        Ok(Answer::Data(object([(
            "assetMode",
            text(if multi { "multiAssetsMode" } else { "singleAssetMode" }),
        )])))
    }

    fn gift(&mut self, passed: &Passed<'_>) -> Result<Answer, Fault> {
        if passed.host != crate::request::HostName::Demo {
            return Err(fault(100_400, "only in demo trading"));
        }
        self.desk(passed, |desk| desk.book("", "TRANSFER", Decimal::from(20_000)))?;
        Ok(Answer::Data(object([("amount", number(20_000))])))
    }

    /// One key for an account and hour; a second request gets the same.
    fn listen_key(&mut self, wanted: Route, passed: &Passed<'_>) -> Result<Answer, Fault> {
        let until = self.now_ms + HOUR_MS;
        if wanted == Route::ListenKey {
            let digits: Vec<String> = (0..4).map(|_| format!("{:016x}", self.chance.draw())).collect();
            let key = self.desk(passed, |desk| {
                let new = ListenKey { key: digits.concat(), until };
                desk.ledger.listen_key.get_or_insert(new).key.clone()
            })?;
            return Ok(Answer::Bare(object([("listenKey", text(key))])));
        }
        let Some(named) = passed.params.get("listenKey").map(str::to_owned) else {
            return Ok(Answer::Status(204));
        };
        let known = self.desk(passed, |desk| {
            let Some(key) = desk.ledger.listen_key.as_mut().filter(|key| key.key == named) else {
                return false;
            };
            key.until = until;
            if wanted == Route::DropListenKey {
                desk.ledger.listen_key = None;
            }
            true
        })?;
        Ok(if known { Answer::Empty } else { Answer::Status(404) })
    }

    fn tiers(&self, passed: &Passed<'_>) -> Result<Answer, Fault> {
        let symbol = passed.params.get("symbol").ok_or_else(|| missing("symbol"))?;
        let market = self.market(passed.host, symbol).ok_or_else(|| crate::desk::unknown_symbol(symbol))?;
        let mut from = Decimal::ZERO;
        let tiers = market.rules.tiers.iter().enumerate().map(|(index, tier)| {
            let row = object([
                ("tier", text(format!("Tier {}", index + 1))),
                ("symbol", text(symbol)),
                ("minPositionVal", text(from)),
                ("maxPositionVal", text(tier.up_to)),
                ("maintMarginRatio", fixed(tier.maintenance, 6)),
                ("maintAmount", fixed(tier.amount, 6)),
            ]);
            from = tier.up_to;
            row
        });
        Ok(Answer::Data(Json::List(tiers.collect())))
    }
}
