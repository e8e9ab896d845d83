//! Statistics against published libraries (`stats/vectors.py`), and parts against the whole.
#![expect(clippy::unwrap_used, reason = "a broken vector is a failed test")]

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use flotilla_domain::stats::clock::LocalClock;
use flotilla_domain::stats::drawdown::Drawdown;
use flotilla_domain::stats::histogram::Bin;
use flotilla_domain::stats::slice::Slice;
use flotilla_domain::stats::{ClosedTrade, Setting, Statistics, Summary};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct Case {
    starting_balance: Decimal,
    zone: String,
    trades: Vec<Row>,
    expected: Map<String, Value>,
}

#[derive(Deserialize, Debug, Clone)]
struct Row {
    symbol: String,
    entry_at: DateTime<Utc>,
    exit_at: DateTime<Utc>,
    pnl: Decimal,
    r: Option<Decimal>,
}

fn summary(rows: &[Row], zone: &str, starting_balance: Option<Decimal>) -> Summary {
    let clock = LocalClock::new(zone).unwrap();
    let today = rows.last().map_or(NaiveDate::MIN, |row| clock.show(row.exit_at).unwrap().date);
    let mut statistics = Statistics::new(Setting { clock, today, starting_balance, points: 100 });
    for row in rows {
        let trade = ClosedTrade {
            symbol: &row.symbol,
            entry_at: row.entry_at,
            exit_at: row.exit_at,
            pnl: row.pnl,
            r: row.r,
        };
        statistics.push(&trade).unwrap();
    }
    statistics.finish()
}

fn decimal(value: &Value) -> Decimal {
    let text = value.to_string();
    text.parse().or_else(|_| Decimal::from_scientific(&text)).unwrap()
}

#[track_caller]
fn near(name: &str, ours: Option<Decimal>, theirs: &Value) {
    let apart = (ours.unwrap() - decimal(theirs)).abs();
    assert!(apart <= Decimal::new(2, 6), "{name}: {ours:?} and {theirs}");
}

#[track_caller]
fn same_parts<K: ToString>(name: &str, ours: &[(K, Slice)], theirs: &Value) {
    let ours: BTreeMap<String, Decimal> =
        ours.iter().map(|(key, slice)| (key.to_string(), slice.pnl)).collect();
    let theirs: BTreeMap<String, Decimal> =
        theirs.as_object().unwrap().iter().map(|(key, sum)| (key.clone(), decimal(sum))).collect();
    assert_eq!(ours, theirs, "{name}");
}

/// Bins by their beginning in hundredths, as JSON names them.
#[derive(Deserialize)]
struct Bins {
    width: Decimal,
    bins: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct Fall {
    peak_at: Option<DateTime<Utc>>,
    trough_at: DateTime<Utc>,
    recovered_at: Option<DateTime<Utc>>,
    lasted_s: i64,
}

#[derive(Deserialize)]
struct Day {
    date: NaiveDate,
    pnl: Decimal,
}

fn read<T: DeserializeOwned>(expected: &Map<String, Value>, name: &str) -> T {
    T::deserialize(expected.get(name).unwrap()).unwrap()
}

#[track_caller]
fn same_bins(name: &str, ours: &[Bin], theirs: &Bins) {
    assert!(ours.iter().all(|bin| bin.to - bin.from == theirs.width), "{name}: {} wide", theirs.width);
    let hundredths = |bin: &Bin| (bin.from * Decimal::ONE_HUNDRED).normalize().to_string();
    let ours: BTreeMap<String, u64> = ours.iter().map(|bin| (hundredths(bin), bin.trades)).collect();
    assert_eq!(ours, theirs.bins, "{name}");
}

#[track_caller]
fn same_fall(ours: Drawdown, theirs: &Fall) {
    assert_eq!((ours.peak_at, ours.recovered_at), (theirs.peak_at, theirs.recovered_at));
    assert_eq!((ours.trough_at, ours.lasted), (theirs.trough_at, TimeDelta::seconds(theirs.lasted_s)));
}

#[track_caller]
fn same_day(name: &str, ours: Option<(NaiveDate, Decimal)>, theirs: &Day) {
    assert_eq!(ours, Some((theirs.date, theirs.pnl)), "{name}");
}

#[test]
fn published_libraries_say_the_same() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("stats/vectors.json")).unwrap();

    for case in cases {
        let ours = summary(&case.trades, &case.zone, Some(case.starting_balance));
        let seconds = ours.average_holding.map(|held| Decimal::new(held.num_milliseconds(), 3));
        let drawdown = ours.max_drawdown.unwrap();
        let count = |number: u64| Some(Decimal::from(number));
        for (name, figure) in [
            ("trades", count(ours.whole.trades)),
            ("wins", count(ours.whole.wins)),
            ("losses", count(ours.whole.losses)),
            ("win_rate", ours.whole.win_rate()),
            ("total_pnl_percent", ours.total_pnl_percent),
            ("today_trades", count(ours.today.trades)),
            ("today_pnl", Some(ours.today.pnl)),
            ("today_pnl_percent", ours.today_pnl_percent),
            ("best_trade", ours.best_trade),
            ("worst_trade", ours.worst_trade),
            ("exposure", ours.exposure),
            ("total_pnl", Some(ours.whole.pnl)),
            ("gross_profit", Some(ours.gross_profit)),
            ("gross_loss", Some(ours.gross_loss)),
            ("profit_factor", ours.profit_factor),
            ("expectancy", ours.expectancy),
            ("average_win", ours.average_win),
            ("average_loss", ours.average_loss),
            ("payoff", ours.payoff),
            ("average_r", ours.average_r),
            ("longest_win_streak", count(ours.longest_win_streak)),
            ("longest_loss_streak", count(ours.longest_loss_streak)),
            ("max_drawdown_money", Some(drawdown.money)),
            ("max_drawdown_percent", drawdown.percent),
            ("sharpe", ours.sharpe),
            ("sortino", ours.sortino),
        ] {
            near(name, figure, &case.expected[name]);
        }
        let apart = seconds.unwrap() - decimal(&case.expected["average_holding_s"]);
        assert!(apart.abs() < Decimal::new(1, 2), "milliseconds at most");
        same_fall(drawdown, &read(&case.expected, "fall"));
        same_day("best_day", ours.best_day, &read(&case.expected, "best_day"));
        same_day("worst_day", ours.worst_day, &read(&case.expected, "worst_day"));
        same_bins("r_distribution", &ours.r_distribution, &read(&case.expected, "r_distribution"));
        same_bins("pnl_distribution", &ours.pnl_distribution, &read(&case.expected, "pnl_distribution"));
        same_parts("by_symbol", &ours.by_symbol, &case.expected["by_symbol"]);
        same_parts("by_weekday", &ours.by_weekday, &case.expected["by_weekday"]);
        same_parts("by_hour", &ours.by_hour, &case.expected["by_hour"]);
        same_parts("days", &ours.days, &case.expected["days"]);
    }
}

