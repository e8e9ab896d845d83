//! Which of two rules of one kind is the stricter.

use rust_decimal::Decimal;

use super::day::DayClock;
use super::deviation::{Deviates, Judged, Measure, Said, Term, of_size};
use super::rule::{
    BreachOn, DailyReference, Limit, LotsCap, LotsMetric, Measured, NoStop, PercentOf, Qualifier, Rule,
    Severity, Terms, TrailingMode, Watch,
};
use super::status::Thresholds;

/// In what an account's rule deviates from the required one.
pub(super) struct Difference {
    pub deviates: Deviates,
    pub term: Term,
    pub measure: Measure,
    pub required: Option<Said>,
    pub actual: Option<Said>,
}

/// Two rules that are compared for an account, and the gravest difference so
/// far: of equally grave ones the first.
pub(super) struct Comparison {
    initial: Decimal,
    gravest: Option<Difference>,
}

/// What the account's word is to the required one.
#[derive(Clone, Copy)]
enum Rank {
    /// At least as strict.
    Fits,
    Looser,
    /// Neither.
    Apart,
}

impl Comparison {
    pub const fn new(initial: Decimal) -> Self {
        Self { initial, gravest: None }
    }

    pub fn gravest(self) -> Option<Difference> {
        self.gravest
    }

    /// Notes that the account's value is another, and which is stricter cannot be said.
    pub fn differ(&mut self, term: Term, measure: Measure, (required, actual): (Said, Said)) {
        let (required, actual) = (Some(required), Some(actual));
        self.note(Difference { deviates: Deviates::Different, term, measure, required, actual });
    }

    pub fn rules(&mut self, required: &Rule, actual: &Rule, account: &Judged<'_>) {
        self.terms(&required.terms, &actual.terms);
        let is_soft = |rule: &Rule| rule.severity == Severity::Soft;
        let severity = (required.severity, actual.severity);
        self.words(
            Term::Severity,
            (severity.0.as_str(), severity.1.as_str()),
            unless_looser(is_soft(required) || !is_soft(actual)),
        );
        if let Some(clock) = &required.day {
            self.days(clock, actual.day.as_ref().unwrap_or(account.day));
        }
        if let Some(marks) = required.thresholds {
            self.marks((Term::Thresholds, Measure::Percent), marks, Some(actual.marks(account.marks)));
        }
        if let Some(marks) = required.money_thresholds {
            self.marks((Term::ThresholdsMoney, Measure::Money), marks, actual.money_thresholds);
        }
    }

    fn note(&mut self, found: Difference) {
        if self.gravest.as_ref().is_none_or(|gravest| gravest.deviates < found.deviates) {
            self.gravest = Some(found);
        }
    }

    fn words(&mut self, term: Term, (required, actual): (&'static str, &'static str), rank: Rank) {
        let deviates = match rank {
            Rank::Fits => return,
            Rank::Looser => Deviates::Looser,
            Rank::Apart => Deviates::Different,
        };
        let (required, actual) = (Some(Said::Word(required.into())), Some(Said::Word(actual.into())));
        self.note(Difference { deviates, term, measure: Measure::Word, required, actual });
    }

    fn flag(&mut self, term: Term, required: bool, actual: bool) {
        let word = |flag| if flag { "true" } else { "false" };
        self.words(term, (word(required), word(actual)), unless_looser(actual || !required));
    }

    fn numbers(&mut self, (term, measure): (Term, Measure), numbers: (Decimal, Decimal), is_looser: bool) {
        if is_looser {
            let (required, actual) = (Some(Said::Number(numbers.0)), Some(Said::Number(numbers.1)));
            self.note(Difference { deviates: Deviates::Looser, term, measure, required, actual });
        }
    }

    fn at_most(&mut self, what: (Term, Measure), required: Decimal, actual: Decimal) {
        self.numbers(what, (required, actual), actual > required);
    }

    fn at_least(&mut self, what: (Term, Measure), required: Decimal, actual: Decimal) {
        self.numbers(what, (required, actual), actual < required);
    }

    fn days(&mut self, required: &DayClock, actual: &DayClock) {
        if required != actual {
            let word =
                |clock: &DayClock| Said::Word(format!("{} {}", clock.zone_name(), clock.reset()).into());
            self.differ(Term::Day, Measure::Word, (word(required), word(actual)));
        }
    }

    /// The earlier a mark is reached, the stricter it is.
    fn marks(&mut self, what: (Term, Measure), required: Thresholds, actual: Option<Thresholds>) {
        let Some(actual) = actual else {
            let (term, measure) = what;
            let required = Some(Said::Number(required.caution()));
            self.note(Difference { deviates: Deviates::Looser, term, measure, required, actual: None });
            return;
        };
        self.at_least(what, required.caution(), actual.caution());
        self.at_least(what, required.critical(), actual.critical());
    }

