//! One breach is recorded once, however often its history is followed again.

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::id::AccountId;
use flotilla_domain::risk::phase::Phase;
use flotilla_domain::risk::report::AccountRisk;
use flotilla_domain::risk::status::Status;
use flotilla_domain::risk::violation::Source;
use flotilla_domain::stop::StopPlace;
use flotilla_store::risk_phases::StoredPhase;
use flotilla_store::risk_records::{Again, Recorded};
use flotilla_store::risk_violations::StoredViolation;
use flotilla_store::{Db, Tx, guard_trips, risk_backlog, risk_phases, risk_records, risk_violations, stops};
use serde_json::{Value, json};

use crate::tenants::{Tenants, own, owner};

/// An account whose positions must have stops, with the clock injected.
struct Bare {
    tenants: Tenants,
    app: Db,
    worker: Db,
    account: AccountId,
    began: DateTime<Utc>,
}

fn phase(began: DateTime<Utc>, rules: &Value) -> Phase {
    serde_json::from_value(json!({
        "currency": "USD", "starting_balance": "100000", "phase_started_at": began,
        "day": {"tz": "UTC", "reset": "00:00"}, "stale_after_s": 600, "rules": rules,
    }))
    .unwrap()
}

impl Bare {
    async fn new() -> Self {
        let tenants = Tenants::new().await;
        let find = "select id from accounts where owner_id = $1::text::uuid";
        let row = tenants.db.admin().await.query_one(find, &[&tenants.ada.to_string()]).await.unwrap();
        let bare = Self {
            app: Db::connect(&tenants.db.app_url, 1).unwrap(),
            worker: Db::connect(&tenants.db.worker_url, 1).unwrap(),
            account: AccountId::from_uuid(row.get(0)),
            began: "2026-07-07T08:00:00Z".parse().unwrap(),
            tenants,
        };
        let (ada, account) = (bare.tenants.ada, bare.account);
        let rules = json!([
            {"id": "stops", "kind": "max_risk_per_trade", "limit": {"type": "amount", "value": "5000"}, "grace_s": 30},
            {"id": "total", "kind": "max_total_loss", "limit": {"type": "amount", "value": "10000"}},
        ]);
        let new = phase(bare.began, &rules);
        let begin = async move |tx: &mut Tx| risk_phases::begin(tx, own(ada), account, &new, "bought").await;
        bare.app.write(own(ada), begin).await.unwrap();
        bare
    }

    fn at(&self, second: i64) -> DateTime<Utc> {
        self.began + TimeDelta::seconds(second)
    }

    async fn stored(&self) -> StoredPhase {
        let (ada, account) = (self.tenants.ada, self.account);
        let find = async move |tx: &mut Tx| risk_phases::find(tx, owner(ada), account).await;
        self.app.read(own(ada), find).await.unwrap().unwrap()
    }

    /// Figures of a second, received at another; with a position that was opened in second 10 and has no stop.
    async fn observe(&self, second: i64, equity: i64, received: i64) -> Recorded {
        let position = json!([{"symbol": "EURUSD", "lots": "1", "opened_at": self.at(10)}]);
        let seen = json!({"at": self.at(second), "balance": "100000", "equity": equity.to_string(), "positions": position});
        let (stored, now, seen) =
            (self.stored().await, self.at(received), serde_json::from_value(seen).unwrap());
        let work = async move |tx: &mut Tx| risk_records::record_at(tx, &stored, seen, now).await;
        self.worker.open(work).await.unwrap()
    }

    async fn pass(&self, second: i64) -> Recorded {
        let (stored, now) = (self.stored().await, self.at(second));
        let work = async move |tx: &mut Tx| risk_records::pass_at(tx, &stored, now).await;
        self.worker.open(work).await.unwrap()
    }

    async fn again(&self, second: i64) -> AccountRisk {
        let (stored, now) = (self.stored().await, self.at(second));
        let work = async move |tx: &mut Tx| {
            let before = stored.clone();
            risk_records::rebuild_at(tx, &stored, Again::All(&before), now).await
        };
        self.worker.open(work).await.unwrap().risk
    }

