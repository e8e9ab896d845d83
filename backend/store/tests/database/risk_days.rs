//! Days that began while nobody ran, with the clock of then.

use chrono::{DateTime, SubsecRound, TimeDelta, Timelike, Utc};
use flotilla_domain::id::AccountId;
use flotilla_domain::risk::change::Told;
use flotilla_domain::risk::ledger::Ledger;
use flotilla_domain::risk::observation::Observation;
use flotilla_domain::risk::phase::Phase;
use flotilla_domain::risk::report::AccountRisk;
use flotilla_domain::risk::state::State;
use flotilla_store::{Db, Tx, risk_history, risk_phases, risk_records};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::tenants::{Tenants, own, owner};

/// The last full minute of the database's clock: the day's reset.
async fn last_minute(tenants: &Tenants) -> DateTime<Utc> {
    let sql = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint";
    let now: i64 = tenants.db.admin().await.query_one(sql, &[]).await.unwrap().get(0);
    let now = DateTime::from_timestamp_micros(now).unwrap().trunc_subsecs(0);
    now.with_second(0).unwrap()
}

fn phase(reset: DateTime<Utc>) -> Phase {
    let form = json!({
        "currency": "USD", "starting_balance": "100000", "phase_started_at": reset - TimeDelta::days(2),
        "day": { "tz": "UTC", "reset": reset.format("%H:%M").to_string() }, "stale_after_s": 86_400,
        "rules": [{ "id": "daily", "kind": "max_daily_loss", "reference": "max",
            "limit": { "type": "amount", "value": "5000" } }],
    });
    serde_json::from_value(form).unwrap()
}

fn seen(at: DateTime<Utc>, balance: i64, equity: i64) -> Observation {
    serde_json::from_value(json!({ "at": at, "balance": balance, "equity": equity })).unwrap()
}

/// What a worker had written that ended a moment before the reset.
async fn as_before(tenants: &Tenants, phase: &Phase, last: &Observation) {
    let then = last.at + TimeDelta::seconds(1);
    let ledger = Ledger::new(phase, &[], then).unwrap();
    let state = State::replay(phase, &ledger, [last.clone()], then).unwrap();
    let mut told = Told::default();
    told.update(&AccountRisk::of(phase, &ledger, &state, then));
    told.follow_day(phase, (None, state.last()), then);
    let due = state.next_change(phase, then).unwrap();
    let sql = "update risk_states set state = $1::text::jsonb, told = $2::text::jsonb, due_at = to_timestamp($3::bigint)";
    let (state, told) = (json!(state).to_string(), json!(told).to_string());
    tenants.db.admin().await.execute(sql, &[&state, &told, &due.timestamp()]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_began_while_nobody_ran_begins_with_the_last_figures_before_it() {
    let tenants = Tenants::new().await;
    let reset = last_minute(&tenants).await;
    let (ada, phase, last) =
        (tenants.ada, phase(reset), seen(reset - TimeDelta::seconds(10), 101_000, 102_500));
    let find = "select id from accounts where owner_id = $1::text::uuid";
    let row = tenants.db.admin().await.query_one(find, &[&ada.to_string()]).await.unwrap();
    let account = AccountId::from_uuid(row.get(0));
    let (app, worker) =
        (Db::connect(&tenants.db.app_url, 1).unwrap(), Db::connect(&tenants.db.worker_url, 1).unwrap());
    let (asked, first) = (phase.clone(), last.clone());
    let begin = async move |tx: &mut Tx| {
        risk_phases::begin(tx, own(ada), account, &asked, "bought").await?;
        risk_records::record(tx, owner(ada), account, first).await
    };
    app.write(own(ada), begin).await.unwrap().unwrap();
    as_before(&tenants, &phase, &last).await;

    let due = worker.open(async |tx| risk_records::list_due(tx, 10).await).await.unwrap();
    let pass = async move |tx: &mut Tx| risk_records::pass(tx, owner(ada), account).await;
    let passed = worker.open(pass).await.unwrap().unwrap();
    let again = worker.open(async |tx| risk_records::list_due(tx, 10).await).await.unwrap();
    let after = seen(reset + TimeDelta::milliseconds(1), 101_000, 99_000);
    let record = async move |tx: &mut Tx| risk_records::record(tx, owner(ada), account, after).await;
    let recorded = worker.open(record).await.unwrap().unwrap();
    let days = async move |tx: &mut Tx| {
        risk_history::list_days(tx, owner(ada), account, risk_history::Days::default(), 10).await
    };
    let days = app.read(own(ada), days).await.unwrap();

    assert_eq!((due.len(), again.len()), (1, 0), "gone over once");
    let rule = serde_json::to_value(&passed.risk.rules[0]).unwrap();
    let known = ["floor", "reference", "day_start_quality"].map(|field| rule[field].clone());
    assert_eq!(known, [json!("97500"), json!("102500"), json!("exact")]);
    assert_eq!(recorded.risk.rules[0].floor, Some(Decimal::from(97_500)), "the first figures do not move it");
    let [day] = &days[..] else { unreachable!("one day has ended: {days:?}") };
    assert_eq!((day.end_balance, day.end_equity), (Decimal::from(101_000), Decimal::from(102_500)));
    let kinds =
        "select coalesce(string_agg(kind, ' ' order by id), '') from risk_events where kind = 'reset'";
    let kinds: String = tenants.db.admin().await.query_one(kinds, &[]).await.unwrap().get(0);
    assert_eq!(Value::from(kinds), json!("reset"), "told once");
}
