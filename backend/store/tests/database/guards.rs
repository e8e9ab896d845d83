//! What guards do in the step that sees where an account stands, and how that
//! goes together with people who edit and resume at the same time.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveTime, TimeDelta};
use flotilla_domain::id::{AccountId, GroupId};
use flotilla_domain::risk::guard::{Guard, GuardAction};
use flotilla_domain::risk::phase::Phase;
use flotilla_domain::risk::status::Status;
use flotilla_domain::stop::StopPlace;
use flotilla_store::risk_records::Recorded;
use flotilla_store::{
    Db, StoreError, StoreResult, Tx, groups, guard_trips, guards, risk_phases, risk_records, stops,
};
use serde_json::json;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::tenants::{Tenants, own, owner};

/// An account of 10,000 with room for 1,000, alone in a group.
struct Guarded {
    tenants: Tenants,
    sql: Client,
    app: Db,
    worker: Db,
    account: AccountId,
    group: GroupId,
}

impl Guarded {
    async fn new() -> Self {
        let tenants = Tenants::new().await;
        let sql = tenants.db.admin().await;
        let find = "select id, (extract(epoch from clock_timestamp()) * 1000000)::bigint from accounts
            where owner_id = $1::text::uuid";
        let row = sql.query_one(find, &[&tenants.ada.to_string()]).await.unwrap();
        let account = AccountId::from_uuid(row.get(0));
        let began = DateTime::from_timestamp_micros(row.get(1)).unwrap() - TimeDelta::hours(1);
        let app = Db::connect(&tenants.db.app_url, 2).unwrap();
        let worker = Db::connect(&tenants.db.worker_url, 2).unwrap();
        let ada = tenants.ada;
        let phase: Phase = serde_json::from_value(json!({
            "currency": "USD", "starting_balance": "10000", "phase_started_at": began,
            "day": {"tz": "UTC", "reset": "00:00"}, "stale_after_s": 86_400,
            "rules": [{"id": "total", "kind": "max_total_loss", "limit": {"type": "amount", "value": "1000"}}],
        }))
        .unwrap();
        let set_up = async move |tx: &mut Tx| {
            let group = groups::insert(tx, owner(ada), "Funded", "USD").await?.expect("a free name");
            groups::add(tx, owner(ada), group, account).await?;
            risk_phases::begin(tx, own(ada), account, &phase, "bought").await?;
            Ok::<_, StoreError>(group)
        };
        let group = app.write(own(ada), set_up).await.unwrap();
        Self { tenants, sql, app, worker, account, group }
    }

    /// The next figures: so much is left of 1,000.
    async fn left(&self, left: i64) -> Recorded {
        step(&self.worker, (self.tenants.ada, self.account), left).await
    }

    async fn set(&self, guard: Option<Guard>) {
        let (ada, group) = (self.tenants.ada, self.group);
        let set = async move |tx: &mut Tx| {
            groups::lock(tx, owner(ada), group).await?;
            guards::set_of_group(tx, owner(ada), group, guard).await
        };
        self.app.write(own(ada), set).await.unwrap();
    }

    async fn resume(&self) {
        let (ada, place) = (self.tenants.ada, StopPlace::Group(self.group));
        let resume = async move |tx: &mut Tx| {
            groups::lock(tx, owner(ada), self.group).await?;
            assert!(guard_trips::resume(tx, own(ada), place).await?.is_some());
            stops::remove(tx, owner(ada), place).await
        };
        self.app.write(own(ada), resume).await.unwrap();
    }

    /// Trips, those that stand, stops of guards, and alerts of trips as often as they were seen.
    async fn done(&self) -> [i64; 4] {
        let sql = "select (select count(*) from guard_trips), (select count(*) from guard_trips where resumed_at is null),
            (select count(*) from stops where trip_id is not null),
            (select coalesce(sum(times_seen), 0) from alerts where kind = 'guard_tripped')";
        let row = self.sql.query_one(sql, &[]).await.unwrap();
        [row.get(0), row.get(1), row.get(2), row.get(3)]
    }

