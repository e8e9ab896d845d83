//! Figures of many accounts in one transaction bring what each would bring alone, and what has more to it is left out.

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::risk::observation::Observation;
use flotilla_domain::risk::phase::Phase;
use flotilla_domain::risk::report::AccountRisk;
use flotilla_domain::risk::status::Status;
use flotilla_store::risk_cash::Report;
use flotilla_store::{
    Db, StoreResult, Tx, audit, guards, risk_batches, risk_cash, risk_looks, risk_marks, risk_phases,
    risk_records,
};
use rust_decimal::Decimal;
use serde_json::json;
use tokio_postgres::Client;

use crate::tenants::{Tenants, own, owner};

fn phase(now: DateTime<Utc>) -> Phase {
    serde_json::from_value(json!({
        "currency": "USD", "starting_balance": "10000", "phase_started_at": now - TimeDelta::hours(1),
        "day": {"tz": "UTC", "reset": (now + TimeDelta::hours(12)).format("%H:%M").to_string()},
        "stale_after_s": 86_400,
        "rules": [{"id": "total", "kind": "max_total_loss", "limit": {"type": "amount", "value": "1000"}}],
    }))
    .unwrap()
}

/// Accounts of two owners with room for 1,000 each.
struct Fleet {
    _tenants: Tenants,
    sql: Client,
    app: Db,
    worker: Db,
    accounts: [(OwnerId, AccountId); 2],
    now: DateTime<Utc>,
}

impl Fleet {
    async fn new() -> Self {
        let tenants = Tenants::new().await;
        let sql = tenants.db.admin().await;
        let app = Db::connect(&tenants.db.app_url, 1).unwrap();
        let mut accounts = Vec::new();
        let now = sql
            .query_one("select (extract(epoch from clock_timestamp()) * 1000000)::bigint", &[])
            .await
            .unwrap();
        let now = DateTime::from_timestamp_micros(now.get(0)).unwrap();
        for user in [tenants.ada, tenants.eve] {
            let find = "select id from accounts where owner_id = $1::text::uuid";
            let account =
                AccountId::from_uuid(sql.query_one(find, &[&user.to_string()]).await.unwrap().get(0));
            let phase = phase(now);
            let begin =
                async move |tx: &mut Tx| risk_phases::begin(tx, own(user), account, &phase, "bought").await;
            app.write(own(user), begin).await.unwrap();
            accounts.push((owner(user), account));
        }
        let worker = Db::connect(&tenants.db.worker_url, 2).unwrap();
        let accounts = accounts.try_into().unwrap();
        Self { _tenants: tenants, sql, app, worker, accounts, now }
    }

    fn account(&self, place: usize) -> (OwnerId, AccountId) {
        *self.accounts.get(place).unwrap()
    }

    fn seen(&self, second: i64, equity: i64) -> Observation {
        let at = self.now + TimeDelta::seconds(second - 60);
        serde_json::from_value(json!({ "at": at, "balance": equity, "equity": equity })).unwrap()
    }

    fn report(&self, second: i64, equity: i64) -> Report {
        Report { seen: self.seen(second, equity), total: Some(Decimal::from(500)), is_kept: false }
    }

    /// Another account of the first owner, with figures.
    async fn add(&self) -> AccountId {
        let (owner, _) = self.account(0);
        let add = "insert into accounts (owner_id, name, platform, copy_role)
            values ($1::text::uuid, 'another', 'mt5', 'follower') returning id";
        let account = self.sql.query_one(add, &[&owner.to_string()]).await.unwrap();
        let account = AccountId::from_uuid(account.get(0));
        let (phase, report) = (phase(self.now), self.report(10, 9_900));
        let begin = async move |tx: &mut Tx| {
            risk_phases::begin(tx, own(owner.uuid()), account, &phase, "bought").await
        };
        self.app.write(own(owner.uuid()), begin).await.unwrap();
        let record = async move |tx: &mut Tx| risk_cash::record(tx, owner, account, report).await;
        self.worker.open(record).await.unwrap().expect("a phase");
        account
    }

