//! Rules in JSON: one flat object, read strictly. A field that its kind does
//! not know is refused, so that a misspelt limit is never silently a default.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::amount;
use super::day::DayClock;
use super::rule::{
    Basis, BreachOn, CashPolicy, DailyReference, Denominator, Kind, Limit, LotsCap, LotsMetric, Measured,
    NoStop, PercentOf, Qualifier, Rule, RuleId, Severity, Terms, Tier, TrailingMode, Watch,
};
use super::status::Thresholds;

/// Why an object is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The identifier is empty or too long.
    #[error("a rule needs an id of 1 to 64 characters")]
    Id,
    /// A field is missing.
    #[error("{kind} needs `{field}`")]
    Missing {
        /// Of which kind.
        kind: Kind,
        /// The field.
        field: &'static str,
    },
    /// A field does not belong to the kind.
    #[error("{kind} has no `{field}`")]
    Unexpected {
        /// Of which kind.
        kind: Kind,
        /// The field.
        field: &'static str,
    },
    /// A value is not one that the field takes.
    #[error("`{field}` of {kind} is out of range")]
    Range {
        /// Of which kind.
        kind: Kind,
        /// The field.
        field: &'static str,
    },
    /// The limit depends on the account's size, which must be chosen first.
    #[error("the limit depends on the size of the account")]
    BySize,
}

/// A [`Limit`] as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum LimitForm {
    /// Money.
    Amount {
        /// How much.
        #[serde(with = "amount")]
        value: Decimal,
    },
    /// A share.
    Percent {
        /// In percent.
        #[serde(with = "amount")]
        value: Decimal,
        /// Of what.
        of: PercentOf,
    },
    /// In templates: money, by the size of the account.
    BySize {
        /// Size to amount.
        values: BTreeMap<String, SizedAmount>,
    },
}

/// An amount of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SizedAmount(#[serde(with = "amount")] pub Decimal);

/// Where a trailing floor stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockForm {
    /// Above the starting balance.
    #[serde(with = "amount")]
    pub offset: Decimal,
}

/// A [`Tier`] as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierForm {
    /// Profit from which it holds.
    #[serde(with = "amount")]
    pub profit_from: Decimal,
    /// The cap.
    #[serde(with = "amount")]
    pub cap: Decimal,
}

/// A [`Qualifier`] as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum QualifierForm {
    /// A trade was opened.
    Opened,
    /// A trade was closed.
    Closed,
    /// The day brought so much.
    PnlAtLeast {
        /// How much.
        limit: LimitForm,
    },
}

/// Defines the form with every field that some kind of rule has. All are
/// optional; `leftover` names one that nobody took.
macro_rules! rule_form {
    ($($(#[$attribute:meta])* $field:ident: $type:ty,)+) => {
        /// A [`Rule`] as it is written.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct RuleForm {
            /// Name within the account.
            pub id: RuleId,
            /// What it is about.
            pub kind: Kind,
            $(#[doc = concat!("`", stringify!($field), "` of the rule.")]
            #[serde(default, skip_serializing_if = "Option::is_none")]
            $(#[$attribute])*
            pub $field: Option<$type>,)+
        }

        impl RuleForm {
            /// A form with nothing but its name and kind.
            #[must_use]
            pub const fn new(id: RuleId, kind: Kind) -> Self {
                Self { id, kind, $($field: None,)+ }
            }

            fn leftover(&self) -> Option<&'static str> {
                $(if self.$field.is_some() { return Some(stringify!($field)); })+
                None
            }
        }
    };
}

rule_form! {
    severity: Severity,
    breach_on: BreachOn,
    measured: Measured,
    thresholds: Thresholds,
    thresholds_money: Thresholds,
    day: DayClock,
    limit: LimitForm,
    reference: DailyReference,
    mode: TrailingMode,
    lock: LockForm,
    cash_policy: CashPolicy,
    #[serde(with = "amount::optional")]
    value: Decimal,
    #[serde(with = "amount::optional")]
    cap: Decimal,
    cap_by_size: BTreeMap<String, SizedAmount>,
    tiers: Vec<TierForm>,
    metric: LotsMetric,
    include_pending: bool,
    grace_s: u32,
    no_stop: NoStop,
    basis: Basis,
    #[serde(with = "amount::optional")]
    limit_pct: Decimal,
    denominator: Denominator,
    target: LimitForm,
    strict: bool,
    days: u32,
    qualifier: QualifierForm,
    weights_note: String,
}

/// Longest identifier of a rule.
const MAX_ID: usize = 64;
/// Least percent that a best day may be held to.
const MIN_SHARE: Decimal = Decimal::from_parts(1, 0, 0, false, 2);
/// Most percent that a threshold may be, either way.
pub(super) const MAX_THRESHOLD: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);
/// Most percent that a limit may be.
const MAX_PERCENT: Decimal = Decimal::from_parts(1_000, 0, 0, false, 0);

