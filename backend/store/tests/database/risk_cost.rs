//! What one frame costs in a phase that has gone on for long. Not a test of
//! time: run it by hand, with `--run-ignored all --no-capture`.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::similar_names,
    reason = "it measures, and nothing depends on it"
)]

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::id::AccountId;
use flotilla_domain::risk::observation::Observation;
use flotilla_domain::risk::phase::Phase;
use flotilla_store::{Db, Tx, risk_phases, risk_records};
use serde_json::json;

use crate::tenants::{Tenants, own, owner};

const OBSERVATIONS: i64 = 200_000;
const TRADES: i64 = 5_000;

fn phase(started_at: DateTime<Utc>) -> Phase {
    serde_json::from_value(json!({
        "currency": "USD", "starting_balance": "100000", "phase_started_at": started_at,
        "day": {"tz": "Europe/Prague", "reset": "00:00"}, "stale_after_s": 600, "rules": [
            {"id": "daily", "kind": "max_daily_loss", "limit": {"type": "percent", "value": "5", "of": "initial"}, "reference": "max"},
            {"id": "total", "kind": "max_total_loss", "limit": {"type": "percent", "value": "10", "of": "initial"}},
            {"id": "trail", "kind": "trailing_drawdown", "limit": {"type": "amount", "value": "8000"}, "mode": "intraday_equity"},
            {"id": "trades", "kind": "daily_trade_count", "cap": 100_000},
            {"id": "target", "kind": "profit_target", "limit": {"type": "amount", "value": "10000"}},
            {"id": "days", "kind": "min_trading_days", "days": 4, "qualifier": {"type": "opened"}},
        ],
    }))
    .unwrap()
}

/// Figures once a second, and trades once in a while, until a minute ago.
async fn fill(tenants: &Tenants, account: AccountId) {
    let sql = format!(
        "insert into risk_observations (account_id, owner_id, at, slot, received_at, figures)
         select '{account}', '{ada}', at, mod(extract(month from at at time zone 'UTC')::integer, 4), at,
            jsonb_build_object('at', text, 'received_at', text, 'balance', '100000', 'equity', (99000 + second % 900)::text,
                'high', (99010 + second % 900)::text, 'low', (98990 + second % 900)::text, 'positions', '[]'::jsonb, 'seq', second)
         from (select second, at, to_char(at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') as text
            from (select second, now() - make_interval(secs => 60 + {OBSERVATIONS} - second) as at
                from generate_series(1, {OBSERVATIONS}) second) times) each;
         insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_at, exit_at, pnl, status, external_id)
         select '{ada}', '{account}', 'ea', 'EURUSD', 'LONG', 1, at, at + interval '10 seconds', 1, 'closed', number::text
         from (select number, now() - make_interval(secs => 60 + {OBSERVATIONS} * ({TRADES} - number) / {TRADES}) as at
            from generate_series(1, {TRADES}) number) each;
         analyze risk_observations; analyze trades",
        ada = tenants.ada
    );
    tenants.db.admin().await.batch_execute(&sql).await.unwrap();
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures; it proves nothing"]
async fn a_frame_in_a_phase_of_two_hundred_thousand_observations() {
    let tenants = Tenants::new().await;
    let ada = tenants.ada;
    let find = "select id, (extract(epoch from clock_timestamp()) * 1000000)::bigint from accounts where owner_id = $1::text::uuid";
    let row = tenants.db.admin().await.query_one(find, &[&ada.to_string()]).await.unwrap();
    let (account, now): (AccountId, i64) = (AccountId::from_uuid(row.get(0)), row.get(1));
    let now = DateTime::from_timestamp_micros(now).unwrap();
    let app = Db::connect(&tenants.db.app_url, 1).unwrap();
    let worker = Db::connect(&tenants.db.worker_url, 1).unwrap();
    let new = phase(now - TimeDelta::seconds(OBSERVATIONS + 100));
    let begin = async move |tx: &mut Tx| risk_phases::begin(tx, own(ada), account, &new, "bought").await;
    app.write(own(ada), begin).await.unwrap();
    fill(&tenants, account).await;
    let record = async |milliseconds_ago: i64| {
        let at = now - TimeDelta::milliseconds(milliseconds_ago);
        let seen: Observation =
            serde_json::from_value(json!({ "at": at, "balance": "100000", "equity": "99500" })).unwrap();
        let begun = Instant::now();
        let step = async move |tx: &mut Tx| risk_records::record(tx, owner(ada), account, seen).await;
        worker.open(step).await.unwrap().unwrap();
        begun.elapsed()
    };

    let first = record(30_000).await;
    let mut each = Vec::new();
    for number in 0..50 {
        each.push(record(29_000 - number * 100).await);
    }
    let mut late = Vec::new();
    for number in 0..5 {
        late.push(record(29_950 - number * 100).await);
    }

    println!("the first, which follows all of it: {first:?}");
    println!("a frame in order, median of {}: {:?}", each.len(), middle(each));
    println!("a late frame, median of {}: {:?}", late.len(), middle(late));
}
