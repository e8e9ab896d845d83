//! Speed of the risk engine: one account with eight rules, a group of a thousand.

use std::hint::black_box;

use chrono::{DateTime, TimeDelta, Utc};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use flotilla_domain::risk::deviation::{Judged, Required, deviations};
use flotilla_domain::risk::group::{Member, Rates, aggregate};
use flotilla_domain::risk::ledger::Ledger;
use flotilla_domain::risk::observation::{Frame, Observation};
use flotilla_domain::risk::phase::Phase;
use flotilla_domain::risk::report::AccountRisk;
use flotilla_domain::risk::rule::Rule;
use flotilla_domain::risk::state::{Event, State, assess, evaluate};
use serde_json::json;

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_783_378_800, 0).expect("a time of 2026")
}

fn phase() -> Phase {
    let form = json!({
        "currency": "USD", "starting_balance": "100000", "phase_started_at": start(),
        "day": {"tz": "Europe/Prague", "reset": "00:00"},
        "rules": [
            {"id": "daily", "kind": "max_daily_loss", "limit": {"type": "percent", "value": "5", "of": "initial"}, "reference": "balance", "breach_on": "cross"},
            {"id": "peak", "kind": "max_daily_loss", "limit": {"type": "percent", "value": "5", "of": "reference"}, "reference": "intraday_peak_equity"},
            {"id": "total", "kind": "max_total_loss", "limit": {"type": "percent", "value": "10", "of": "initial"}},
            {"id": "trail", "kind": "trailing_drawdown", "limit": {"type": "percent", "value": "7", "of": "hwm"}, "mode": "intraday_equity", "lock": {"offset": "0"}},
            {"id": "close", "kind": "trailing_drawdown", "limit": {"type": "amount", "value": "9000"}, "mode": "eod_balance"},
            {"id": "open", "kind": "max_open_positions", "cap": 5},
            {"id": "lots", "kind": "max_lots", "cap": "5", "metric": "net_lots"},
            {"id": "risk", "kind": "max_risk_per_trade", "limit": {"type": "percent", "value": "3", "of": "initial"}},
        ],
    });
    serde_json::from_value(form).expect("a phase")
}

fn observation(second: i64, equity: i64) -> Observation {
    let position = json!({"symbol": "EURUSD", "lots": "1", "risk": "500"});
    serde_json::from_value(json!({
        "at": start() + TimeDelta::seconds(second), "balance": "100000", "equity": equity, "high": equity + 40,
        "low": equity - 40, "positions": [position, position, position],
    }))
    .expect("an observation")
}

fn one_account(criterion: &mut Criterion) {
    let (phase, ledger) = (phase(), Ledger::default());
    let mut begun = State::new(&phase, false).expect("a state");
    begun.observe(&phase, &ledger, Frame::from(observation(10, 100_100))).expect("in order");
    let frame = Frame::from(observation(11, 100_050));

    criterion.bench_function("an observation of an account with 8 rules", |bencher| {
        bencher.iter_batched(
            || (begun.clone(), Event::Observed(Box::new(frame.clone()))),
            |(mut state, event)| evaluate(&phase, &ledger, &mut state, black_box(event), frame.at),
            BatchSize::SmallInput,
        );
    });
}

fn group(criterion: &mut Criterion) {
    let phase = phase();
    let now = start() + TimeDelta::seconds(10);
    let risks: Vec<AccountRisk> = (0..1_000)
        .map(|account| {
            assess(&phase, [observation(10, 99_000 + account * 7 % 900)], &[], now).expect("a result")
        })
        .collect();
    let members: Vec<Member<'_, usize>> =
        risks.iter().enumerate().map(|(id, risk)| Member { id, risk }).collect();
    let rates = Rates { base: "USD".to_owned(), ..Rates::default() };

    criterion.bench_function("a group of 1,000 accounts with 8 rules each", |bencher| {
        bencher.iter(|| aggregate(black_box(&members), &rates, now));
    });
}

fn required(criterion: &mut Criterion) {
    let phase = phase();
    let looser: Vec<Rule> = serde_json::from_value(json!([
        {"id": "daily", "kind": "max_daily_loss", "limit": {"type": "percent", "value": "1", "of": "initial"}, "reference": "max"},
        {"id": "total", "kind": "max_total_loss", "limit": {"type": "percent", "value": "2", "of": "initial"}},
    ]))
    .expect("rules");
    let asked: Vec<Rule> = looser.into_iter().chain(phase.rules.iter().cloned()).collect();
    let account = Judged {
        rules: &phase.rules,
        initial: phase.starting_balance,
        currency: &phase.currency,
        day: &phase.day,
        marks: &phase.thresholds,
    };

    criterion.bench_function("1,000 accounts with 8 rules each against 10 that are required", |bencher| {
        bencher.iter(|| {
            let required = Required { rules: black_box(&asked), currency: "USD" };
            (0..1_000).map(|_| deviations(required, Some(black_box(&account))).len()).sum::<usize>()
        });
    });
}

criterion_group!(benches, one_account, group, required);
criterion_main!(benches);