impl RuleForm {
    /// The rule that is written here.
    ///
    /// # Errors
    ///
    /// [`RuleError`] for a missing field, one that the kind does not have, or a value out of range.
    pub fn rule(mut self) -> Result<Rule, RuleError> {
        if self.id.0.is_empty() || self.id.0.len() > MAX_ID {
            return Err(RuleError::Id);
        }
        if self.cap_by_size.is_some() {
            return Err(RuleError::BySize);
        }
        let is_limit = self.kind.is_limit();
        let severity = if is_limit { self.severity.take() } else { None }.unwrap_or(Severity::Hard);
        let thresholds = if is_limit { self.thresholds.take() } else { None };
        if thresholds.is_some_and(|marks| marks.largest() > MAX_THRESHOLD) {
            return Err(self.range("thresholds"));
        }
        let day = self.day.take();
        self.weights_note = None;
        let terms = self.terms()?;
        let is_money = match &terms {
            Terms::MaxLots { metric, .. } => *metric == LotsMetric::Notional,
            Terms::MaxOpenPositions { .. } | Terms::DailyTradeCount { .. } => false,
            _ => is_limit,
        };
        let money_thresholds = if is_money { self.thresholds_money.take() } else { None };
        match self.leftover() {
            Some(field) => Err(RuleError::Unexpected { kind: self.kind, field }),
            None => Ok(Rule { id: self.id, severity, thresholds, money_thresholds, day, terms }),
        }
    }

    fn terms(&mut self) -> Result<Terms, RuleError> {
        match self.kind {
            Kind::MaxDailyLoss => Ok(Terms::MaxDailyLoss {
                limit: self.limit(&[PercentOf::Initial, PercentOf::Reference])?,
                reference: self.reference.take().ok_or_else(|| self.missing("reference"))?,
                watch: self.watch(),
            }),
            Kind::MaxTotalLoss => Ok(Terms::MaxTotalLoss {
                limit: self.limit(&[PercentOf::Initial])?,
                cash: self.cash(),
                watch: self.watch(),
            }),
            Kind::TrailingDrawdown => Ok(Terms::TrailingDrawdown {
                limit: self.limit(&[PercentOf::Initial, PercentOf::Hwm])?,
                mode: self.mode.take().ok_or_else(|| self.missing("mode"))?,
                lock: self.lock.take().map(|lock| lock.offset),
                cash: self.cash(),
                watch: self.watch(),
            }),
            Kind::MinEquity => Ok(Terms::MinEquity {
                value: self.value.take().ok_or_else(|| self.missing("value"))?,
                watch: self.watch(),
            }),
            Kind::MaxOpenPositions => Ok(Terms::MaxOpenPositions {
                cap: self.count()?,
                with_pending: self.include_pending.take().unwrap_or(false),
            }),
            Kind::MaxLots => Ok(Terms::MaxLots {
                metric: self.metric.take().unwrap_or(LotsMetric::GrossLots),
                cap: self.lots_cap()?,
            }),
            Kind::DailyTradeCount => Ok(Terms::DailyTradeCount { cap: self.count()? }),
            Kind::MaxRiskPerTrade => Ok(Terms::MaxRiskPerTrade {
                limit: self.limit(&[PercentOf::Initial])?,
                grace_s: self.grace_s.take().unwrap_or(0),
                no_stop: self.no_stop.take().unwrap_or(NoStop::Violate),
            }),
            Kind::ProfitTarget => Ok(Terms::ProfitTarget {
                limit: self.limit(&[PercentOf::Initial])?,
                basis: self.basis.take().unwrap_or(Basis::Balance),
            }),
            Kind::Consistency => self.consistency(),
            Kind::MinTradingDays => Ok(Terms::MinTradingDays {
                days: self.days.take().ok_or_else(|| self.missing("days"))?,
                qualifier: self.qualifier()?,
            }),
        }
    }