    async fn blind_alerts(&self) -> Vec<bool> {
        let sql = "select resolved_at is null from alerts where kind = 'guard_blind' order by id";
        self.sql.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// Until somebody waits for a lock.
    async fn await_waiting(&self) {
        let sql = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        while self.sql.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn step(worker: &Db, place: (Uuid, AccountId), left: i64) -> Recorded {
    record(worker, place, left).await.unwrap().unwrap()
}

async fn record(worker: &Db, (ada, account): (Uuid, AccountId), left: i64) -> StoreResult<Option<Recorded>> {
    let equity = 9_000 + left;
    let record = async move |tx: &mut Tx| {
        let at = risk_records::clock(tx).await?;
        let seen = json!({"at": at, "balance": equity.to_string(), "equity": equity.to_string()});
        risk_records::record(tx, owner(ada), account, serde_json::from_value(seen).unwrap()).await
    };
    worker.open(record).await
}

fn critical(action: GuardAction) -> Guard {
    Guard::new(Status::Critical, action).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_resume_only_a_new_crossing_trips_and_one_that_swings_around_its_mark_is_none() {
    let guarded = Guarded::new().await;
    guarded.set(Some(critical(GuardAction::CloseAll))).await;
    guarded.left(200).await;
    guarded.resume().await;

    for left in [199, 201, 219, 200, 215, 198] {
        assert!(guarded.left(left).await.requests.is_empty(), "{left}");
    }
    let swinging = guarded.done().await;
    guarded.left(201).await;
    guarded.left(220).await;
    let crossed = guarded.left(200).await;

    assert_eq!(swinging[..3], [1, 0, 0]);
    assert_eq!(crossed.requests.len(), 1);
    assert_eq!(guarded.done().await[..3], [2, 1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_broken_anew_in_the_step_in_which_its_pause_ends_trips_again() {
    let guarded = Guarded::new().await;
    let (ada, account) = (guarded.tenants.ada, guarded.account);
    let now = guarded.worker.open(async |tx: &mut Tx| risk_records::clock(tx).await).await.unwrap();
    let tomorrow =
        now.date_naive().checked_add_days(Days::new(1)).unwrap().and_time(NaiveTime::MIN).and_utc();
    let phase: Phase = serde_json::from_value(json!({
        "currency": "USD", "starting_balance": "10000", "phase_started_at": now,
        "day": {"tz": "UTC", "reset": "00:00"}, "stale_after_s": 86_400,
        "rules": [{"id": "daily", "kind": "max_daily_loss", "severity": "soft", "reference": "balance",
            "limit": {"type": "amount", "value": "1000"}}],
    }))
    .unwrap();
    let begin = async move |tx: &mut Tx| risk_phases::begin(tx, own(ada), account, &phase, "bought").await;
    guarded.app.write(own(ada), begin).await.unwrap();
    guarded.set(Some(Guard::new(Status::Violated, GuardAction::StopNew).unwrap())).await;

    let open_loss = json!({"at": now, "balance": "10000", "equity": "8900"});
    let record = async move |tx: &mut Tx| {
        let stored = risk_phases::lock(tx, owner(ada), account).await?.expect("a phase");
        risk_records::record_at(tx, &stored, serde_json::from_value(open_loss).unwrap(), now).await
    };
    guarded.worker.open(record).await.unwrap();
    let first = guarded.done().await;
    guarded.resume().await;
    let carry_over = async move |tx: &mut Tx| {
        let stored = risk_phases::lock(tx, owner(ada), account).await?.expect("a phase");
        risk_records::pass_at(tx, &stored, tomorrow + TimeDelta::seconds(1)).await
    };
    guarded.worker.open(carry_over).await.unwrap();

    assert_eq!(first[..3], [1, 1, 1]);
    assert_eq!(guarded.done().await[..3], [2, 1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_is_lowered_while_its_trip_stands_tells_and_leaves_the_trip_to_a_person() {
    let guarded = Guarded::new().await;
    guarded.set(Some(critical(GuardAction::CloseAll))).await;
    guarded.left(150).await;
    let tripped = guarded.done().await;

    guarded.set(Some(critical(GuardAction::Notify))).await;
    let told = guarded.left(140).await;
    let lowered = guarded.done().await;
    guarded.set(None).await;
    guarded.left(900).await;
    let off = guarded.done().await;
    guarded.resume().await;

    assert_eq!((tripped, told.requests.len()), ([1, 1, 1, 1], 0));
    assert_eq!((lowered, off), ([1, 1, 1, 2], [1, 1, 1, 2]));
    assert_eq!(guarded.done().await[..3], [1, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_is_being_turned_off_acts_no_more_and_a_crossing_that_meets_a_resume_trips_anew() {
    let guarded = Guarded::new().await;
    guarded.set(Some(critical(GuardAction::StopNew))).await;
    let (ada, account, group) = (guarded.tenants.ada, guarded.account, guarded.group);
    let editor = guarded.tenants.db.admin().await;
    let crossing = |left: i64| {
        let worker = guarded.worker.clone();
        tokio::spawn(async move { step(&worker, (ada, account), left).await })
    };

    editor
        .batch_execute("begin; select from groups for update; update guards set status = null, action = null")
        .await
        .unwrap();
    let meets_edit = crossing(150);
    guarded.await_waiting().await;
    editor.batch_execute("commit").await.unwrap();
    assert!(meets_edit.await.unwrap().requests.is_empty());
    assert_eq!(guarded.done().await, [0; 4]);

    guarded.left(900).await;
    guarded.set(Some(critical(GuardAction::StopNew))).await;
    guarded.left(150).await;
    guarded.left(900).await;
    let resume = format!(
        "begin; select from groups where id = '{group}' for update;
         update guard_trips set resumed_at = now(), resumed_by = owner_id; delete from stops"
    );
    editor.batch_execute(&resume).await.unwrap();
    let meets_resume = crossing(140);
    guarded.await_waiting().await;
    editor.batch_execute("commit").await.unwrap();

    assert_eq!(meets_resume.await.unwrap().requests.len(), 1);
    assert_eq!(guarded.done().await[..3], [2, 1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crossing_waits_a_while_for_who_edits_a_guard_and_not_for_ever_for_who_was_cut_off() {
    let guarded = Guarded::new().await;
    guarded.set(Some(critical(GuardAction::StopNew))).await;
    let place = (guarded.tenants.ada, guarded.account);
    let editor = guarded.tenants.db.admin().await;
    editor.batch_execute("begin; select from groups for update").await.unwrap();

    let crossing = record(&guarded.worker, place, 150);
    let held_up = tokio::time::timeout(Duration::from_secs(10), crossing).await.expect("it gave up");
    editor.batch_execute("rollback").await.unwrap();

    assert!(held_up.is_err_and(|error| error.is_undecided() && !error.is_away()));
    assert_eq!(guarded.done().await, [0; 4]);
    assert_eq!(guarded.left(150).await.requests.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_nobody_sees_is_told_of_when_a_guard_is_set_on_it_and_once() {
    let guarded = Guarded::new().await;
    let (ada, account) = (guarded.tenants.ada, guarded.account);
    let look = async || {
        let look = async move |tx: &mut Tx| guards::look_again(tx, owner(ada), &[account]).await;
        guarded.app.write(own(ada), look).await.unwrap().len()
    };

    let without = look().await;
    guarded.set(Some(critical(GuardAction::Notify))).await;
    let that_only_tells = look().await;
    guarded.set(Some(critical(GuardAction::StopNew))).await;
    let holding = look().await;
    let blind = guarded.blind_alerts().await;
    guarded.set(None).await;
    let freed = (look().await, guarded.blind_alerts().await);
    guarded.set(Some(critical(GuardAction::StopNew))).await;
    let again = (look().await, guarded.blind_alerts().await);
    guarded.left(900).await;

    assert_eq!([without, that_only_tells, holding], [0, 0, 1]);
    assert_eq!((blind, freed, again), (vec![true], (1, vec![false]), (1, vec![true])));
    assert_eq!(guarded.blind_alerts().await, [false]);
    assert_eq!(look().await, 0, "it is seen now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_stop_takes_the_place_of_a_guards_and_a_guards_trip_names_nothing_of_strangers() {
    let guarded = Guarded::new().await;
    guarded.set(Some(critical(GuardAction::StopNew))).await;
    guarded.left(150).await;
    let (ada, group, eve) = (guarded.tenants.ada, guarded.group, guarded.tenants.eve);
    let stop = async move |tx: &mut Tx| stops::insert(tx, own(ada), StopPlace::Group(group)).await;

    guarded.app.write(own(ada), stop).await.unwrap();
    let stops = "select count(*) filter (where actor_id is not null), count(*) from stops";
    let row = guarded.sql.query_one(stops, &[]).await.unwrap();
    let foreign = format!("insert into stops (owner_id, trip_id) select '{eve}', id from guard_trips");

    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (1, 1));
    let refused = guarded.sql.batch_execute(&foreign).await.unwrap_err();
    assert_eq!(refused.as_db_error().unwrap().constraint(), Some("stops_trip"));
    assert_eq!(guarded.done().await[..3], [1, 1, 0], "the trip stands until somebody resumes");
}
