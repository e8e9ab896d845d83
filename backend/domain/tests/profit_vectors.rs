//! Results of trades by vectors that the web pages are held to as well: what is shown while a
//! trade is typed in is what is written down afterwards.
#![expect(clippy::unwrap_used, reason = "a broken vector is a failed test")]

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::trade::draft::Draft;
use flotilla_domain::trade::fills::{self, FillsError};
use flotilla_domain::trade::{Execution, OptionType, TradeSource};
use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

#[derive(Deserialize)]
struct Vector {
    name: String,
    symbol: String,
    direction: String,
    asset_type: String,
    quantity: Decimal,
    multiplier: Option<Decimal>,
    entry: Decimal,
    exit: Decimal,
    stop: Option<Decimal>,
    fees: Decimal,
    swap: Decimal,
    currency: String,
    /// `None`: it cannot be computed.
    pnl: Option<Decimal>,
    r: Option<Decimal>,
}

fn draft(vector: &Vector) -> Draft {
    let entry_at: DateTime<Utc> = "2026-11-02T14:30:00Z".parse().unwrap();
    Draft {
        id: Uuid::nil().into(),
        owner_id: Uuid::nil().into(),
        account_id: Uuid::nil().into(),
        source: TradeSource::Manual,
        symbol: vector.symbol.clone(),
        direction: vector.direction.parse().unwrap(),
        asset_type: vector.asset_type.parse().unwrap(),
        option_type: (vector.asset_type == "option").then_some(OptionType::Call),
        quantity: Some(vector.quantity),
        multiplier: vector.multiplier,
        entry_price: Some(vector.entry),
        exit_price: Some(vector.exit),
        entry_at: Some(entry_at),
        exit_at: entry_at.checked_add_signed(TimeDelta::hours(1)),
        stop_loss: vector.stop,
        take_profit: None,
        fees: Some(vector.fees),
        swap: Some(vector.swap),
        broker_pnl: None,
        mae: None,
        mfe: None,
        external_id: None,
        tags: Vec::new(),
        notes: None,
        executions: Vec::new(),
    }
}

#[test]
fn trades_bring_what_the_pages_show_while_they_are_typed_in() {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("trade/profit_vectors.json")).unwrap();

    for vector in vectors {
        let computed = draft(&vector).finish(&vector.currency);
        let told = Draft { broker_pnl: Some(Decimal::ONE), ..draft(&vector) };
        let known = Draft { multiplier: vector.multiplier.or(Some(Decimal::ONE)), ..told };
        let risked = known.finish(&vector.currency).unwrap();

        let name = &vector.name;
        assert_eq!(computed.ok().and_then(|trade| trade.pnl), vector.pnl, "{name}");
        assert_eq!(risked.r_multiple(), vector.r, "{name}");
    }
}

#[derive(Deserialize)]
struct FillsVector {
    name: String,
    direction: String,
    fills: Vec<Fill>,
    /// `None`: more is out than was in.
    position: Option<Sums>,
}

#[derive(Deserialize)]
struct Fill {
    side: String,
    quantity: Decimal,
    price: Decimal,
    minute: i64,
    fees: Decimal,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Sums {
    quantity: Decimal,
    open: Decimal,
    entry: Decimal,
    exit: Option<Decimal>,
    /// `None` until all is out: a page does not show what parts brought.
    realised: Option<Decimal>,
    fees: Decimal,
}

fn execution(fill: &Fill) -> Execution {
    Execution {
        side: fill.side.parse().unwrap(),
        quantity: fill.quantity,
        price: Some(fill.price),
        at: DateTime::from_timestamp(fill.minute * 60, 0).unwrap(),
        fees: fill.fees,
    }
}

#[test]
fn fills_add_up_to_what_the_pages_show_while_they_are_typed_in() {
    let vectors: Vec<FillsVector> = serde_json::from_str(include_str!("trade/fills_vectors.json")).unwrap();

    for vector in vectors {
        let fills: Vec<_> = vector.fills.iter().map(execution).collect();

        let added = fills::position(vector.direction.parse().unwrap(), &fills);

        let sums = added.map(|position| Sums {
            quantity: position.quantity,
            open: position.open_quantity,
            entry: position.entry_price,
            exit: position.exit_price,
            realised: position.exit_at.map(|_| position.realised),
            fees: position.fees,
        });
        assert_eq!(sums, vector.position.ok_or(FillsError::TooMuch), "{}", vector.name);
    }
}