    fn watch(&mut self) -> Watch {
        Watch {
            breach_on: self.breach_on.take().unwrap_or(BreachOn::Touch),
            measured: self.measured.take().unwrap_or(Measured::Equity),
        }
    }

    fn cash(&mut self) -> CashPolicy {
        self.cash_policy.take().unwrap_or(CashPolicy::Keep)
    }

    fn limit(&mut self, allowed: &[PercentOf]) -> Result<Limit, RuleError> {
        let form = self.limit.take().ok_or_else(|| self.missing("limit"))?;
        self.checked(&form, allowed, "limit")
    }

    fn checked(
        &self,
        form: &LimitForm,
        allowed: &[PercentOf],
        field: &'static str,
    ) -> Result<Limit, RuleError> {
        match form {
            LimitForm::Amount { value } if *value >= Decimal::ZERO => Ok(Limit::Amount(*value)),
            LimitForm::Percent { value, of }
                if *value >= Decimal::ZERO && *value <= MAX_PERCENT && allowed.contains(of) =>
            {
                Ok(Limit::Percent(*value, *of))
            }
            LimitForm::BySize { .. } => Err(RuleError::BySize),
            LimitForm::Amount { .. } | LimitForm::Percent { .. } => Err(self.range(field)),
        }
    }

    fn count(&mut self) -> Result<Decimal, RuleError> {
        let cap = self.cap.take().ok_or_else(|| self.missing("cap"))?;
        if cap < Decimal::ZERO || !cap.fract().is_zero() { Err(self.range("cap")) } else { Ok(cap) }
    }

    fn lots_cap(&mut self) -> Result<LotsCap, RuleError> {
        match (self.cap.take(), self.tiers.take()) {
            (Some(cap), None) if cap >= Decimal::ZERO => Ok(LotsCap::Fixed(cap)),
            (Some(_), None) => Err(self.range("cap")),
            (None, Some(tiers)) => self.tiers(&tiers),
            (None, None) => Err(self.missing("cap")),
            (Some(_), Some(_)) => Err(RuleError::Unexpected { kind: self.kind, field: "tiers" }),
        }
    }

    fn tiers(&self, forms: &[TierForm]) -> Result<LotsCap, RuleError> {
        let mut tiers: Vec<Tier> =
            forms.iter().map(|form| Tier { profit_from: form.profit_from, cap: form.cap }).collect();
        tiers.sort_by_key(|tier| tier.profit_from);
        let is_repeated = tiers.windows(2).any(|pair| match pair {
            [one, other] => one.profit_from == other.profit_from,
            _ => false,
        });
        if tiers.is_empty() || is_repeated || tiers.iter().any(|tier| tier.cap < Decimal::ZERO) {
            return Err(self.range("tiers"));
        }
        Ok(LotsCap::Tiers(tiers))
    }

    fn consistency(&mut self) -> Result<Terms, RuleError> {
        let percent = self.limit_pct.take().ok_or_else(|| self.missing("limit_pct"))?;
        if percent < MIN_SHARE || percent > Decimal::ONE_HUNDRED {
            return Err(self.range("limit_pct"));
        }
        let denominator = self.denominator.take().unwrap_or(Denominator::Net);
        let target = match (denominator, self.target.take()) {
            (Denominator::MaxTargetNet, Some(form)) => {
                Some(self.checked(&form, &[PercentOf::Initial], "target")?)
            }
            (Denominator::MaxTargetNet, None) => return Err(self.missing("target")),
            (Denominator::Net | Denominator::PositiveDays, None) => None,
            (Denominator::Net | Denominator::PositiveDays, Some(_)) => {
                return Err(RuleError::Unexpected { kind: self.kind, field: "target" });
            }
        };
        Ok(Terms::Consistency {
            percent,
            denominator,
            target,
            is_strict: self.strict.take().unwrap_or(false),
        })
    }

