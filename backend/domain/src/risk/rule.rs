//! Rules: what a firm, or a trader, limits.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::day::DayClock;
use super::form::{RuleError, RuleForm};
use super::status::{DefaultThresholds, Thresholds};
use crate::text_enum::text_enum;

text_enum! {
    /// What a rule is about.
    Kind, "kind of rule" {
        /// Floor under the day's start.
        MaxDailyLoss = "max_daily_loss",
        /// Floor under the starting balance.
        MaxTotalLoss = "max_total_loss",
        /// Floor that follows a peak.
        TrailingDrawdown = "trailing_drawdown",
        /// A floor that somebody named.
        MinEquity = "min_equity",
        /// Cap on open positions.
        MaxOpenPositions = "max_open_positions",
        /// Cap on size.
        MaxLots = "max_lots",
        /// Cap on trades opened in a day.
        DailyTradeCount = "daily_trade_count",
        /// Cap on what one stop may cost.
        MaxRiskPerTrade = "max_risk_per_trade",
        /// Profit to be made.
        ProfitTarget = "profit_target",
        /// How much of the profit one day may bring.
        Consistency = "consistency",
        /// Days to be traded.
        MinTradingDays = "min_trading_days",
    }
}

impl Kind {
    /// Whether it can be broken. The others are objectives: met or open, never violated.
    #[must_use]
    pub const fn is_limit(self) -> bool {
        !matches!(self, Self::ProfitTarget | Self::Consistency | Self::MinTradingDays)
    }

    /// Which of the usual marks are its.
    #[must_use]
    pub const fn class(self) -> Class {
        match self {
            Self::MaxOpenPositions | Self::MaxLots | Self::DailyTradeCount => Class::Count,
            _ => Class::Money,
        }
    }
}

/// Rules that share their usual marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Floors, and the risk per trade.
    Money,
    /// The other caps.
    Count,
}

text_enum! {
    /// What a breach means.
    Severity, "severity" {
        /// The account is lost: recorded until a new phase.
        Hard = "hard",
        /// Trading pauses: recorded until the rule's next reset.
        Soft = "soft",
    }
}

text_enum! {
    /// Where a floor is broken.
    BreachOn, "breach" {
        /// At the line.
        Touch = "touch",
        /// Only below it.
        Cross = "cross",
    }
}

text_enum! {
    /// Which value is held against a floor.
    Measured, "measured value" {
        /// Balance and open profit.
        Equity = "equity",
        /// Closed results only.
        Balance = "balance",
        /// The lower of both.
        Lower = "lower",
    }
}

text_enum! {
    /// Of what a limit is a percentage.
    PercentOf, "base of a percentage" {
        /// Starting balance of the phase.
        Initial = "initial",
        /// The rule's reference.
        Reference = "reference",
        /// The peak.
        Hwm = "hwm",
    }
}

text_enum! {
    /// Under which value a daily floor lies.
    DailyReference, "daily reference" {
        /// Balance at the day's start.
        Balance = "balance",
        /// Equity at the day's start.
        Equity = "equity",
        /// The higher of both.
        Max = "max",
        /// Highest equity of the day so far.
        IntradayPeakEquity = "intraday_peak_equity",
        /// Highest balance of the day so far.
        IntradayPeakBalance = "intraday_peak_balance",
    }
}

text_enum! {
    /// Which peak a trailing floor follows.
    TrailingMode, "trailing mode" {
        /// Highest equity, open profit included.
        IntradayEquity = "intraday_equity",
        /// Highest balance.
        IntradayBalance = "intraday_balance",
        /// Highest balance at a reset.
        EodBalance = "eod_balance",
    }
}

text_enum! {
    /// What money moved in or out does to a floor.
    CashPolicy, "cash policy" {
        /// Nothing.
        Keep = "keep",
        /// The floor moves with it.
        Shift = "shift",
    }
}

text_enum! {
    /// How size is counted.
    LotsMetric, "metric" {
        /// Every position, whatever its side.
        GrossLots = "gross_lots",
        /// Sides of one symbol against each other, then all symbols added.
        NetLots = "net_lots",
        /// Money at stake, whatever the side.
        Notional = "notional",
    }
}

text_enum! {
    /// What a position without stop is, once its grace is over.
    NoStop, "answer to a missing stop" {
        /// A breach.
        Violate = "violate",
        /// Not known.
        Unknown = "unknown",
    }
}

