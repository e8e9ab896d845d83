//! Followers and orders of every kind, the same ones in every run.

use std::collections::{BTreeMap, BTreeSet};

use flotilla_domain::copy::mapping::SymbolRules;
use flotilla_domain::copy::settings::{CopySettings, OnPartial, Sides, SizingMode, SubscriptionState};
use flotilla_domain::copy::sizing::Purse;
use flotilla_domain::lots::Lots;
use flotilla_domain::price::Price;
use flotilla_domain::side::Side;
use flotilla_domain::signal::OpenSignal;
use flotilla_domain::ticket::Ticket;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;
use uuid::Uuid;

/// Where a follower's session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    Here,
    Elsewhere,
    JustLeft,
    Away,
    Never,
}

/// What is known of where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    Fresh,
    Old,
    /// Of a phase that has ended.
    Over,
    Never,
}

/// What happens in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happens {
    Nothing,
    /// A person stopped it.
    Stopped,
    /// Its guard stopped it, and is off since.
    Tripped,
    /// Its guard sees too little of one member.
    Blind,
    /// Its guard sees all of them.
    Guarded,
    /// Its guard only tells.
    Told,
}

#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
#[derive(Debug, Clone)]
pub struct Follower {
    pub account: Uuid,
    pub settings: CopySettings,
    pub state: SubscriptionState,
    pub is_active: bool,
    pub is_stopped: bool,
    /// Places in [`GROUPS`].
    pub groups: Vec<usize>,
    /// Its own guard stopped it.
    pub is_tripped: bool,
    /// It has a guard of its own that would stop it.
    pub is_guarded: bool,
    pub sight: Sight,
    /// Belongs to the owner of the master.
    pub is_own: bool,
    pub presence: Presence,
    /// Its session is one at an exchange.
    pub is_at_venue: bool,
    pub own: Option<Purse>,
    /// By the follower's name of the symbol.
    pub contract_sizes: BTreeMap<String, Decimal>,
    /// Copies it has that have not ended.
    pub open_copies: i64,
}

impl Follower {
    /// Copies everything as it is.
    pub fn plain(presence: Presence) -> Self {
        Self {
            account: Uuid::nil(),
            settings: CopySettings::default(),
            state: SubscriptionState::Active,
            is_active: true,
            is_stopped: false,
            groups: Vec::new(),
            is_tripped: false,
            is_guarded: false,
            sight: Sight::Never,
            is_own: true,
            presence,
            is_at_venue: false,
            own: None,
            contract_sizes: BTreeMap::new(),
            open_copies: 0,
        }
    }
}

/// Groups that each owner has, in the order in which they were stopped.
pub const GROUPS: [(&str, Happens); 8] = [
    ("Zeta", Happens::Stopped),
    ("alpha", Happens::Stopped),
    ("Beta", Happens::Nothing),
    ("Gamma", Happens::Told),
    ("Rho", Happens::Tripped),
    ("Chi", Happens::Tripped),
    ("Phi", Happens::Blind),
    ("Psi", Happens::Guarded),
];
/// The place of the group whose guard sees all of its members.
pub const GUARDED: usize = 7;

/// What masters name. The third becomes a word of the protocol with `_OK` behind it.
const SYMBOLS: [&str; 6] = ["XAUUSD", "EURUSD.m", "AUTH", "usdjpy", "BTCUSDT.m", "NAS100"];

pub fn one<T>(runner: &mut TestRunner, strategy: &impl Strategy<Value = T>) -> T {
    strategy.new_tree(runner).unwrap().current()
}

fn hundredths(range: std::ops::Range<i64>) -> impl Strategy<Value = Decimal> {
    range.prop_map(|value| Decimal::new(value, 2))
}

fn sizing() -> impl Strategy<Value = (SizingMode, Decimal)> {
    let risk = (1i64..50_000).prop_map(|value| Decimal::new(value, 6));
    prop_oneof![
        4 => (select(SizingMode::ALL), hundredths(1..1_000))
            .prop_filter("a fraction", |(mode, _)| *mode != SizingMode::RiskPercent),
        1 => (Just(SizingMode::RiskPercent), risk),
    ]
}

fn names() -> impl Strategy<Value = Option<BTreeSet<String>>> {
    let known = ["XAUUSD", "EURUSD.M", "EURUSD", "GOLD", "AUTH", "USDJPY.PRO", "BTCUSDT", "NAS100"];
    let list = subsequence(known.to_vec(), 1..6);
    prop::option::weighted(0.3, list.prop_map(|names| names.into_iter().map(ToOwned::to_owned).collect()))
}

fn symbols() -> impl Strategy<Value = SymbolRules> {
    let pairs = [("XAUUSD", "GOLD"), ("EURUSD", "EURUSDm"), ("EURUSD.M", "euro"), ("NAS100", "USTEC.cash")];
    let map = subsequence(pairs.to_vec(), 0..4).prop_map(|pairs| {
        pairs.into_iter().map(|(from, to)| (from.to_owned(), to.parse().unwrap())).collect()
    });
    let suffix = |texts: &'static [&'static str]| {
        prop::option::weighted(0.4, select(texts).prop_map(|text| text.parse().unwrap()))
    };
    let (strip, add) = (suffix(&[".m", "USD", "AUTH"]), suffix(&[".pro", "m", "_OK"]));
    (map, strip, add, names(), names()).prop_map(|(map, strip_suffix, add_suffix, allow, deny)| SymbolRules {
        map,
        strip_suffix,
        add_suffix,
        allow,
        deny,
    })
}