    fn qualifier(&mut self) -> Result<Qualifier, RuleError> {
        match self.qualifier.take().ok_or_else(|| self.missing("qualifier"))? {
            QualifierForm::Opened => Ok(Qualifier::Opened),
            QualifierForm::Closed => Ok(Qualifier::Closed),
            QualifierForm::PnlAtLeast { limit } => {
                Ok(Qualifier::PnlAtLeast(self.checked(&limit, &[PercentOf::Initial], "qualifier")?))
            }
        }
    }

    const fn missing(&self, field: &'static str) -> RuleError {
        RuleError::Missing { kind: self.kind, field }
    }

    const fn range(&self, field: &'static str) -> RuleError {
        RuleError::Range { kind: self.kind, field }
    }
}

impl From<Limit> for LimitForm {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::Amount(value) => Self::Amount { value },
            Limit::Percent(value, of) => Self::Percent { value, of },
        }
    }
}

impl From<Qualifier> for QualifierForm {
    fn from(qualifier: Qualifier) -> Self {
        match qualifier {
            Qualifier::Opened => Self::Opened,
            Qualifier::Closed => Self::Closed,
            Qualifier::PnlAtLeast(limit) => Self::PnlAtLeast { limit: limit.into() },
        }
    }
}

impl From<Rule> for RuleForm {
    fn from(rule: Rule) -> Self {
        let kind = rule.kind();
        let mut form = Self::new(rule.id, kind);
        form.severity = kind.is_limit().then_some(rule.severity);
        form.thresholds = rule.thresholds;
        form.thresholds_money = rule.money_thresholds;
        form.day = rule.day;
        form.write(rule.terms);
        form
    }
}

impl RuleForm {
    fn write(&mut self, terms: Terms) {
        match terms {
            Terms::MaxDailyLoss { limit, reference, watch } => {
                self.reference = Some(reference);
                self.write_floor(Some(limit), watch);
            }
            Terms::MaxTotalLoss { limit, cash, watch } => {
                self.cash_policy = Some(cash);
                self.write_floor(Some(limit), watch);
            }
            Terms::TrailingDrawdown { limit, mode, lock, cash, watch } => {
                self.mode = Some(mode);
                self.lock = lock.map(|offset| LockForm { offset });
                self.cash_policy = Some(cash);
                self.write_floor(Some(limit), watch);
            }
            Terms::MinEquity { value, watch } => {
                self.value = Some(value);
                self.write_floor(None, watch);
            }
            Terms::MaxOpenPositions { cap, with_pending } => {
                (self.cap, self.include_pending) = (Some(cap), Some(with_pending));
            }
            Terms::MaxLots { metric, cap } => self.write_lots(metric, cap),
            Terms::DailyTradeCount { cap } => self.cap = Some(cap),
            Terms::MaxRiskPerTrade { limit, grace_s, no_stop } => {
                self.limit = Some(limit.into());
                (self.grace_s, self.no_stop) = (Some(grace_s), Some(no_stop));
            }
            Terms::ProfitTarget { limit, basis } => {
                (self.limit, self.basis) = (Some(limit.into()), Some(basis));
            }
            Terms::Consistency { percent, denominator, target, is_strict } => {
                (self.limit_pct, self.denominator) = (Some(percent), Some(denominator));
                (self.target, self.strict) = (target.map(Into::into), Some(is_strict));
            }
            Terms::MinTradingDays { days, qualifier } => {
                (self.days, self.qualifier) = (Some(days), Some(qualifier.into()));
            }
        }
    }

    fn write_floor(&mut self, limit: Option<Limit>, watch: Watch) {
        self.limit = limit.map(Into::into);
        (self.breach_on, self.measured) = (Some(watch.breach_on), Some(watch.measured));
    }

    fn write_lots(&mut self, metric: LotsMetric, cap: LotsCap) {
        self.metric = Some(metric);
        match cap {
            LotsCap::Fixed(cap) => self.cap = Some(cap),
            LotsCap::Tiers(tiers) => {
                let form = |tier: Tier| TierForm { profit_from: tier.profit_from, cap: tier.cap };
                self.tiers = Some(tiers.into_iter().map(form).collect());
            }
        }
    }
}