    /// Oldest first.
    async fn violations(&self) -> Vec<StoredViolation> {
        let (ada, account) = (self.tenants.ada, self.account);
        let list = async move |tx: &mut Tx| risk_violations::list(tx, owner(ada), account, 50).await;
        let mut all = self.app.read(own(ada), list).await.unwrap();
        all.reverse();
        all
    }

    async fn clear(&self, second: i64) {
        let sql = "update risk_violations set cleared_at = $1::text::timestamptz, cleared_by = owner_id,
            clear_reason = 'a bad tick' where cleared_at is null";
        self.tenants.db.admin().await.execute(sql, &[&self.at(second).to_rfc3339()]).await.unwrap();
    }

    async fn guard(&self, status: &str) {
        let sql = "insert into guards (owner_id, account_id, status, action)
            values ($1::text::uuid, $2::text::uuid, $3, 'close_all')";
        let (ada, account) = (self.tenants.ada.to_string(), self.account.to_string());
        self.tenants.db.admin().await.execute(sql, &[&ada, &account, &status]).await.unwrap();
    }

    async fn resume(&self) {
        let (ada, account) = (self.tenants.ada, StopPlace::Account(self.account));
        let resume = async move |tx: &mut Tx| {
            assert!(guard_trips::resume(tx, own(ada), account).await?.is_some());
            stops::remove(tx, owner(ada), account).await
        };
        self.app.write(own(ada), resume).await.unwrap();
    }

