//! An account followed step by step, and again from a checkpoint whenever
//! something comes late, stands where following all of it from the beginning
//! puts it.

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::id::AccountId;
use flotilla_domain::risk::ledger::Ledger;
use flotilla_domain::risk::observation::{Observation, Trade};
use flotilla_domain::risk::phase::{ManualStart, Phase};
use flotilla_domain::risk::report::AccountRisk;
use flotilla_domain::risk::state::State;
use flotilla_domain::risk::status::Status;
use flotilla_store::risk_cash::Report;
use flotilla_store::risk_phases::{CashFlow, StoredPhase};
use flotilla_store::risk_records::Again;
use flotilla_store::{Db, StoreResult, Tx, risk_batches, risk_phases, risk_records, risk_violations};
use rust_decimal::Decimal;
use serde_json::json;

use crate::tenants::{Tenants, own, owner};

/// Numbers that are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % bound
    }
}

struct History {
    tenants: Tenants,
    app: Db,
    worker: Db,
    account: AccountId,
    now: DateTime<Utc>,
    dice: Dice,
    seen: Vec<Observation>,
    flows: Vec<(DateTime<Utc>, Decimal)>,
    trades: Vec<Trade>,
    balance: i64,
    /// Figures that were taken in together with others, and alone.
    taken: (u32, u32),
}

fn phase(started_at: DateTime<Utc>, total: i64) -> Phase {
    serde_json::from_value(json!({
        "currency": "USD", "starting_balance": "100000", "phase_started_at": started_at,
        "day": {"tz": "UTC", "reset": "00:00"}, "stale_after_s": 900, "rules": [
            {"id": "daily", "kind": "max_daily_loss", "limit": {"type": "amount", "value": "3000"}, "reference": "max"},
            {"id": "pause", "kind": "max_daily_loss", "limit": {"type": "amount", "value": "1500"}, "reference": "balance",
                "severity": "soft", "day": {"tz": "America/New_York", "reset": "17:00"}},
            {"id": "total", "kind": "max_total_loss", "limit": {"type": "amount", "value": total.to_string()}, "cash_policy": "shift"},
            {"id": "trail", "kind": "trailing_drawdown", "limit": {"type": "amount", "value": "5000"}, "mode": "intraday_equity"},
            {"id": "close", "kind": "trailing_drawdown", "limit": {"type": "amount", "value": "4000"}, "mode": "eod_balance"},
            {"id": "count", "kind": "daily_trade_count", "cap": 1000},
            {"id": "target", "kind": "profit_target", "limit": {"type": "amount", "value": "8000"}},
            {"id": "days", "kind": "min_trading_days", "days": 4, "qualifier": {"type": "closed"}},
            {"id": "best", "kind": "consistency", "limit_pct": "40", "denominator": "net",
                "day": {"tz": "Asia/Bangkok", "reset": "05:00"}},
        ],
    }))
    .unwrap()
}

impl History {
    async fn new(seed: u64) -> Self {
        let tenants = Tenants::new().await;
        let find = "select id, (extract(epoch from date_trunc('hour', clock_timestamp())) * 1000000)::bigint
            from accounts where owner_id = $1::text::uuid";
        let row = tenants.db.admin().await.query_one(find, &[&tenants.ada.to_string()]).await.unwrap();
        let now = DateTime::from_timestamp_micros(row.get(1)).unwrap() - TimeDelta::days(5);
        Self {
            app: Db::connect(&tenants.db.app_url, 1).unwrap(),
            worker: Db::connect(&tenants.db.worker_url, 1).unwrap(),
            account: AccountId::from_uuid(row.get(0)),
            tenants,
            now,
            dice: Dice(seed),
            seen: Vec::new(),
            flows: Vec::new(),
            trades: Vec::new(),
            balance: 100_000,
            taken: (0, 0),
        }
    }

    /// The firm resets the account.
    async fn begin(&mut self) {
        let (ada, account) = (self.tenants.ada, self.account);
        let new = phase(self.now, 6_000);
        let begin = async move |tx: &mut Tx| risk_phases::begin(tx, own(ada), account, &new, "reset").await;
        self.app.write(own(ada), begin).await.unwrap();
        (self.balance, self.flows) = (100_000, Vec::new());
    }

    async fn stored(&self) -> StoredPhase {
        let (ada, account) = (self.tenants.ada, self.account);
        let find = async move |tx: &mut Tx| risk_phases::find(tx, owner(ada), account).await;
        self.app.read(own(ada), find).await.unwrap().unwrap()
    }

