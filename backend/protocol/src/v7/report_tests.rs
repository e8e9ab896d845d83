//! The lines of reporters, by example.

use rstest::rstest;
use rust_decimal::Decimal;

use super::*;

const POSITION: &str =
    "POSITION|5003|XAUUSD|BUY|0.10|2030.50|2020.00|0.00|-12.50|-0.35|123456|-|1790000000000";
const SYMBOL: &str = "SYMBOL|XAUUSD|100.00|2|0.01|1.00|0.01|0.01|50.00|USD";

/// High, low, when the line was sent, cash moved.
type Extremes = (&'static str, &'static str, Option<i64>, Option<&'static str>);

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn read(line: &str) -> ClientLine {
    decode(line.as_bytes()).unwrap()
}

#[rstest]
#[case::six_fields("ACCOUNT|10000.00|-9990.50|100|9890.50|USD|100", None)]
#[case::extremes(
    "ACCOUNT|10000.00|-9990.50|100|9890.50|USD|100|10010.00|-9980.00|1790000000000",
    Some(("10010.00", "-9980.00", None, None))
)]
#[case::told_later(
    "ACCOUNT|10000.00|-9990.50|100|9890.50|USD|100|10010.00|-9980.00|1790000000000|1790000130000",
    Some(("10010.00", "-9980.00", Some(1_790_000_130_000), None))
)]
#[case::cash_unknown(
    "ACCOUNT|10000.00|-9990.50|100|9890.50|USD|100|10010.00|-9980.00|1790000000000|1790000130000|-",
    Some(("10010.00", "-9980.00", Some(1_790_000_130_000), None))
)]
#[case::later_fields(
    "ACCOUNT|10000.00|-9990.50|100|9890.50|USD|100|10010.00|-9980.00|1790000000000|1790000130000|-250.75|more",
    Some(("10010.00", "-9980.00", Some(1_790_000_130_000), Some("-250.75")))
)]
fn figures_of_an_account_are_read(#[case] line: &str, #[case] extremes: Option<Extremes>) {
    let watched = extremes.map(|(high, low, sent_ms, cash)| Watched {
        high: number(high),
        low: number(low),
        at_ms: 1_790_000_000_000,
        sent_ms,
        cash_total: cash.map(number),
    });
    let report = AccountReport {
        balance: number("10000.00"),
        equity: number("-9990.50"),
        margin: number("100"),
        free_margin: number("9890.50"),
        currency: "USD".into(),
        leverage: 100,
        watched,
    };
    assert_eq!(read(line), ClientLine::Account(report));
}

#[test]
fn a_position_is_read_with_its_stops() {
    let report = PositionReport {
        ticket: "5003".parse().unwrap(),
        symbol: "XAUUSD".parse().unwrap(),
        side: "BUY".parse().unwrap(),
        lots: "0.10".parse().unwrap(),
        open_price: "2030.50".parse().unwrap(),
        stop_loss: "2020.00".parse().ok(),
        take_profit: None,
        profit: number("-12.50"),
        swap: number("-0.35"),
        magic: 123_456,
        copy_id: None,
        opened_at_ms: 1_790_000_000_000,
    };
    assert_eq!(read(POSITION), ClientLine::Position(report.clone()));
    let copied = POSITION.replace("|-|", "|abcdefghijklmnopqrstuvwx27|");
    let copy_id = Some("abcdefghijklmnopqrstuvwx27".to_owned());
    assert_eq!(read(&copied), ClientLine::Position(PositionReport { copy_id, ..report }));
}

#[test]
fn a_list_has_a_beginning_and_an_end() {
    assert_eq!(read("POSITIONS_BEGIN|1"), ClientLine::PositionsBegin { is_connected: true });
    assert_eq!(read("POSITIONS_BEGIN|0"), ClientLine::PositionsBegin { is_connected: false });
    assert_eq!(read("POSITIONS_END|17"), ClientLine::PositionsEnd { count: 17, pending: None });
    assert_eq!(read("POSITIONS_END|17|3"), ClientLine::PositionsEnd { count: 17, pending: Some(3) });
    assert_eq!(read("POSITIONS_END|0|0"), ClientLine::PositionsEnd { count: 0, pending: Some(0) });
}