fn settings() -> impl Strategy<Value = CopySettings> {
    let limit = |range| prop::option::weighted(0.4, hundredths(range));
    let steps = vec![Decimal::new(1, 2), Decimal::new(3, 2), Decimal::new(25, 3)];
    let limits = (limit(1..100), limit(1..500), prop::option::weighted(0.6, select(steps)));
    let switches = (prop::bool::weighted(0.3), prop::bool::weighted(0.8));
    let sides = prop_oneof![6 => Just(Sides::Both), 1 => Just(Sides::Buy), 1 => Just(Sides::Sell)];
    let most = prop::option::weighted(0.3, 1i32..6);
    (sizing(), limits, sides, switches, symbols(), most).prop_map(
        |(
            (sizing, value),
            (min_lots, max_lots, lot_step),
            sides,
            (reverse, copy_sl_tp),
            symbols,
            max_open_copies,
        )| {
            CopySettings {
                sizing,
                value,
                min_lots,
                max_lots,
                lot_step,
                sides,
                reverse,
                copy_sl_tp,
                on_partial: OnPartial::Close,
                symbols,
                max_open_copies,
                max_age_s: 120,
                max_deviation: None,
                units_per_lot: BTreeMap::new(),
            }
        },
    )
}

pub fn purse() -> impl Strategy<Value = Purse> {
    let money = || prop_oneof![9 => hundredths(1..50_000_000), 1 => hundredths(-1_000..1)];
    let currency = prop_oneof![6 => Just("USD"), 1 => Just("EUR"), 1 => Just("USDT"), 1 => Just("U+")];
    (money(), money(), currency).prop_map(|(balance, equity, currency)| Purse {
        balance,
        equity,
        currency: currency.to_owned(),
    })
}

fn guards() -> impl Strategy<Value = (bool, bool, Sight)> {
    let sight = prop_oneof![
        6 => Just(Sight::Fresh),
        1 => Just(Sight::Old),
        1 => Just(Sight::Over),
        1 => Just(Sight::Never)
    ];
    (prop::bool::weighted(0.03), prop::bool::weighted(0.15), sight)
}

#[expect(clippy::too_many_lines, reason = "one value for each fact")]
pub fn follower() -> impl Strategy<Value = Follower> {
    use SubscriptionState::{Active, CloseOnly, Paused, Pending};
    let state = prop_oneof![12 => Just(Active), 1 => Just(Paused), 1 => Just(CloseOnly), 1 => Just(Pending)];
    let presence = prop_oneof![
        6 => Just(Presence::Here),
        1 => Just(Presence::Elsewhere),
        1 => Just(Presence::JustLeft),
        1 => Just(Presence::Away),
        1 => Just(Presence::Never)
    ];
    let contracts = prop_oneof![1 => Just(vec![]), 3 => Just(vec![
        ("XAUUSD", 100), ("GOLD", 100), ("EURUSD", 100_000), ("EURUSDm", 1_000), ("EURUSD.m", 100_000),
        ("BTCUSDT.m", 1), ("BTCUSDT", 1), ("XAUUSD.pro", 10), ("EURUSD.pro", 100_000), ("usdjpy", 100_000),
    ])];
    let rest = (
        (
            (prop::bool::weighted(0.95), prop::bool::weighted(0.05)),
            (
                prop_oneof![
                    6 => Just(vec![]),
                    2 => subsequence(vec![0, 1, 2, 3], 1..4),
                    1 => subsequence(vec![2, 4, 5, 6, 7], 1..4)
                ],
                prop::bool::weighted(0.7),
            ),
            guards(),
        ),
        prop::option::weighted(0.9, purse()),
        contracts,
        0i64..3,
    );
    (settings(), state, presence, rest).prop_map(
        |(
            settings,
            state,
            presence,
            (
                ((is_active, is_stopped), (groups, is_own), (is_tripped, is_guarded, sight)),
                own,
                contracts,
                open_copies,
            ),
        )| Follower {
            is_tripped,
            is_guarded,
            sight: if groups.contains(&GUARDED) { Sight::Fresh } else { sight },
            account: Uuid::new_v4(),
            settings,
            state,
            is_active,
            is_stopped: is_stopped && !is_tripped,
            groups,
            is_own,
            presence,
            is_at_venue: false,
            own,
            contract_sizes: contracts
                .into_iter()
                .map(|(name, size)| (name.to_owned(), Decimal::from(size)))
                .collect(),
            open_copies,
        },
    )
}

/// An entry; its stops are on either side of the price, or absent.
pub fn order(ticket: i64) -> impl Strategy<Value = OpenSignal> {
    let stop = || prop::option::weighted(0.8, (1i64..400_000).prop_map(|value| Decimal::new(value, 2)));
    (
        select(&SYMBOLS[..]),
        select(Side::ALL),
        hundredths(1..800),
        hundredths(100_000..300_000),
        stop(),
        stop(),
    )
        .prop_map(move |(symbol, side, lots, price, stop_loss, take_profit)| OpenSignal {
            side,
            symbol: symbol.parse().unwrap(),
            price: Price::new(price).unwrap(),
            lots: Lots::new(lots).unwrap(),
            stop_loss: stop_loss.map(|stop| Price::new(stop).unwrap()),
            take_profit: take_profit.map(|stop| Price::new(stop).unwrap()),
            ticket: Ticket::new(ticket).unwrap(),
        })
}