text_enum! {
    /// On what a profit target is counted.
    Basis, "basis" {
        /// Closed results.
        Balance = "balance",
        /// With open profit.
        Equity = "equity",
    }
}

text_enum! {
    /// Against what the best day is held.
    Denominator, "denominator" {
        /// Net profit.
        Net = "net",
        /// Sum of the winning days.
        PositiveDays = "positive_days",
        /// The larger of target and net profit.
        MaxTargetNet = "max_target_net",
    }
}

/// Name of a rule within its account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(pub String);

/// An amount of money that a rule speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// In account currency.
    Amount(Decimal),
    /// Percent (5 is 5 %) of something.
    Percent(Decimal, PercentOf),
}

/// How a floor is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// Where it is broken.
    pub breach_on: BreachOn,
    /// By which value.
    pub measured: Measured,
}

/// A step of a cap that grows with profit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// Profit at the last reset from which it holds.
    pub profit_from: Decimal,
    /// The cap.
    pub cap: Decimal,
}

/// Most lots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LotsCap {
    /// Always the same.
    Fixed(Decimal),
    /// By profit at the last reset; ascending, at least one.
    Tiers(Vec<Tier>),
}

/// Which days count as traded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qualifier {
    /// A trade was opened.
    Opened,
    /// A trade was closed.
    Closed,
    /// The closed trades brought at least this.
    PnlAtLeast(Limit),
}

/// What a rule says, by its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Terms {
    /// [`Kind::MaxDailyLoss`].
    MaxDailyLoss {
        /// Room under the reference.
        limit: Limit,
        /// From where it is counted.
        reference: DailyReference,
        /// How it is watched.
        watch: Watch,
    },
    /// [`Kind::MaxTotalLoss`].
    MaxTotalLoss {
        /// Room under the starting balance.
        limit: Limit,
        /// What cash does.
        cash: CashPolicy,
        /// How it is watched.
        watch: Watch,
    },
    /// [`Kind::TrailingDrawdown`].
    TrailingDrawdown {
        /// Room under the peak.
        limit: Limit,
        /// Which peak.
        mode: TrailingMode,
        /// How far above the starting balance the floor stops.
        lock: Option<Decimal>,
        /// What cash does.
        cash: CashPolicy,
        /// How it is watched.
        watch: Watch,
    },
    /// [`Kind::MinEquity`].
    MinEquity {
        /// The floor.
        value: Decimal,
        /// How it is watched.
        watch: Watch,
    },
    /// [`Kind::MaxOpenPositions`].
    MaxOpenPositions {
        /// So many are allowed.
        cap: Decimal,
        /// Whether pending orders count too.
        with_pending: bool,
    },
    /// [`Kind::MaxLots`].
    MaxLots {
        /// How size is counted.
        metric: LotsMetric,
        /// So much is allowed.
        cap: LotsCap,
    },
    /// [`Kind::DailyTradeCount`].
    DailyTradeCount {
        /// So many are allowed.
        cap: Decimal,
    },
    /// [`Kind::MaxRiskPerTrade`].
    MaxRiskPerTrade {
        /// What one stop may cost.
        limit: Limit,
        /// How long a position may be without a stop, in seconds.
        grace_s: u32,
        /// What it is afterwards.
        no_stop: NoStop,
    },
    /// [`Kind::ProfitTarget`].
    ProfitTarget {
        /// Profit to be made.
        limit: Limit,
        /// On what it is counted.
        basis: Basis,
    },
    /// [`Kind::Consistency`].
    Consistency {
        /// Share of the best day, in percent.
        percent: Decimal,
        /// Of what.
        denominator: Denominator,
        /// For [`Denominator::MaxTargetNet`].
        target: Option<Limit>,
        /// Whether the share must be below the limit.
        is_strict: bool,
    },
    /// [`Kind::MinTradingDays`].
    MinTradingDays {
        /// So many.
        days: u32,
        /// Which ones.
        qualifier: Qualifier,
    },
}