    /// How much an account may lose, at the beginning of its phase and later.
    fn room(&mut self, required: Limit, actual: Limit) {
        let (most, has) = (self.amount(required), self.amount(actual));
        self.at_most((Term::Limit, Measure::Money), most, has);
        let bases = (base(required), base(actual));
        let rank = match bases {
            (one, other) if one == other => Rank::Fits,
            // The peak is never below the starting balance.
            (PercentOf::Hwm, PercentOf::Initial) => Rank::Fits,
            (PercentOf::Initial, PercentOf::Hwm) if has >= most => Rank::Looser,
            _ => Rank::Apart,
        };
        self.words(Term::Of, (bases.0.as_str(), bases.1.as_str()), rank);
    }

    fn amount(&self, limit: Limit) -> Decimal {
        limit.amount(self.initial, self.initial)
    }

    fn watch(&mut self, required: Watch, actual: Watch) {
        let breach = (required.breach_on, actual.breach_on);
        self.words(
            Term::BreachOn,
            (breach.0.as_str(), breach.1.as_str()),
            unless_looser(breach.1 == BreachOn::Touch || breach.0 == BreachOn::Cross),
        );
        let measured = (required.measured, actual.measured);
        let rank = match measured {
            (one, other) if one == other => Rank::Fits,
            (_, Measured::Lower) => Rank::Fits,
            (Measured::Lower, _) => Rank::Looser,
            _ => Rank::Apart,
        };
        self.words(Term::Measured, (measured.0.as_str(), measured.1.as_str()), rank);
    }

    fn same(&mut self, term: Term, required: &'static str, actual: &'static str) {
        let rank = if required == actual { Rank::Fits } else { Rank::Apart };
        self.words(term, (required, actual), rank);
    }

    fn terms(&mut self, required: &Terms, actual: &Terms) {
        match (required, actual) {
            (
                Terms::MaxDailyLoss { limit, reference, watch },
                Terms::MaxDailyLoss { limit: room, reference: under, watch: watched },
            ) => {
                self.room(*limit, *room);
                self.words(Term::Reference, (reference.as_str(), under.as_str()), above(*reference, *under));
                self.watch(*watch, *watched);
            }
            (
                Terms::MaxTotalLoss { limit, cash, watch },
                Terms::MaxTotalLoss { limit: room, cash: policy, watch: watched },
            ) => {
                self.room(*limit, *room);
                self.same(Term::CashPolicy, cash.as_str(), policy.as_str());
                self.watch(*watch, *watched);
            }
            (Terms::TrailingDrawdown { .. }, Terms::TrailingDrawdown { .. }) => {
                self.trailing(required, actual);
            }
            (Terms::MinEquity { value, watch }, Terms::MinEquity { value: floor, watch: watched }) => {
                self.at_least((Term::Value, Measure::Money), *value, *floor);
                self.watch(*watch, *watched);
            }
            (Terms::MaxLots { metric, cap }, Terms::MaxLots { metric: counted, cap: has }) => {
                self.lots((*metric, cap), (*counted, has));
            }
            _ => self.counts(required, actual),
        }
    }

    fn trailing(&mut self, required: &Terms, actual: &Terms) {
        let Terms::TrailingDrawdown { limit, mode, lock, cash, watch } = required else { return };
        let Terms::TrailingDrawdown { limit: room, mode: peak, lock: stop, cash: policy, watch: watched } =
            actual
        else {
            return;
        };
        self.room(*limit, *room);
        let rank = match (*mode, *peak) {
            (one, other) if one == other => Rank::Fits,
            (TrailingMode::EodBalance, TrailingMode::IntradayBalance) => Rank::Fits,
            (TrailingMode::IntradayBalance, TrailingMode::EodBalance) => Rank::Looser,
            _ => Rank::Apart,
        };
        self.words(Term::Mode, (mode.as_str(), peak.as_str()), rank);
        match (*lock, *stop) {
            (Some(offset), Some(actual)) => self.at_least((Term::Lock, Measure::Money), offset, actual),
            (None, Some(actual)) => self.note(Difference {
                deviates: Deviates::Looser,
                term: Term::Lock,
                measure: Measure::Money,
                required: None,
                actual: Some(Said::Number(actual)),
            }),
            (_, None) => {}
        }
        self.same(Term::CashPolicy, cash.as_str(), policy.as_str());
        self.watch(*watch, *watched);
    }

    fn lots(&mut self, (metric, cap): (LotsMetric, &LotsCap), (counted, actual): (LotsMetric, &LotsCap)) {
        let rank = match (metric, counted) {
            (one, other) if one == other => Rank::Fits,
            (LotsMetric::NetLots, LotsMetric::GrossLots) => Rank::Fits,
            (LotsMetric::GrossLots, LotsMetric::NetLots) => Rank::Looser,
            _ => Rank::Apart,
        };
        self.words(Term::Metric, (metric.as_str(), counted.as_str()), rank);
        if of_size(metric) != of_size(counted) {
            return;
        }
        let is_fixed = matches!((cap, actual), (LotsCap::Fixed(_), LotsCap::Fixed(_)));
        let term = if is_fixed { Term::Cap } else { Term::Tiers };
        for profit in cap.steps().chain(actual.steps()) {
            self.at_most((term, of_size(metric)), cap.at(profit), actual.at(profit));
        }
    }

