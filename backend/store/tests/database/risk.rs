//! Where accounts stand by their rules: written with the observation that
//! changed it, never lost, never doubled, never another owner's.

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::id::AccountId;
use flotilla_domain::risk::marks::{Marks, MarksLevel};
use flotilla_domain::risk::observation::Observation;
use flotilla_domain::risk::phase::{FloorOverride, ManualStart, Phase};
use flotilla_domain::risk::report::{AccountRisk, Reason, Unit};
use flotilla_domain::risk::rule::RuleId;
use flotilla_domain::risk::status::Status;
use flotilla_store::risk_phases::{CashFlow, StoredPhase};
use flotilla_store::risk_records::Again;
use flotilla_store::risk_violations::StoredViolation;
use flotilla_store::{
    Db, StoreError, Tx, audit, groups, risk_history, risk_looks, risk_phases, risk_records, risk_violations,
};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::tenants::{Tenants, own, owner, session};

/// An owner's account that is judged by a static limit of 10 % of 100,000.
struct Judged {
    tenants: Tenants,
    app: Db,
    worker: Db,
    account: AccountId,
    now: DateTime<Utc>,
}

fn phase(started_at: DateTime<Utc>, rules: &Value) -> Phase {
    let form = json!({
        "currency": "USD", "starting_balance": "100000", "phase_started_at": started_at,
        "day": {"tz": "UTC", "reset": "00:00"}, "stale_after_s": 600, "rules": rules,
    });
    serde_json::from_value(form).unwrap()
}

fn total() -> Value {
    json!([{"id": "total", "kind": "max_total_loss", "limit": {"type": "percent", "value": "10", "of": "initial"}}])
}

impl Judged {
    async fn new() -> Self {
        let tenants = Tenants::new().await;
        let find = "select id, (extract(epoch from clock_timestamp()) * 1000000)::bigint from accounts where owner_id = $1::text::uuid";
        let row = tenants.db.admin().await.query_one(find, &[&tenants.ada.to_string()]).await.unwrap();
        let account = AccountId::from_uuid(row.get(0));
        let now = DateTime::from_timestamp_micros(row.get(1)).unwrap();
        let app = Db::connect(&tenants.db.app_url, 2).unwrap();
        let worker = Db::connect(&tenants.db.worker_url, 2).unwrap();
        let judged = Self { tenants, app, worker, account, now };
        judged.begin(&phase(now - TimeDelta::hours(2), &total())).await;
        judged
    }

    async fn begin(&self, phase: &Phase) -> Uuid {
        let (ada, account) = (self.tenants.ada, self.account);
        let begin = async move |tx: &mut Tx| risk_phases::begin(tx, own(ada), account, phase, "bought").await;
        self.app.write(own(ada), begin).await.unwrap()
    }

    /// Figures of some seconds ago.
    fn seen(&self, seconds_ago: i64, equity: i64) -> Observation {
        let at = self.now - TimeDelta::seconds(seconds_ago);
        serde_json::from_value(json!({ "at": at, "balance": equity, "equity": equity })).unwrap()
    }

    async fn record(&self, seen: Observation) -> AccountRisk {
        let (ada, account) = (self.tenants.ada, self.account);
        let record = async move |tx: &mut Tx| risk_records::record(tx, owner(ada), account, seen).await;
        self.worker.open(record).await.unwrap().expect("a phase").risk
    }

    async fn stored(&self) -> StoredPhase {
        let (ada, account) = (self.tenants.ada, self.account);
        let find = async move |tx: &mut Tx| risk_phases::find(tx, owner(ada), account).await;
        self.app.read(own(ada), find).await.unwrap().expect("a phase")
    }

    async fn stands(&self) -> AccountRisk {
        let (ada, account) = (self.tenants.ada, self.account);
        let find = async move |tx: &mut Tx| risk_looks::find(tx, owner(ada), account).await;
        self.app.read(own(ada), find).await.unwrap().expect("a phase").risk
    }