#[test]
fn what_an_instrument_is_worth_is_read() {
    let report = SymbolReport {
        symbol: "XAUUSD".parse().unwrap(),
        contract_size: number("100.00"),
        digits: 2,
        tick_size: number("0.01"),
        tick_value: number("1.00"),
        lots_min: number("0.01"),
        lots_step: number("0.01"),
        lots_max: number("50.00"),
        profit_currency: "USD".into(),
    };
    assert_eq!(read(SYMBOL), ClientLine::Symbol(report));
}

#[rstest]
#[case::currency("ACCOUNT|1|1|0|1|usd|100")]
#[case::leverage("ACCOUNT|1|1|0|1|USD|0")]
#[case::leverage_plus("ACCOUNT|1|1|0|1|USD|+100")]
#[case::too_short("ACCOUNT|1|1|0|1|USD")]
#[case::exponent("ACCOUNT|1e6|1|0|1|USD|100")]
#[case::beyond_all_bounds("ACCOUNT|1000000000000001|1|0|1|USD|100")]
#[case::too_fine("ACCOUNT|1.0000000000001|1|0|1|USD|100")]
#[case::nan("ACCOUNT|1|NaN|0|1|USD|100")]
#[case::high_alone("ACCOUNT|1|1|0|1|USD|100|2")]
#[case::without_time("ACCOUNT|1|1|0|1|USD|100|2|1")]
#[case::low_above_high("ACCOUNT|1|1|0|1|USD|100|1|2|1790000000000")]
#[case::time_of_another_age("ACCOUNT|1|1|0|1|USD|100|2|1|0")]
#[case::time_in_seconds("ACCOUNT|1|1|0|1|USD|100|2|1|1790000000")]
#[case::time_sent("ACCOUNT|1|1|0|1|USD|100|2|1|1790000000000|soon")]
#[case::cash("ACCOUNT|1|1|0|1|USD|100|2|1|1790000000000|1790000000000|much")]
#[case::time_minus("ACCOUNT|1|1|0|1|USD|100|2|1|-1790000000000")]
#[case::connected("POSITIONS_BEGIN|yes")]
#[case::connected_missing("POSITIONS_BEGIN")]
#[case::count("POSITIONS_END|-1")]
#[case::count_missing("POSITIONS_END")]
#[case::pending("POSITIONS_END|1|-1")]
#[case::pending_cut_off("POSITIONS_END|1|")]
fn hostile_reports_cost_only_themselves(#[case] line: &str) {
    assert!(decode(line.as_bytes()).is_err(), "{line}");
}

#[rstest]
#[case::ticket(1, "0")]
#[case::symbol(2, "AUTH_OK")]
#[case::side(3, "LONG")]
#[case::lots(4, "-0.10")]
#[case::entry(5, "0.00")]
#[case::stop(6, "-1")]
#[case::profit(8, "1e9")]
#[case::swap(9, "")]
#[case::magic(10, "x")]
#[case::copy(11, "ABC")]
#[case::time(12, "17900000000000000000")]
fn each_field_of_a_position_is_looked_at(#[case] field: usize, #[case] text: &str) {
    assert!(decode(with(POSITION, field, text).as_bytes()).is_err(), "{text}");
}

#[rstest]
#[case::name(1, "X'")]
#[case::contract(2, "0")]
#[case::digits(3, "21")]
#[case::tick_size(4, "0.00")]
#[case::tick_value(5, "0.00")]
#[case::lots(6, "-1")]
#[case::step(7, "0")]
#[case::most(8, "NaN")]
#[case::currency(9, "$")]
fn each_field_of_an_instrument_is_looked_at(#[case] field: usize, #[case] text: &str) {
    assert!(decode(with(SYMBOL, field, text).as_bytes()).is_err(), "{text}");
}

fn with(line: &str, field: usize, text: &str) -> String {
    let mut fields: Vec<&str> = line.split('|').collect();
    fields[field] = text;
    fields.join("|")
}