    /// Figures of a moment, which may have been long ago.
    async fn observe(&mut self, at: DateTime<Utc>) -> AccountRisk {
        // Wide enough for pauses, and now and then for a line that ends all.
        let equity = self.balance + self.dice.below(4_400) - 2_400;
        let mut seen: Observation = serde_json::from_value(json!({
            "at": at, "balance": self.balance.to_string(), "equity": equity.to_string(),
            "high": (equity + self.dice.below(400)).to_string(), "low": (equity - self.dice.below(400)).to_string(),
        }))
        .unwrap();
        let (stored, now, new) = (self.stored().await, self.now, seen.clone());
        let work = async move |tx: &mut Tx| {
            // As a gateway does: together with others if it can be.
            let held = risk_batches::hold(tx, &[(stored.owner_id, stored.account_id)]).await?.at(now);
            let report = Report { seen: new.clone(), total: None, is_kept: false };
            match held.record(tx, vec![(stored.account_id, report)]).await?.pop() {
                Some((_, recorded)) => Ok((recorded.risk, true)),
                None => StoreResult::Ok((risk_records::record_at(tx, &stored, new, now).await?.risk, false)),
            }
        };
        let (risk, is_together) = self.worker.open(work).await.unwrap();
        if is_together {
            self.taken.0 += 1;
        } else {
            self.taken.1 += 1;
        }
        seen.received_at = Some(now);
        self.seen.push(seen);
        risk
    }

    async fn trade(&mut self, opened_at: DateTime<Utc>) -> AccountRisk {
        let pnl = self.dice.below(900) - 440;
        let closed_at = (opened_at + TimeDelta::seconds(self.dice.below(3_000))).min(self.now);
        let sql = format!(
            "insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_at, exit_at, pnl, status, external_id)
             values ('{}', '{}', 'ea', 'EURUSD', 'LONG', 1, '{opened_at}', '{closed_at}', {pnl}, 'closed', '{}')",
            self.tenants.ada, self.account, self.trades.len()
        );
        self.tenants.db.admin().await.batch_execute(&sql).await.unwrap();
        self.trades.push(Trade { opened_at, closed_at: Some(closed_at), pnl: Decimal::from(pnl) });
        self.balance += pnl;
        self.pass().await
    }

    async fn pass(&self) -> AccountRisk {
        let (stored, now) = (self.stored().await, self.now);
        let work = async move |tx: &mut Tx| risk_records::pass_at(tx, &stored, now).await;
        self.worker.open(work).await.unwrap().risk
    }

    async fn correct(&mut self, at: DateTime<Utc>) -> AccountRisk {
        let (ada, now, stored) = (self.tenants.ada, self.now, self.stored().await);
        let amount = Decimal::from(self.dice.below(2_000) + 1);
        let is_flow = self.dice.below(2) == 0;
        if is_flow {
            self.flows.push((at, amount));
        }
        let label = at.date_naive();
        let work = async move |tx: &mut Tx| {
            let since = if is_flow {
                let flow = CashFlow { kind: "deposit", at, amount, note: None };
                risk_phases::insert_cash_flow(tx, own(ada), stored.id, &flow).await?;
                at
            } else {
                let start =
                    ManualStart { balance: Decimal::from(99_000) + amount, equity: Decimal::from(100_500) };
                risk_phases::save_day_start(tx, own(ada), stored.id, label, start).await?;
                label.and_hms_opt(0, 0, 0).unwrap().and_utc() - TimeDelta::days(1)
            };
            let stored = risk_phases::find(tx, owner(ada), stored.account_id).await?.unwrap();
            risk_records::rebuild_at(tx, &stored, Again::Since(since), now).await
        };
        self.app.write(own(ada), work).await.unwrap().risk
    }

    async fn edit(&mut self) -> AccountRisk {
        let (ada, now, before) = (self.tenants.ada, self.now, self.stored().await);
        let mut phase = phase(before.phase.started_at, 5_000 + self.dice.below(2_000));
        phase.rules.iter_mut().for_each(|rule| rule.thresholds = None);
        let work = async move |tx: &mut Tx| {
            assert!(
                risk_phases::save_rules(tx, own(ada), &before, (&phase, before.own_marks)).await?.is_some()
            );
            let stored = risk_phases::find(tx, owner(ada), before.account_id).await?.unwrap();
            risk_records::rebuild_at(tx, &stored, Again::All(&before), now).await
        };
        self.app.write(own(ada), work).await.unwrap().risk
    }

    /// Where all of it from the beginning, in one go, puts the account.
    async fn expected(&self) -> AccountRisk {
        let (stored, ada, account) = (self.stored().await, self.tenants.ada, self.account);
        let list = async move |tx: &mut Tx| risk_violations::list(tx, owner(ada), account, 500).await;
        let recorded = self.app.read(own(ada), list).await.unwrap();
        let ledger = Ledger::new(&stored.phase, &self.trades, self.now).unwrap();
        let seen = self.seen.iter().cloned().map(|mut seen| {
            seen.cash_total +=
                self.flows.iter().filter(|(at, _)| *at <= seen.at).map(|(_, amount)| amount).sum::<Decimal>();
            seen
        });
        // What the first figures say of the time before them is not taken for the phase's.
        let before: Observation = serde_json::from_value(json!({
            "at": stored.phase.started_at - TimeDelta::seconds(1), "balance": 1, "equity": 1 }))
        .unwrap();
        let seen = seen.chain([before]);
        let of_phase = recorded.into_iter().filter(|found| found.phase_id == stored.id);
        let known = of_phase.map(|found| (found.rule, found.violation));
        let state = State::replay_knowing((&stored.phase, &ledger), known, seen, self.now).unwrap();
        AccountRisk::of(&stored.phase, &ledger, &state, self.now)
    }