    fn counts(&mut self, required: &Terms, actual: &Terms) {
        match (required, actual) {
            (
                Terms::MaxOpenPositions { cap, with_pending },
                Terms::MaxOpenPositions { cap: has, with_pending: counts },
            ) => {
                self.at_most((Term::Cap, Measure::Positions), *cap, *has);
                self.flag(Term::IncludePending, *with_pending, *counts);
            }
            (Terms::DailyTradeCount { cap }, Terms::DailyTradeCount { cap: has }) => {
                self.at_most((Term::Cap, Measure::Trades), *cap, *has);
            }
            (
                Terms::MaxRiskPerTrade { limit, grace_s, no_stop },
                Terms::MaxRiskPerTrade { limit: room, grace_s: grace, no_stop: answer },
            ) => {
                self.room(*limit, *room);
                let stricter = unless_looser(*answer == NoStop::Violate || *no_stop == NoStop::Unknown);
                self.words(Term::NoStop, (no_stop.as_str(), answer.as_str()), stricter);
                self.at_most((Term::GraceS, Measure::Seconds), (*grace_s).into(), (*grace).into());
            }
            _ => self.objectives(required, actual),
        }
    }

    /// What is harder to reach is the stricter.
    fn objectives(&mut self, required: &Terms, actual: &Terms) {
        match (required, actual) {
            (Terms::ProfitTarget { limit, basis }, Terms::ProfitTarget { limit: target, basis: counted }) => {
                let (least, has) = (self.amount(*limit), self.amount(*target));
                self.at_least((Term::Limit, Measure::Money), least, has);
                self.same(Term::Basis, basis.as_str(), counted.as_str());
            }
            (
                Terms::Consistency { percent, denominator, target, is_strict },
                Terms::Consistency { percent: share, denominator: of, target: aim, is_strict: strict },
            ) => {
                self.at_most((Term::LimitPct, Measure::Percent), *percent, *share);
                self.same(Term::Denominator, denominator.as_str(), of.as_str());
                self.flag(Term::Strict, *is_strict, *strict);
                self.equal(Term::Target, *target, *aim);
            }
            (
                Terms::MinTradingDays { days, qualifier },
                Terms::MinTradingDays { days: has, qualifier: which },
            ) => {
                self.at_least((Term::Days, Measure::Days), (*days).into(), (*has).into());
                self.qualifiers(*qualifier, *which);
            }
            // Rules of one kind have terms of one kind.
            _ => {}
        }
    }

    fn equal(&mut self, term: Term, required: Option<Limit>, actual: Option<Limit>) {
        let amount = |limit: Option<Limit>| limit.map(|limit| Said::Number(self.amount(limit)));
        let (required, actual) = (amount(required), amount(actual));
        if required != actual {
            let (deviates, measure) = (Deviates::Different, Measure::Money);
            self.note(Difference { deviates, term, measure, required, actual });
        }
    }

    fn qualifiers(&mut self, required: Qualifier, actual: Qualifier) {
        if let (Qualifier::PnlAtLeast(least), Qualifier::PnlAtLeast(has)) = (required, actual) {
            let (least, has) = (self.amount(least), self.amount(has));
            self.at_least((Term::Qualifier, Measure::Money), least, has);
            return;
        }
        let word = |qualifier| match qualifier {
            Qualifier::Opened => "opened",
            Qualifier::Closed => "closed",
            Qualifier::PnlAtLeast(_) => "pnl_at_least",
        };
        self.same(Term::Qualifier, word(required), word(actual));
    }
}

const fn unless_looser(fits: bool) -> Rank {
    if fits { Rank::Fits } else { Rank::Looser }
}

/// Of what a limit is a share; an amount is one of the beginning.
const fn base(limit: Limit) -> PercentOf {
    match limit {
        Limit::Amount(_) => PercentOf::Initial,
        Limit::Percent(_, of) => of,
    }
}

/// Which reference is never below the other.
fn above(required: DailyReference, actual: DailyReference) -> Rank {
    use DailyReference::{Balance, Equity, IntradayPeakBalance, IntradayPeakEquity, Max};

    match (required, actual) {
        (one, other) if one == other => Rank::Fits,
        (Balance, Max | IntradayPeakBalance) | (Equity, Max | IntradayPeakEquity) => Rank::Fits,
        (Max | IntradayPeakBalance, Balance) | (Max | IntradayPeakEquity, Equity) => Rank::Looser,
        _ => Rank::Apart,
    }
}