    async fn trips(&self) -> i64 {
        let sql = "select count(*) from guard_trips";
        self.tenants.db.admin().await.query_one(sql, &[]).await.unwrap().get(0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breach_that_the_clock_found_is_not_recorded_again_by_the_next_frame_nor_trips_a_resumed_guard() {
    let bare = Bare::new().await;
    bare.guard("violated").await;
    bare.observe(12, 100_000, 12).await;
    let grace_over = bare.pass(41).await.risk;
    bare.resume().await;
    bare.observe(50, 100_000, 50).await;

    let again = bare.again(51).await;
    let late = bare.observe(20, 100_000, 52).await;

    assert_eq!([grace_over.status, again.status, late.risk.status], [Status::Violated; 3]);
    let [found] = &bare.violations().await[..] else { unreachable!("it is one breach") };
    assert_eq!((found.violation.at, found.violation.source), (bare.at(41), Source::Clock));
    assert_eq!((bare.trips().await, late.requests.len()), (1, 0), "nothing is closed a second time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breach_that_was_taken_back_stays_so_when_it_is_found_at_another_instant() {
    let bare = Bare::new().await;
    bare.observe(12, 100_000, 12).await;
    bare.pass(41).await;
    bare.observe(50, 100_000, 50).await;
    bare.clear(60).await;

    let cleared = bare.again(61).await;
    let fresh = bare.violations().await;
    let again = bare.again(62).await;

    let stops =
        |risk: &AccountRisk| risk.rules.iter().find(|rule| rule.rule.0 == "stops").unwrap().violation.clone();
    assert_eq!(fresh.len(), 2, "the position still has no stop: that is a new breach, found by the clock");
    assert_eq!(stops(&cleared).map(|found| found.at), Some(bare.at(61)));
    assert_eq!(stops(&again).map(|found| found.at), Some(bare.at(61)));
    assert_eq!(bare.violations().await.len(), 2, "and none of the two is found once more");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_breach_that_comes_to_light_late_is_the_first_and_trips_no_guard_anew() {
    let bare = Bare::new().await;
    bare.guard("violated").await;
    bare.observe(1, 100_000, 1).await;
    bare.observe(30, 89_000, 30).await;
    bare.resume().await;
    let before = bare.violations().await;

    let late = bare.observe(8, 88_000, 31).await;

    let total =
        late.risk.rules.iter().find(|rule| rule.rule.0 == "total").unwrap().violation.clone().unwrap();
    assert_eq!((total.at, total.is_late), (bare.at(8), true));
    let after = bare.violations().await;
    assert_eq!(after.iter().map(|found| found.violation.at).collect::<Vec<_>>(), [bare.at(8), bare.at(30)]);
    assert_eq!((before.len(), bare.trips().await, late.requests.len()), (1, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_somebody_is_at_is_left_for_later() {
    let bare = Bare::new().await;
    bare.observe(12, 100_000, 12).await;
    let (ada, account) = (bare.tenants.ada, bare.account);
    let holder = bare.tenants.db.admin().await;
    let pass = async move |tx: &mut Tx| risk_records::pass_if_free(tx, owner(ada), account).await;

    holder.batch_execute("begin; select from risk_phases for update").await.unwrap();
    let held = bare.worker.open(pass).await.unwrap();
    let due = bare.worker.open(async |tx| risk_records::list_due(tx, 10).await).await.unwrap();
    holder.batch_execute("commit").await.unwrap();
    let free = bare.worker.open(pass).await.unwrap();

    assert_eq!((held, due.len()), (None, 1), "it stays due");
    assert!(free.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trade_of_long_ago_is_left_for_a_turn_of_its_own_where_much_was_observed_since() {
    let bare = Bare::new().await;
    let (ada, account, sql) = (bare.tenants.ada, bare.account, bare.tenants.db.admin().await);
    bare.observe(12, 100_000, 12).await;
    bare.observe(61_200, 100_000, 61_200).await;
    let (closed, heard) = (bare.at(3_600), bare.at(7_200));
    let fill = format!(
        "insert into risk_observations (account_id, owner_id, at, slot, received_at, figures)
         select '{account}', '{ada}', '{heard}'::timestamptz + make_interval(secs => number), 3, now(), '{{}}'
         from generate_series(1, 20000) number;
         insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_at, exit_at, pnl, status,
            external_id)
         values ('{ada}', '{account}', 'ea', 'EURUSD', 'LONG', 1, '{closed}', '{closed}', -100, 'closed', '1')"
    );
    sql.batch_execute(&fill).await.unwrap();
    let notes = async || {
        let count = "select count(*) from risk_trade_changes where is_closing";
        sql.query_one(count, &[]).await.unwrap().get::<_, i64>(0)
    };
    let list = async |tx: &mut Tx| risk_backlog::list(tx, 10).await;

    let step = bare.observe(61_203, 99_000, 61_203).await;
    // What comes late is followed from a state of after the trade.
    bare.observe(61_201, 99_500, 61_204).await;
    let (left, behind) = (notes().await, bare.worker.open(list).await.unwrap());
    sql.batch_execute("delete from risk_observations where figures = '{}'").await.unwrap();
    let mend = async move |tx: &mut Tx| risk_backlog::mend(tx, owner(ada), account).await;
    let mended = bare.worker.open(mend).await.unwrap();

    assert_eq!(step.risk.as_of, Some(bare.at(61_203)), "the step does not wait for that");
    assert_eq!((left, behind), (1, vec![(owner(ada), account)]));
    assert_eq!((mended.is_some(), notes().await), (true, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_of_the_reset_may_show_a_breach_of_either_day() {
    let bare = Bare::new().await;
    let (ada, account, began) = (bare.tenants.ada, bare.account, bare.at(60));
    let rules = json!([{"id": "daily", "kind": "max_daily_loss", "severity": "soft", "reference": "balance",
        "limit": {"type": "amount", "value": "1000"}}]);
    let new = phase(began, &rules);
    let set_up = async move |tx: &mut Tx| risk_phases::begin(tx, own(ada), account, &new, "bought").await;
    bare.app.write(own(ada), set_up).await.unwrap();
    let stored = bare.stored().await;
    let reset: DateTime<Utc> = "2026-07-08T00:00:00Z".parse().unwrap();
    let frames = [(reset - TimeDelta::minutes(1), "101500", "101500"), (reset, "98500", "98000")];

    for (at, equity, low) in frames {
        let seen = json!({"at": at, "balance": "101500", "equity": equity, "low": low});
        let (stored, seen) = (stored.clone(), serde_json::from_value(seen).unwrap());
        let work = async move |tx: &mut Tx| risk_records::record_at(tx, &stored, seen, at).await;
        bare.worker.open(work).await.unwrap();
    }

    let found = bare.violations().await;
    let mut days: Vec<_> =
        found.iter().map(|one| (one.violation.at, one.violation.day.to_string())).collect();
    days.sort_unstable();
    assert_eq!(days, [(reset, "2026-07-07".to_owned()), (reset, "2026-07-08".to_owned())]);
}