    /// Somebody takes a violation back, if there is one.
    async fn clear(&self) -> AccountRisk {
        let sql = "update risk_violations set cleared_at = $1::text::timestamptz, cleared_by = owner_id,
                clear_reason = 'a bad tick'
            where id = (select v.id from risk_violations v join risk_phases p on p.id = v.phase_id
                where p.ended_at is null and v.cleared_at is null order by v.at limit 1)";
        self.tenants.db.admin().await.execute(sql, &[&self.now.to_rfc3339()]).await.unwrap();
        let (stored, now) = (self.stored().await, self.now);
        let work =
            async move |tx: &mut Tx| risk_records::rebuild_at(tx, &stored, Again::Since(now), now).await;
        self.worker.open(work).await.unwrap().risk
    }

    /// Violations that were recorded although one of the same rule (of soft ones, of the same day) stood that had
    /// happened before, and those that are not told of exactly once.
    async fn doubled(&self) -> (i64, i64) {
        let sql = "select
            (select count(*) from risk_violations p join risk_violations r
                on r.phase_id = p.phase_id and r.rule_id = p.rule_id and r.id > p.id and r.at >= p.at
                and (p.cleared_at is null or p.cleared_at > r.at)
                and (p.severity = 'hard' or p.evidence ->> 'day' = r.evidence ->> 'day')),
            (select count(*) from risk_violations v where 1 <> (select count(*) from risk_events e
                where e.kind = 'violation' and e.detail ->> 'violation_id' = v.id::text))";
        let row = self.tenants.db.admin().await.query_one(sql, &[]).await.unwrap();
        (row.get(0), row.get(1))
    }

    /// Rules whose recorded violations nobody took back although the rule is not violated.
    async fn lost(&self, risk: &AccountRisk) -> Vec<String> {
        let sql = "select distinct v.rule_id from risk_violations v join risk_phases p on p.id = v.phase_id
            where p.ended_at is null and v.cleared_at is null and v.severity = 'hard'";
        let standing = self.tenants.db.admin().await.query(sql, &[]).await.unwrap();
        let is_violated = |id: &str| {
            risk.rules
                .iter()
                .any(|rule| rule.rule.0 == id && rule.violation.is_some() && rule.status == Status::Violated)
        };
        standing.iter().map(|row| row.get::<_, String>(0)).filter(|id| !is_violated(id)).collect()
    }

    /// Something happens.
    async fn go_on(&mut self) -> (&'static str, AccountRisk) {
        self.now += TimeDelta::seconds(1 + self.dice.below(2_400));
        let started_at = self.stored().await.phase.started_at;
        let before = self.now - TimeDelta::seconds(self.dice.below(40_000));
        let (recent, late) = (self.now - TimeDelta::seconds(self.dice.below(3)), before.max(started_at));
        match self.dice.below(20) {
            0..10 => ("figures", self.observe(recent.max(started_at)).await),
            10 | 11 => ("late figures", self.observe(late).await),
            12 | 13 => ("a trade", self.trade(recent.max(started_at)).await),
            14 => ("a late trade", self.trade(late).await),
            15 => ("a correction", self.correct(late).await),
            16 => ("other rules", self.edit().await),
            17 => ("a clearing", self.clear().await),
            _ => ("time", self.pass().await),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_followed_from_checkpoints_stands_where_all_of_its_history_puts_it() {
    let mut recorded = 0;
    for seed in 1..=2 {
        let mut history = History::new(seed).await;
        let mut told = Vec::new();
        for turn in 0..90 {
            if turn == 0 || turn == 70 {
                history.begin().await;
            }
            let (what, risk) = history.go_on().await;
            told.push(what);
            let expected = history.expected().await;
            assert_eq!(risk, expected, "seed {seed}, turn {turn}: {told:?}");
            if turn % 6 == 5 {
                assert_eq!(
                    history.lost(&risk).await,
                    Vec::<String>::new(),
                    "seed {seed}, turn {turn}: {told:?}"
                );
            }
        }
        assert_eq!(history.doubled().await, (0, 0), "seed {seed}: {told:?}");
        let (together, alone) = history.taken;
        assert!(together > 5 && alone > 5, "seed {seed}: {together} together, {alone} alone");
        let violations = "select count(*) from risk_violations";
        recorded +=
            history.tenants.db.admin().await.query_one(violations, &[]).await.unwrap().get::<_, i64>(0);
        let kept = "select count(*) from risk_checkpoints";
        let kept: i64 = history.tenants.db.admin().await.query_one(kept, &[]).await.unwrap().get(0);
        assert!(kept > 10, "seed {seed}: {kept} checkpoints");
    }
    assert!(recorded > 12, "{recorded} violations say little");
}