    /// Holds an account, which whoever takes them as they lie there meets after the others.
    async fn stand_in_the_way(&self, account: AccountId) {
        let stir = format!("update risk_states set due_at = due_at where account_id = '{account}'");
        self.sql.batch_execute(&stir).await.unwrap();
        let hold = format!("begin; select from risk_states where account_id = '{account}' for update");
        self.sql.batch_execute(&hold).await.unwrap();
    }

    /// Wants another one as well, once somebody waits for the first.
    async fn want_as_well(&self, account: AccountId) {
        let waiting = "select count(*) from pg_locks
            where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))";
        while self.sql.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        let want = format!("select from risk_states where account_id = '{account}' for update; commit");
        self.sql.batch_execute(&want).await.unwrap();
    }

    async fn alone(&self, place: usize, report: Report) -> AccountRisk {
        let (owner, account) = self.account(place);
        let record = async move |tx: &mut Tx| risk_cash::record(tx, owner, account, report).await;
        self.worker.open(record).await.unwrap().expect("a phase").risk
    }

    /// Those that were taken in together, with where they stand.
    async fn together(&self, reports: Vec<(usize, Report)>) -> Vec<(AccountId, AccountRisk)> {
        let reports = reports.into_iter().map(|(place, report)| (self.account(place).1, report)).collect();
        let accounts = self.accounts;
        let record = async move |tx: &mut Tx| {
            let held = risk_batches::hold(tx, &accounts).await?;
            let mut recorded = held.record(tx, reports).await?;
            let audits = recorded.iter_mut().filter_map(|(_, recorded)| recorded.audit.take()).collect();
            audit::append_all(tx, audits).await?;
            StoreResult::Ok(recorded)
        };
        let recorded = self.worker.open(record).await.unwrap();
        recorded.into_iter().map(|(account, recorded)| (account, recorded.risk)).collect()
    }

    async fn stands(&self, place: usize) -> AccountRisk {
        let (owner, account) = self.account(place);
        let find = async move |tx: &mut Tx| risk_looks::find(tx, owner, account).await;
        self.app.read(own(owner.uuid()), find).await.unwrap().expect("a phase").risk
    }

    /// Observations, changes to tell, alerts and violations.
    async fn written(&self) -> [i64; 4] {
        let sql = "select (select count(*) from risk_observations), (select count(*) from risk_events),
            (select count(*) from alerts), (select count(*) from risk_violations)";
        let row = self.sql.query_one(sql, &[]).await.unwrap();
        [row.get(0), row.get(1), row.get(2), row.get(3)]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_several_owners_stand_where_each_alone_would() {
    let fleet = Fleet::new().await;
    let first = fleet.together(vec![(0, fleet.report(1, 9_900)), (1, fleet.report(1, 9_900))]).await;
    assert!(first.is_empty(), "the first figures of a phase are for a step of their own");
    for place in [0, 1] {
        fleet.alone(place, fleet.report(1, 9_900)).await;
    }
    fleet.alone(0, fleet.report(2, 9_150)).await;
    let before = fleet.written().await;

    let steady = fleet.together(vec![(0, fleet.report(3, 9_140)), (1, fleet.report(3, 9_700))]).await;
    let better = fleet.together(vec![(0, fleet.report(4, 9_450)), (1, fleet.report(4, 9_700))]).await;

    let after = fleet.written().await;
    assert_eq!((steady.len(), better.len()), (2, 2));
    assert_eq!((after[0] - before[0], after[2..] == before[2..]), (4, true));
    assert_eq!(after[1] - before[1], 2, "the rule and the account are in caution, which is told");
    let kept = "select coalesce(string_agg(target_id || ' ' || (detail::jsonb ->> 'from') || ' ' ||
        (detail::jsonb ->> 'to') || ' ' || (detail::jsonb ->> 'rule_id'), ''), '') from audit
        where action = 'risk_moved' and detail::jsonb ->> 'from' = 'critical'";
    let kept: String = fleet.sql.query_one(kept, &[]).await.unwrap().get(0);
    assert_eq!(
        kept,
        format!("{} critical caution total", fleet.account(0).1),
        "once, however many figures tell it"
    );
    for (place, status, equity) in [(0, Status::Caution, 9_450), (1, Status::Safe, 9_700)] {
        let (told, read) = (&better[place].1, fleet.stands(place).await);
        assert_eq!((told.status, read.status, told.as_of), (status, status, Some(fleet.seen(4, 0).at)));
        let same_again = fleet.alone(place, fleet.report(4, equity)).await;
        assert_eq!((&told.rules, told.as_of), (&same_again.rules, same_again.as_of));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_more_to_it_is_left_out_and_nothing_of_it_is_written() {
    let fleet = Fleet::new().await;
    for place in [0, 1] {
        fleet.alone(place, fleet.report(10, 9_900)).await;
    }
    let moved = Report { total: Some(Decimal::from(400)), ..fleet.report(20, 9_900) };
    let once_more = Report { is_kept: true, ..fleet.report(20, 9_900) };
    let alone = [
        ("a line that is crossed", fleet.report(20, 8_900)),
        ("an alert", fleet.report(20, 9_100)),
        ("a mark of which is only told in the inbox", fleet.report(20, 9_450)),
        ("money that was moved", moved),
        ("a line that is told again", once_more),
        ("figures that come late", fleet.report(5, 9_900)),
    ];
    for (place, (what, report)) in alone.into_iter().enumerate() {
        let before = fleet.written().await;
        let second = 20 + i64::try_from(place).unwrap();

        let taken = fleet.together(vec![(0, report), (1, fleet.report(second, 9_900))]).await;

        let after = fleet.written().await;
        assert_eq!(taken.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [fleet.accounts[1].1], "{what}");
        assert_eq!((after[0] - before[0], &after[1..]), (1, &before[1..]), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trade_that_changed_is_for_a_step_of_its_own_which_does_not_miss_it() {
    let fleet = Fleet::new().await;
    fleet.alone(0, fleet.report(10, 9_900)).await;
    let (owner, account) = fleet.accounts[0];
    let trade = format!(
        "insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_at, status, external_id)
         values ('{owner}', '{account}', 'ea', 'EURUSD', 'LONG', 1, now(), 'open', '1')"
    );
    fleet.sql.batch_execute(&trade).await.unwrap();

    let taken = fleet.together(vec![(0, fleet.report(20, 9_900))]).await;
    let noted: i64 =
        fleet.sql.query_one("select count(*) from risk_trade_changes", &[]).await.unwrap().get(0);
    fleet.alone(0, fleet.report(20, 9_900)).await;
    let next = fleet.together(vec![(0, fleet.report(21, 9_900))]).await;

    assert_eq!((taken.len(), noted, next.len()), (0, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_somebody_is_at_is_left_out_and_the_others_do_not_wait() {
    let fleet = Fleet::new().await;
    for place in [0, 1] {
        fleet.alone(place, fleet.report(10, 9_900)).await;
    }
    let (_, busy) = fleet.accounts[0];
    let hold = format!("begin; select from risk_phases where account_id = '{busy}' for no key update");
    fleet.sql.batch_execute(&hold).await.unwrap();

    let taken = fleet.together(vec![(0, fleet.report(20, 9_800)), (1, fleet.report(20, 9_800))]).await;

    fleet.sql.batch_execute("rollback").await.unwrap();
    assert_eq!(taken.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [fleet.accounts[1].1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_writes_where_several_accounts_stand_locks_them_in_one_order() {
    let fleet = Fleet::new().await;
    for place in [0, 1] {
        fleet.alone(place, fleet.report(10, 9_900)).await;
    }
    let sorted = |mut accounts: [AccountId; 2]| {
        accounts.sort_unstable();
        accounts
    };
    let both = sorted(fleet.accounts.map(|(_, account)| account));
    let last_first = if fleet.account(0).1 == both[1] { [0, 1] } else { [1, 0] };
    let reports = last_first.map(|place| (place, fleet.report(20, 9_800)));
    fleet.stand_in_the_way(both[0]).await;
    let (taken, ()) = tokio::join!(fleet.together(reports.into()), fleet.want_as_well(both[1]));
    assert_eq!(taken.len(), 2);

    let (ada, account) = fleet.account(0);
    let two = sorted([account, fleet.add().await]);
    fleet.stand_in_the_way(two[0]).await;
    let of_guards = async move |tx: &mut Tx| guards::look_again(tx, ada, &[two[1], two[0]]).await;
    let look = fleet.app.write(own(ada.uuid()), of_guards);
    let (looked, ()) = tokio::join!(look, fleet.want_as_well(two[1]));
    looked.unwrap();
    fleet.stand_in_the_way(two[0]).await;
    let of_marks = async move |tx: &mut Tx| risk_marks::look_again(tx, ada).await;
    let look = fleet.app.write(own(ada.uuid()), of_marks);
    let (looked, ()) = tokio::join!(look, fleet.want_as_well(two[1]));
    assert_eq!(looked.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_was_kept_is_read_and_one_that_cannot_be_holds_up_nobody() {
    let fleet = Fleet::new().await;
    for place in [0, 1] {
        fleet.alone(place, fleet.report(10, 9_900)).await;
    }
    let position = json!({ "symbol": "XRPUSD", "lots": "0.33333333", "notional": "0.1744699982553" });
    let fine = |second| {
        let Report { seen, total, is_kept } = fleet.report(second, 9_900);
        let positions = Some(vec![serde_json::from_value(position.clone()).unwrap()]);
        Report { seen: Observation { positions, ..seen }, total, is_kept }
    };
    let (ill, healthy) = (fleet.accounts[0].1, fleet.accounts[1].1);
    let keep = format!(
        "update risk_states set state = jsonb_set(state, '{{last,positions}}', '[{position}]'),
            told = jsonb_set(told, '{{day,low}}', '\"-2000000000000000\"') where account_id = '{ill}'"
    );
    fleet.sql.batch_execute(&keep).await.unwrap();
    let kept = fleet.together(vec![(0, fine(20)), (1, fine(20))]).await;

    let spoil = format!(
        "update risk_states set told = '{{\"day\": 1}}', due_at = now() where account_id = '{ill}';
         insert into risk_checkpoints (phase_id, at, owner_id, account_id, state, is_daily)
         select phase_id, (state #>> '{{last,at}}')::timestamptz, owner_id, account_id, '{{\"last\": 1}}', false
         from risk_states where account_id = '{ill}'
         on conflict (phase_id, at) do update set state = excluded.state"
    );
    fleet.sql.batch_execute(&spoil).await.unwrap();
    let beside = fleet.together(vec![(0, fine(30)), (1, fine(30))]).await;
    let is_due = async || {
        let due = fleet.worker.open(async |tx: &mut Tx| risk_records::list_due(tx, 10).await).await.unwrap();
        due.iter().any(|(_, account)| *account == ill)
    };
    let was_due = is_due().await;
    fleet.worker.open(async move |tx: &mut Tx| risk_records::put_off(tx, ill).await).await.unwrap();
    let is_put_off = !is_due().await;
    let alone = fleet.alone(0, fine(30)).await;
    let again = fleet.together(vec![(0, fine(40)), (1, fine(40))]).await;

    assert_eq!((kept.len(), again.len(), was_due, is_put_off), (2, 2, true, true));
    assert_eq!(beside.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [healthy]);
    assert_eq!((alone.status, alone.as_of), (Status::Safe, Some(fleet.seen(30, 0).at)));
}
