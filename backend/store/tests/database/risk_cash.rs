//! What terminals report of money that was moved.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use flotilla_domain::id::AccountId;
use flotilla_domain::risk::observation::Observation;
use flotilla_domain::risk::phase::Phase;
use flotilla_domain::risk::report::AccountRisk;
use flotilla_domain::risk::status::Status;
use flotilla_store::risk_cash::Report;
use flotilla_store::risk_phases::CashFlow;
use flotilla_store::risk_records::Again;
use flotilla_store::{Db, Tx, risk_cash, risk_phases, risk_records, risk_violations};
use rust_decimal::Decimal;
use serde_json::json;

use crate::tenants::{Tenants, own, owner};

/// An account of 100,000 that may lose 5,000 under the peak of its equity of the day, whose terminal tells what is moved.
struct Reported {
    tenants: Tenants,
    app: Db,
    worker: Db,
    account: AccountId,
    now: DateTime<Utc>,
}

impl Reported {
    async fn new() -> Self {
        let tenants = Tenants::new().await;
        let find = "select id, (extract(epoch from clock_timestamp()) * 1000000)::bigint from accounts where owner_id = $1::text::uuid";
        let row = tenants.db.admin().await.query_one(find, &[&tenants.ada.to_string()]).await.unwrap();
        let reported = Self {
            app: Db::connect(&tenants.db.app_url, 1).unwrap(),
            worker: Db::connect(&tenants.db.worker_url, 1).unwrap(),
            account: AccountId::from_uuid(row.get(0)),
            now: DateTime::from_timestamp_micros(row.get(1)).unwrap(),
            tenants,
        };
        reported.begin(3_600).await;
        reported
    }

    async fn begin(&self, seconds_ago: i64) {
        let (ada, account) = (self.tenants.ada, self.account);
        let reset = (self.now + TimeDelta::hours(12)).format("%H:%M").to_string();
        let phase: Phase = serde_json::from_value(json!({
            "currency": "USD", "starting_balance": "100000",
            "phase_started_at": self.now - TimeDelta::seconds(seconds_ago),
            "day": { "tz": "UTC", "reset": reset }, "stale_after_s": 7_200,
            "rules": [{ "id": "daily", "kind": "max_daily_loss", "reference": "intraday_peak_equity",
                "limit": { "type": "amount", "value": "5000" } }],
        }))
        .unwrap();
        let begin =
            async move |tx: &mut Tx| risk_phases::begin(tx, own(ada), account, &phase, "bought").await;
        self.app.write(own(ada), begin).await.unwrap();
    }

    /// A line with these figures, of some seconds ago.
    async fn line(&self, seconds_ago: i64, (equity, low): (i64, i64), total: Option<i64>) -> AccountRisk {
        let at = self.now - TimeDelta::seconds(seconds_ago);
        let seen: Observation = serde_json::from_value(json!({
            "at": at, "balance": equity.to_string(), "equity": equity.to_string(), "low": low.to_string() }))
        .unwrap();
        let (ada, account, total) = (self.tenants.ada, self.account, total.map(Decimal::from));
        let record = async move |tx: &mut Tx| {
            risk_cash::record(tx, owner(ada), account, Report { seen, total, is_kept: false }).await
        };
        self.worker.open(record).await.unwrap().expect("a phase").risk
    }

    /// A line of some seconds ago that is told again, with other positions; whether it was new.
    async fn again(&self, seconds_ago: i64, (equity, low): (&str, &str)) -> bool {
        let at = self.now - TimeDelta::seconds(seconds_ago);
        let seen: Observation = serde_json::from_value(json!({
            "at": at, "balance": equity, "equity": equity, "low": low, "positions": null }))
        .unwrap();
        let (ada, account) = (self.tenants.ada, self.account);
        let report = Report { seen, total: None, is_kept: true };
        let record = async move |tx: &mut Tx| risk_cash::record(tx, owner(ada), account, report).await;
        self.worker.open(record).await.unwrap().is_some()
    }

    async fn count(&self, table: &str) -> i64 {
        let select = format!("select count(*) from {table}");
        self.tenants.db.admin().await.query_one(&select, &[]).await.unwrap().get(0)
    }