#[test]
fn without_trades_everything_that_divides_is_undefined() {
    let nothing = summary(&[], "UTC", Some(Decimal::ONE_HUNDRED));

    assert_eq!((nothing.whole, nothing.whole.win_rate()), (Slice::default(), None));
    assert_eq!((nothing.profit_factor, nothing.expectancy, nothing.payoff), (None, None, None));
    assert_eq!((nothing.sharpe, nothing.sortino, nothing.average_r), (None, None, None));
    assert_eq!((nothing.best_trade, nothing.best_day, nothing.exposure), (None, None, None));
    assert_eq!(nothing.total_pnl_percent, Some(Decimal::ZERO));
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0_i64..100_000, 1_i64..200_000, -10_000_i64..10_000, prop::option::of(-500_i64..900), 0..5_u8);
    prop::collection::vec(row, 0..80).prop_map(|rows| {
        let mut at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        rows.into_iter()
            .map(|(gap, held, pnl, r, symbol)| {
                at += TimeDelta::seconds(gap);
                Row {
                    symbol: format!("S{symbol}"),
                    entry_at: at - TimeDelta::seconds(held),
                    exit_at: at,
                    pnl: Decimal::new(pnl, 2),
                    r: r.map(|r| Decimal::new(r, 2)),
                }
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn the_sums_of_any_partition_are_the_whole(rows in rows()) {
        let whole = summary(&rows, "America/New_York", None);
        let adds_up = |slices: &mut dyn Iterator<Item = Slice>| {
            let all: Vec<Slice> = slices.collect();
            let count = |of: fn(&Slice) -> u64| all.iter().map(of).sum::<u64>();
            let pnl: Decimal = all.iter().map(|slice| slice.pnl).sum();
            (count(|slice| slice.trades), count(|slice| slice.wins), count(|slice| slice.losses), pnl)
        };
        let expected = (whole.whole.trades, whole.whole.wins, whole.whole.losses, whole.whole.pnl);

        prop_assert_eq!(adds_up(&mut whole.by_symbol.iter().map(|(_, slice)| *slice)), expected);
        prop_assert_eq!(adds_up(&mut whole.by_weekday.iter().map(|(_, slice)| *slice)), expected);
        prop_assert_eq!(adds_up(&mut whole.by_hour.iter().map(|(_, slice)| *slice)), expected);
        prop_assert_eq!(adds_up(&mut whole.days.iter().map(|(_, slice)| *slice)), expected);
        prop_assert_eq!(whole.gross_profit + whole.gross_loss, whole.whole.pnl);
        prop_assert_eq!(whole.pnl_distribution.iter().map(|bin| bin.trades).sum::<u64>(), whole.whole.trades);
        let with_r = rows.iter().filter(|row| row.r.is_some()).count();
        let counted: u64 = whole.r_distribution.iter().map(|bin| bin.trades).sum();
        prop_assert_eq!(counted, u64::try_from(with_r).unwrap());
        prop_assert_eq!(whole.curve.last().map_or(Decimal::ZERO, |point| point.value), whole.whole.pnl);
        let parts = ["S0", "S1", "S2", "S3", "S4"].map(|symbol| {
            let rows: Vec<Row> = rows.iter().filter(|row| row.symbol == symbol).cloned().collect();
            summary(&rows, "America/New_York", None).whole
        });
        prop_assert_eq!(adds_up(&mut parts.into_iter()), expected);
    }
}