    async fn rebuilt(&self, before: &StoredPhase) -> AccountRisk {
        let (ada, stored) = (self.tenants.ada, self.stored().await);
        let rebuild = async move |tx: &mut Tx| risk_records::rebuild(tx, &stored, Again::All(before)).await;
        self.app.write(own(ada), rebuild).await.unwrap().risk
    }

    async fn violations(&self) -> Vec<StoredViolation> {
        let (ada, account) = (self.tenants.ada, self.account);
        let list = async move |tx: &mut Tx| risk_violations::list(tx, owner(ada), account, 10).await;
        self.app.read(own(ada), list).await.unwrap()
    }

    async fn count(&self, table: &str) -> i64 {
        let sql = format!("select count(*) from {table}");
        self.tenants.db.admin().await.query_one(&sql, &[]).await.unwrap().get(0)
    }

    async fn audited(&self) -> Vec<String> {
        let ada = self.tenants.ada;
        let list = async move |tx: &mut Tx| audit::list(tx, owner(ada), 0, 50).await;
        let rows = self.app.read(own(ada), list).await.unwrap();
        rows.into_iter().map(|row| row.entry.action).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_figures_is_unknown_and_one_without_a_phase_is_not_judged() {
    let judged = Judged::new().await;
    let eve = judged.tenants.eve;

    let risk = judged.stands().await;
    let account = judged.account;
    let foreign = async move |tx: &mut Tx| risk_looks::find(tx, owner(eve), account).await;
    let of_eve = judged.app.read(own(eve), foreign).await.unwrap();

    assert_eq!((risk.status, risk.reason), (Status::Unknown, Some(Reason::NoData)));
    assert!(of_eve.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breach_is_recorded_once_with_its_observation_and_stays_after_a_recovery() {
    let judged = Judged::new().await;
    judged.record(judged.seen(90, 95_000)).await;
    let breach = judged.seen(60, 89_000);

    let first = judged.record(breach.clone()).await;
    let again = judged.record(breach).await;
    let recovered = judged.record(judged.seen(30, 99_000)).await;
    let read = judged.stands().await;

    assert_eq!([first.status, again.status, recovered.status, read.status], [Status::Violated; 4]);
    let [violation] = &judged.violations().await[..] else { unreachable!("one violation") };
    assert_eq!(violation.violation.at, judged.seen(60, 0).at);
    assert_eq!(violation.violation.not_before, Some(judged.seen(90, 0).at));
    assert_eq!(violation.violation.worst_buffer, Decimal::from(-1_000));
    assert_eq!(judged.count("risk_observations").await, 3, "the repeated one is not kept twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_marks_of_a_group_are_told_with_a_step_of_time_alone() {
    let judged = Judged::new().await;
    let before = judged.record(judged.seen(30, 95_500)).await;
    let (ada, account) = (judged.tenants.ada, judged.account);
    let marks: Marks =
        serde_json::from_value(json!({ "money": { "caution": "60", "critical": "30" } })).unwrap();
    let mark = async move |tx: &mut Tx| {
        let group = groups::insert(tx, owner(ada), "Early", "USD").await?.expect("a new name");
        groups::add(tx, owner(ada), group, account).await?;
        groups::set_marks(tx, owner(ada), group, marks).await
    };

    judged.app.write(own(ada), mark).await.unwrap();
    let pass = async move |tx: &mut Tx| risk_records::pass(tx, owner(ada), account).await;
    let passed = judged.worker.open(pass).await.unwrap().expect("a phase");
    let again = judged.worker.open(pass).await.unwrap().expect("a phase");

    assert_eq!((before.status, passed.risk.status), (Status::Safe, Status::Caution));
    assert!(passed.has_events() && !again.has_events(), "told once");
    let stored = judged.stored().await;
    assert_eq!((stored.own_marks, stored.marks().money.level), (Marks::default(), MarksLevel::Group));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_least_that_was_left_is_kept_with_the_violation() {
    let judged = Judged::new().await;
    let mut worst = Vec::new();
    for (seconds_ago, equity) in [(90, 89_000), (80, 87_500), (70, 95_000), (60, 88_000), (75, 86_000)] {
        judged.record(judged.seen(seconds_ago, equity)).await;
        worst.push(judged.violations().await[0].violation.worst_buffer);
    }

    let [violation] = &judged.violations().await[..] else { unreachable!("one violation") };
    assert_eq!(worst, [-1_000, -2_500, -2_500, -2_500, -4_000].map(Decimal::from), "the last one came late");
    assert_eq!(
        (violation.violation.at, violation.violation.buffer),
        (judged.seen(90, 0).at, Decimal::from(-1_000))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_handed_over_hold_until_the_reset_unless_a_terminal_has_spoken() {
    let judged = Judged::new().await;
    let noon = (judged.now - TimeDelta::days(3)).date_naive().and_hms_opt(12, 0, 0).unwrap().and_utc();
    judged.begin(&phase(noon - TimeDelta::hours(1), &total())).await;
    let stored = judged.stored().await;
    let seen = |at: DateTime<Utc>, by_hand: bool| -> Observation {
        serde_json::from_value(json!({ "at": at, "balance": 99_000, "equity": 99_000, "by_hand": by_hand }))
            .unwrap()
    };
    let go_to = async |seconds: i64, by_hand: Option<bool>| {
        let (stored, at) = (stored.clone(), noon + TimeDelta::seconds(seconds));
        let seen = by_hand.map(|by_hand| seen(at, by_hand));
        let work = async move |tx: &mut Tx| match seen {
            Some(seen) => risk_records::record_at(tx, &stored, seen, at).await,
            None => risk_records::pass_at(tx, &stored, at).await,
        };
        judged.worker.open(work).await.unwrap().risk.stale
    };

    let until_reset =
        [go_to(0, Some(true)).await, go_to(6 * 3_600, None).await, go_to(12 * 3_600 - 1, None).await];
    let after_reset = go_to(12 * 3_600, None).await;
    let told = judged.count("alerts where kind = 'risk_stale' and resolved_at is null").await;
    let again = [go_to(13 * 3_600, Some(true)).await, go_to(14 * 3_600, None).await];
    let over = judged.count("alerts where kind = 'risk_stale' and resolved_at is not null").await;
    go_to(15 * 3_600, Some(false)).await;
    let beside_a_terminal = [go_to(15 * 3_600 + 60, Some(true)).await, go_to(15 * 3_600 + 700, None).await];

    assert_eq!((until_reset, after_reset, again), ([false; 3], true, [false; 2]));
    assert_eq!(beside_a_terminal, [false, true]);
    assert_eq!((told, over), (1, 1), "that they were old is told, and that it is over");
    let twice = "alerts where kind = 'risk_stale' and severity = 'warning' and times_seen = 2 and resolved_at is null";
    assert_eq!((judged.count(twice).await, judged.count("alerts").await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_measured_in_money_stays_money_when_the_cap_counts_in_lots() {
    let judged = Judged::new().await;
    let began = judged.now - TimeDelta::hours(1);
    let cap = |metric: &str| json!([{"id": "size", "kind": "max_lots", "metric": metric, "cap": "1"}]);
    judged.begin(&phase(began, &cap("notional"))).await;
    let position = json!([{"symbol": "EURUSD", "lots": "2", "notional": "220000"}]);
    let seen = |seconds_ago: i64| -> Observation {
        let at = judged.now - TimeDelta::seconds(seconds_ago);
        serde_json::from_value(json!({ "at": at, "balance": 1, "equity": 1, "positions": position })).unwrap()
    };

    let risk = judged.record(seen(60)).await;
    let (ada, before) = (judged.tenants.ada, judged.stored().await);
    let mut edited = before.phase.clone();
    edited.rules = serde_json::from_value(cap("gross_lots")).unwrap();
    let save = async move |tx: &mut Tx| {
        risk_phases::save_rules(tx, own(ada), &before, (&edited, before.own_marks)).await
    };
    judged.app.write(own(ada), save).await.unwrap();
    let kept = judged.violations().await;
    judged.begin(&phase(judged.now - TimeDelta::seconds(45), &cap("gross_lots"))).await;
    judged.record(seen(30)).await;

    assert_eq!(risk.rules[0].unit, Unit::Money);
    assert_eq!(kept.iter().map(|found| found.unit).collect::<Vec<_>>(), [Unit::Money]);
    let units: Vec<_> = judged.violations().await.iter().map(|found| found.unit).collect();
    assert_eq!(units, [Unit::Lots, Unit::Money], "the newest first");
}

#[tokio::test(flavor = "multi_thread")]
async fn days_stand_in_for_observations_that_are_no_longer_kept() {
    let judged = Judged::new().await;
    let rules = |limit: &str| json!([{"id": "trail", "kind": "trailing_drawdown", "limit": {"type": "amount", "value": limit}, "mode": "intraday_equity"}]);
    let begun = judged.now - TimeDelta::days(150);
    let id = judged.begin(&phase(begun, &rules("9000"))).await;
    judged.record(judged.seen(60, 100_000)).await;
    let sql = format!(
        "insert into risk_days (phase_id, label, owner_id, account_id, started_at, start_as_of, start_balance, start_equity,
            end_balance, end_equity, low_equity, high_equity, ended_at, cash)
         values ('{id}', '2020-01-01', '{}', '{}', now() - interval '121 days', now(), 100000, 100000, 101000, 101000, 99500, 106000,
            now() - interval '120 days', 500)",
        judged.tenants.ada, judged.account
    );
    judged.tenants.db.admin().await.batch_execute(&sql).await.unwrap();
    let (ada, stored) = (judged.tenants.ada, judged.stored().await);
    let mut edited = stored.phase.clone();
    edited.rules = serde_json::from_value(rules("10000")).unwrap();

    let before = stored.clone();
    let save = async move |tx: &mut Tx| {
        risk_phases::save_rules(tx, own(ada), &before, (&edited, before.own_marks)).await
    };
    assert!(judged.app.write(own(ada), save).await.unwrap().is_some());
    let risk = judged.rebuilt(&stored).await;

    assert_eq!(
        risk.rules[0].reference,
        Some(Decimal::from(106_500)),
        "the peak of a day of long ago, with its cash"
    );
    assert_eq!(risk.rules[0].current, Some(Decimal::from(100_000)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_fails_leaves_neither_the_observation_nor_the_violation() {
    let judged = Judged::new().await;
    judged.record(judged.seen(90, 95_000)).await;
    let (ada, account, breach) = (judged.tenants.ada, judged.account, judged.seen(60, 80_000));

    let fail = async move |tx: &mut Tx| {
        let risk = risk_records::record(tx, owner(ada), account, breach).await?;
        assert_eq!(risk.unwrap().risk.status, Status::Violated);
        Err::<(), _>(StoreError::NotFound("the end"))
    };
    judged.worker.open(fail).await.unwrap_err();

    assert_eq!(judged.stands().await.status, Status::Caution);
    assert_eq!((judged.count("risk_observations").await, judged.violations().await.len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_observation_that_comes_late_may_show_an_earlier_breach() {
    let judged = Judged::new().await;
    judged.record(judged.seen(30, 99_000)).await;

    let risk = judged.record(judged.seen(60, 85_000)).await;

    let violation = risk.rules[0].violation.clone().unwrap();
    assert_eq!((risk.status, violation.is_late), (Status::Violated, true));
    assert_eq!(risk.rules[0].current, Some(Decimal::from(99_000)), "the latest figures stay the latest");
    assert_eq!(judged.violations().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_observations_at_once_are_both_taken_in() {
    let judged = Judged::new().await;
    judged.record(judged.seen(90, 99_000)).await;

    tokio::join!(judged.record(judged.seen(60, 89_000)), judged.record(judged.seen(30, 98_000)));

    assert_eq!(judged.stands().await.status, Status::Violated);
    assert_eq!((judged.count("risk_observations").await, judged.violations().await.len()), (3, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_phase_begins_clean_and_deletes_nothing() {
    let judged = Judged::new().await;
    judged.record(judged.seen(60, 80_000)).await;
    let former = judged.stored().await.id;

    judged.begin(&phase(judged.now - TimeDelta::seconds(40), &total())).await;
    let empty = judged.stands().await;
    let risk = judged.record(judged.seen(30, 100_000)).await;

    assert_eq!((empty.status, risk.status), (Status::Unknown, Status::Safe));
    assert_eq!((judged.count("risk_phases").await, judged.violations().await.len()), (2, 1));
    let (ada, account) = (judged.tenants.ada, judged.account);
    let days = async move |tx: &mut Tx| {
        risk_history::list_days(tx, owner(ada), account, risk_history::Days::default(), 10).await
    };
    let [day] = &judged.app.read(own(ada), days).await.unwrap()[..] else { unreachable!("the last day") };
    let lost = Decimal::from(80_000);
    assert_eq!((day.phase_id, day.end_equity, day.low_equity), (former, lost, lost));
    assert_eq!(judged.audited().await, ["risk_phase_begun", "risk_violated", "risk_phase_begun"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn extremes_of_before_the_first_figures_are_not_of_the_phase() {
    let judged = Judged::new().await;
    let low = |seconds_ago| Observation {
        low: Some(Decimal::from(89_000)),
        high: Some(Decimal::from(120_000)),
        ..judged.seen(seconds_ago, 99_000)
    };

    let first = judged.record(low(60)).await;
    let stored = judged.stored().await;
    let again = judged.rebuilt(&stored).await;
    let next = judged.record(low(30)).await;

    assert_eq!([first.status, again.status, next.status], [Status::Safe, Status::Safe, Status::Violated]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cleared_violation_does_not_come_back_and_is_kept_with_its_reason() {
    let judged = Judged::new().await;
    judged.record(judged.seen(60, 89_000)).await;
    judged.record(judged.seen(50, 99_000)).await;
    let id = judged.violations().await[0].id;
    let (ada, account) = (judged.tenants.ada, judged.account);

    let clear = async |reason: &'static str| {
        let work = async move |tx: &mut Tx| {
            let cleared = risk_violations::clear(tx, own(ada), account, id, reason).await?;
            if let Some(cleared) = cleared.clone() {
                audit::append(tx, owner(ada), cleared).await?;
            }
            Ok::<_, StoreError>(cleared.is_some())
        };
        judged.app.write(own(ada), work).await.unwrap()
    };
    let cleared = [clear("a bad tick of the broker").await, clear("again").await];
    let after = judged.record(judged.seen(0, 98_000)).await;
    let rebuilt = judged.rebuilt(&judged.stored().await).await;

    assert_eq!(cleared, [true, false]);
    assert_eq!([after.status, rebuilt.status], [Status::Safe; 2]);
    assert_eq!(judged.violations().await[0].clear_reason.as_deref(), Some("a bad tick of the broker"));
    assert_eq!(
        judged.audited().await,
        ["risk_phase_begun", "risk_violated", "risk_violation_cleared", "risk_recovered"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_edited_by_one_at_a_time_and_the_history_is_judged_by_the_new_ones() {
    let judged = Judged::new().await;
    judged.record(judged.seen(60, 95_000)).await;
    let (ada, stored) = (judged.tenants.ada, judged.stored().await);
    let mut stricter = stored.phase.clone();
    let rules =
        json!([{"id": "total", "kind": "max_total_loss", "limit": {"type": "amount", "value": "5000"}}]);
    stricter.rules = serde_json::from_value(rules).unwrap();

    let save = async || {
        let (stored, stricter) = (&stored, &stricter);
        let work = async move |tx: &mut Tx| {
            risk_phases::save_rules(tx, own(ada), stored, (stricter, stored.own_marks)).await
        };
        judged.app.write(own(ada), work).await.unwrap().is_some()
    };
    let saved = [save().await, save().await];
    let risk = judged.rebuilt(&stored).await;

    assert_eq!(saved, [true, false], "the second edit is based on an old version");
    assert_eq!((risk.status, risk.rules[0].limit), (Status::Violated, Some(Decimal::from(5_000))));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_corrects_is_read_with_the_phase_and_audited() {
    let judged = Judged::new().await;
    let rules = json!([
        {"id": "daily", "kind": "max_daily_loss", "limit": {"type": "amount", "value": "2000"}, "reference": "balance"},
        {"id": "trail", "kind": "trailing_drawdown", "limit": {"type": "amount", "value": "3000"}, "mode": "eod_balance"},
    ]);
    let day = judged.now.date_naive();
    let id = judged.begin(&phase(judged.now - TimeDelta::days(3), &rules)).await;
    let (ada, at) = (judged.tenants.ada, judged.now - TimeDelta::hours(1));
    let set = FloorOverride { rule: RuleId("trail".to_owned()), at, floor: Decimal::from(97_500) };
    let start = ManualStart { balance: Decimal::from(99_500), equity: Decimal::from(99_500) };
    let paid = CashFlow {
        kind: "payout",
        at: judged.now - TimeDelta::days(2),
        amount: Decimal::from(-700),
        note: None,
    };

    let work = async move |tx: &mut Tx| {
        let corrected = [
            risk_phases::save_day_start(tx, own(ada), id, day, start).await?,
            risk_phases::insert_floor_override(tx, own(ada), id, &set, "first payout").await?,
            risk_phases::insert_cash_flow(tx, own(ada), id, &paid).await?,
        ];
        for one in corrected {
            audit::append(tx, owner(ada), one).await?;
        }
        Ok::<_, StoreError>(())
    };
    judged.app.write(own(ada), work).await.unwrap();
    let risk = judged.record(judged.seen(0, 99_000)).await;

    assert_eq!(risk.rules[0].floor, Some(Decimal::from(97_500)), "under the balance that was typed");
    assert_eq!((risk.rules[1].floor, risk.rules[1].locked), (Some(Decimal::from(97_500)), Some(true)));
    let actions = [
        "risk_phase_begun",
        "risk_phase_begun",
        "risk_day_start_set",
        "risk_floor_overridden",
        "risk_cash_moved",
        "risk_moved",
    ];
    assert_eq!(judged.audited().await, actions);
    let state: Value = serde_json::from_str(
        &judged
            .tenants
            .db
            .admin()
            .await
            .query_one("select state::text from risk_states", &[])
            .await
            .unwrap()
            .get::<_, String>(0),
    )
    .unwrap();
    assert_eq!(state["last"]["cash"], "-700", "a payout is no loss: the engine is told of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cash_flow_that_is_noted_later_counts_from_when_it_happened() {
    let judged = Judged::new().await;
    let rules = json!([{"id": "total", "kind": "max_total_loss", "limit": {"type": "amount", "value": "10000"}, "cash_policy": "shift"}]);
    let id = judged.begin(&phase(judged.now - TimeDelta::hours(2), &rules)).await;
    judged.record(judged.seen(60, 100_000)).await;
    let unexplained = judged.record(judged.seen(30, 94_000)).await;
    let paid = CashFlow {
        kind: "withdrawal",
        at: judged.now - TimeDelta::seconds(40),
        amount: Decimal::from(-6_000),
        note: None,
    };

    let ada = judged.tenants.ada;
    let note = async move |tx: &mut Tx| risk_phases::insert_cash_flow(tx, own(ada), id, &paid).await;
    judged.app.write(own(ada), note).await.unwrap();
    let explained = judged.rebuilt(&judged.stored().await).await;

    let buffers = [unexplained, explained].map(|risk| risk.rules[0].buffer);
    assert_eq!(buffers, [Some(Decimal::from(4_000)), Some(Decimal::from(10_000))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_that_wait_for_a_new_phase_to_begin_are_taken_into_it() {
    let judged = Judged::new().await;
    let (ada, account) = (judged.tenants.ada, judged.account);
    let (next, seen) = (phase(judged.now - TimeDelta::seconds(30), &total()), judged.seen(0, 97_000));
    let worker = judged.worker.clone();

    let work = async move |tx: &mut Tx| {
        let id = risk_phases::begin(tx, own(ada), account, &next, "reset by the firm").await?;
        let record = async move |tx: &mut Tx| risk_records::record(tx, owner(ada), account, seen).await;
        let waiting = tokio::spawn(async move { worker.open(record).await });
        // It asks for the phase while that is being replaced.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        Ok::<_, StoreError>((id, waiting))
    };
    let (id, waiting) = judged.app.write(own(ada), work).await.unwrap();
    let risk = waiting.await.unwrap().unwrap();

    assert_eq!(risk.map(|recorded| recorded.risk.status), Some(Status::Safe));
    let of = "select phase_id from risk_states";
    assert_eq!(judged.tenants.db.admin().await.query_one(of, &[]).await.unwrap().get::<_, Uuid>(0), id);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_or_writes_what_another_owner_is_judged_by() {
    let judged = Judged::new().await;
    judged.record(judged.seen(60, 89_000)).await;
    let (eve, account, id) = (judged.tenants.eve, judged.account, judged.violations().await[0].id);
    let (phase, stored) = (phase(judged.now, &total()), judged.stored().await);

    let work = async move |tx: &mut Tx| risk_phases::begin(tx, own(eve), account, &phase, "mine").await;
    let begun = judged.app.write(own(eve), work).await;
    let clear = async move |tx: &mut Tx| risk_violations::clear(tx, own(eve), account, id, "mine").await;
    let cleared = judged.app.write(own(eve), clear).await.unwrap();
    let list = async move |tx: &mut Tx| risk_violations::list(tx, owner(eve), account, 10).await;
    let listed = judged.app.read(own(eve), list).await.unwrap();
    let start = ManualStart { balance: Decimal::ONE, equity: Decimal::ONE };
    let day = judged.now.date_naive();
    let change =
        async move |tx: &mut Tx| risk_phases::save_day_start(tx, own(eve), stored.id, day, start).await;
    let changed = judged.app.write(own(eve), change).await;

    assert!(matches!(begun, Err(StoreError::NotFound("account"))), "{begun:?}");
    assert!(cleared.is_none() && listed.is_empty());
    assert!(
        matches!(&changed, Err(StoreError::Constraint(name)) if name == "risk_day_starts_phase"),
        "{changed:?}"
    );
    let client = session(&judged.tenants.db.app_url).await;
    for table in ["risk_phases", "risk_observations", "risk_states", "risk_violations"] {
        let seen = client.query(&format!("select from {table}"), &[]).await.unwrap();
        assert!(seen.is_empty(), "{table} without an owner");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_month_to_come_is_emptied_and_the_last_two_stay() {
    let judged = Judged::new().await;
    let admin = judged.tenants.db.admin().await;
    for months in 0..4 {
        let sql = format!(
            "insert into risk_observations (account_id, owner_id, at, slot, figures)
             select '{}', '{}', at, mod(extract(month from at at time zone 'UTC')::integer, 4), '{{}}'
             from (select (date_trunc('month', now() at time zone 'UTC') - interval '{months} months') at time zone 'UTC' as at) as month",
            judged.account, judged.tenants.ada
        );
        admin.batch_execute(&sql).await.unwrap();
    }

    let forget = async move |tx: &mut Tx| risk_records::forget_old(tx).await;
    let forgotten = [judged.worker.open(forget).await.unwrap(), judged.worker.open(forget).await.unwrap()];

    assert_eq!(forgotten, [true, false]);
    assert_eq!(judged.count("risk_observations").await, 3);
    assert_eq!(judged.count("risk_observations where at < now() - interval '93 days'").await, 0);
}