    async fn flows(&self) -> Vec<String> {
        let select = "select concat_ws(' ', kind, amount::int, source) from risk_cash_flows order by at";
        let rows = self.tenants.db.admin().await.query(select, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payout_that_the_terminal_reports_is_no_loss() {
    use Status::{Caution, Safe, Violated};

    let account = Reported::new().await;

    let statuses = [
        account.line(900, (100_000, 100_000), Some(250_000)).await,
        account.line(800, (108_000, 108_000), Some(250_000)).await,
        account.line(700, (100_000, 100_000), Some(242_000)).await,
        account.line(700, (100_000, 100_000), Some(242_000)).await,
        account.line(600, (97_000, 96_000), Some(242_000)).await,
        account.line(500, (98_500, 97_000), Some(243_500)).await,
    ]
    .map(|risk| risk.status);
    let late = account.line(650, (100_000, 100_000), Some(250_000)).await;
    let next = account.line(400, (98_500, 98_500), Some(243_500)).await;
    let lost = account.line(300, (96_400, 96_400), Some(243_500)).await;

    assert_eq!(statuses, [Safe, Safe, Safe, Safe, Caution, Caution]);
    assert_eq!([late.status, next.status, lost.status], [Caution, Caution, Violated], "what is lost is lost");
    assert_eq!(account.flows().await, ["withdrawal -8000 reported", "deposit 1500 reported"]);
    let (ada, id) = (account.tenants.ada, account.account);
    let recorded = async move |tx: &mut Tx| risk_violations::list(tx, owner(ada), id, 10).await;
    assert_eq!(account.app.read(own(ada), recorded).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phase_that_begins_in_the_past_knows_what_was_moved_since_then_and_nothing_of_before() {
    let account = Reported::new().await;
    account.line(990, (99_000, 99_000), Some(249_000)).await;
    account.line(970, (100_000, 100_000), Some(250_000)).await;
    account.line(900, (100_000, 100_000), Some(250_000)).await;
    account.line(800, (92_000, 92_000), Some(242_000)).await;

    account.begin(950).await;
    let risk = account.line(700, (92_000, 92_000), Some(242_000)).await;

    assert_eq!(risk.status, Status::Safe, "a payout is no loss in either phase");
    let flows = ["deposit 1000 reported", "withdrawal -8000 reported", "withdrawal -8000 reported"];
    assert_eq!(account.flows().await, flows);
    assert_eq!(account.count("risk_violations").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_total_of_a_phase_and_one_that_is_not_known_say_nothing() {
    let account = Reported::new().await;

    account.line(900, (100_000, 100_000), None).await;
    account.line(800, (100_000, 100_000), Some(250_000)).await;
    account.line(700, (100_000, 100_000), None).await;
    account.begin(600).await;
    account.line(500, (100_000, 100_000), None).await;
    account.line(400, (100_000, 100_000), Some(100_000)).await;
    let none = account.flows().await;
    account.line(300, (99_000, 99_000), Some(99_000)).await;

    assert_eq!(none, Vec::<String>::new());
    assert_eq!(account.flows().await, ["withdrawal -1000 reported"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_is_noted_the_day_after_is_a_result_of_neither_day() {
    let account = Reported::new().await;
    let (ada, id, midnight) =
        (account.tenants.ada, account.account, account.now.date_naive().and_time(NaiveTime::MIN));
    let midnight = midnight.and_utc() - TimeDelta::days(1);
    let phase: Phase = serde_json::from_value(json!({
        "currency": "USD", "starting_balance": "100000", "phase_started_at": midnight - TimeDelta::days(3),
        "day": { "tz": "UTC", "reset": "00:00" }, "stale_after_s": 86_400, "rules": [{
            "id": "total", "kind": "max_total_loss", "limit": { "type": "amount", "value": "10000" } }],
    }))
    .unwrap();
    let begin = async move |tx: &mut Tx| risk_phases::begin(tx, own(ada), id, &phase, "bought").await;
    let phase_id = account.app.write(own(ada), begin).await.unwrap();
    for (minutes, equity, low) in [(-180, 104_000, 104_000), (-120, 98_000, 97_500), (60, 98_000, 98_000)] {
        let at = midnight + TimeDelta::minutes(minutes);
        let seen: Observation = serde_json::from_value(json!({
            "at": at, "balance": equity.to_string(), "equity": equity.to_string(), "low": low.to_string() }))
        .unwrap();
        let record = async move |tx: &mut Tx| {
            let stored = risk_phases::lock(tx, owner(ada), id).await?.expect("a phase");
            risk_records::record_at(tx, &stored, seen, at).await
        };
        account.worker.open(record).await.unwrap();
    }

    let at = midnight - TimeDelta::minutes(150);
    let paid = CashFlow { kind: "payout", at, amount: Decimal::from(-6_000), note: None };
    let note = async move |tx: &mut Tx| {
        risk_phases::insert_cash_flow(tx, own(ada), phase_id, &paid).await?;
        let stored = risk_phases::lock(tx, owner(ada), id).await?.expect("a phase");
        risk_records::rebuild_at(tx, &stored, Again::Since(at), midnight + TimeDelta::minutes(61)).await
    };
    account.app.write(own(ada), note).await.unwrap();

    let admin = account.tenants.db.admin().await;
    let day = "select concat_ws(' ', start_equity::int, low_equity::int, high_equity::int, end_equity::int, cash::int)
        from risk_days where phase_id = $1::text::uuid";
    let day: String = admin.query_one(day, &[&phase_id.to_string()]).await.unwrap().get(0);
    let running = "select concat_ws(' ', told #>> '{day,equity}', told #>> '{day,low}', told #>> '{day,cash}') from risk_states";
    let running: String = admin.query_one(running, &[]).await.unwrap().get(0);
    assert_eq!(day, "104000 103500 104000 104000 -6000");
    assert_eq!(running, "104000 104000 -6000");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_again_after_a_connection_was_lost_counts_once_and_what_was_lost_with_it_counts() {
    let account = Reported::new().await;
    account.line(60, (100_000, 95_500), None).await;
    // The line under the peak is at 96,500 from here on: the low of before must not be held against it.
    account.line(50, (101_500, 97_000), None).await;
    account.line(40, (101_500, 97_500), None).await;

    let known = [
        account.again(60, ("100000", "95500")).await,
        // It was taken into the line behind it.
        account.again(51, ("101000", "97200")).await,
    ];
    let (seen, safe) = (account.count("risk_observations").await, account.count("risk_violations").await);
    let lost = account.again(30, ("101500", "96400")).await;
    let twice = account.again(30, ("101500", "96400")).await;
    let after = account.line(10, (101_500, 101_000), None).await;

    assert_eq!((known, seen, safe), ([false, false], 3, 0));
    assert_eq!((lost, twice, after.status), (true, false, Status::Violated));
    assert_eq!((account.count("risk_violations").await, account.count("risk_observations").await), (1, 5));
}