/// One rule of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RuleForm", into = "RuleForm")]
pub struct Rule {
    /// Its name within the account.
    pub id: RuleId,
    /// What a breach means; objectives have none.
    pub severity: Severity,
    /// Its own marks, in percent of the limit.
    pub thresholds: Option<Thresholds>,
    /// Its own marks in money; they only make a result worse.
    pub money_thresholds: Option<Thresholds>,
    /// Its own day, instead of the account's.
    pub day: Option<DayClock>,
    /// What it says.
    pub terms: Terms,
}

impl TryFrom<RuleForm> for Rule {
    type Error = RuleError;

    fn try_from(form: RuleForm) -> Result<Self, RuleError> {
        form.rule()
    }
}

impl Rule {
    /// What it is about.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match &self.terms {
            Terms::MaxDailyLoss { .. } => Kind::MaxDailyLoss,
            Terms::MaxTotalLoss { .. } => Kind::MaxTotalLoss,
            Terms::TrailingDrawdown { .. } => Kind::TrailingDrawdown,
            Terms::MinEquity { .. } => Kind::MinEquity,
            Terms::MaxOpenPositions { .. } => Kind::MaxOpenPositions,
            Terms::MaxLots { .. } => Kind::MaxLots,
            Terms::DailyTradeCount { .. } => Kind::DailyTradeCount,
            Terms::MaxRiskPerTrade { .. } => Kind::MaxRiskPerTrade,
            Terms::ProfitTarget { .. } => Kind::ProfitTarget,
            Terms::Consistency { .. } => Kind::Consistency,
            Terms::MinTradingDays { .. } => Kind::MinTradingDays,
        }
    }

    /// Whether it matters to it when a day begins.
    #[must_use]
    pub const fn depends_on_day(&self) -> bool {
        match &self.terms {
            Terms::MaxDailyLoss { .. }
            | Terms::DailyTradeCount { .. }
            | Terms::Consistency { .. }
            | Terms::MinTradingDays { .. }
            | Terms::MaxLots { cap: LotsCap::Tiers(_), .. }
            | Terms::TrailingDrawdown { mode: TrailingMode::EodBalance, .. } => true,
            _ => matches!(self.severity, Severity::Soft),
        }
    }

    /// How its floor is watched, if it is one.
    #[must_use]
    pub const fn watch(&self) -> Option<Watch> {
        match &self.terms {
            Terms::MaxDailyLoss { watch, .. }
            | Terms::MaxTotalLoss { watch, .. }
            | Terms::TrailingDrawdown { watch, .. }
            | Terms::MinEquity { watch, .. } => Some(*watch),
            _ => None,
        }
    }

    /// Whether it caps size by the money at stake.
    #[must_use]
    pub const fn is_notional(&self) -> bool {
        matches!(self.terms, Terms::MaxLots { metric: LotsMetric::Notional, .. })
    }

    /// Its marks in percent: its own, else the account's for its class.
    #[must_use]
    pub fn marks(&self, defaults: &DefaultThresholds) -> Thresholds {
        self.thresholds.unwrap_or_else(|| defaults.of(self.kind().class()))
    }
}

impl LotsCap {
    /// The cap at a profit of the last reset; below the first step that step's.
    #[must_use]
    pub fn at(&self, profit: Decimal) -> Decimal {
        match self {
            Self::Fixed(cap) => *cap,
            Self::Tiers(tiers) => {
                let reached = tiers.iter().rev().find(|tier| tier.profit_from <= profit);
                reached.or_else(|| tiers.first()).map_or(Decimal::ZERO, |tier| tier.cap)
            }
        }
    }

    /// A profit of each step.
    pub(super) fn steps(&self) -> impl Iterator<Item = Decimal> {
        let (fixed, tiers) = match self {
            Self::Fixed(_) => (Some(Decimal::ZERO), [].as_slice()),
            Self::Tiers(tiers) => (None, tiers.as_slice()),
        };
        fixed.into_iter().chain(tiers.iter().map(|tier| tier.profit_from))
    }
}

impl Limit {
    /// The amount, given the starting balance and the rule's reference.
    pub(super) fn amount(self, initial: Decimal, reference: Decimal) -> Decimal {
        match self {
            Self::Amount(amount) => amount,
            Self::Percent(percent, PercentOf::Initial) => initial * percent / Decimal::ONE_HUNDRED,
            Self::Percent(percent, PercentOf::Reference | PercentOf::Hwm) => {
                reference * percent / Decimal::ONE_HUNDRED
            }
        }
    }
}
