//! What a trader lets every new account begin with: four numbers, and the
//! rules they stand for.

use rust_decimal::Decimal;

use super::rule::{
    BreachOn, CashPolicy, DailyReference, Limit, Measured, NoStop, PercentOf, Rule, RuleId, Severity, Terms,
    Watch,
};

/// Most positions that a default may allow.
const MOST_POSITIONS: u32 = 1_000;
/// Most decimals of a percentage.
const MAX_SCALE: u32 = 4;
/// How long a position may be without a stop, in seconds.
const GRACE_S: u32 = 300;

/// Rules in four numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RiskDefaults {
    /// Open positions.
    pub max_open_positions: u32,
    /// What one stop may cost, in percent of the starting balance.
    pub risk_per_trade_percent: Decimal,
    /// What a day may lose, in percent of the starting balance.
    pub daily_loss_percent: Decimal,
    /// What may be lost in all, in percent of the starting balance.
    pub max_drawdown_percent: Decimal,
}

/// Which number makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DefaultsError {
    /// Not one to a thousand.
    #[error("must be 1 to 1000")]
    MaxOpenPositions,
    /// Not a percentage.
    #[error("must be above 0 and at most 100, with at most 4 decimals")]
    RiskPerTrade,
    /// Not a percentage.
    #[error("must be above 0 and at most 100, with at most 4 decimals")]
    DailyLoss,
    /// Not a percentage.
    #[error("must be above 0 and at most 100, with at most 4 decimals")]
    MaxDrawdown,
}

impl Default for RiskDefaults {
    fn default() -> Self {
        Self {
            max_open_positions: 2,
            risk_per_trade_percent: Decimal::TWO,
            daily_loss_percent: Decimal::from(5),
            max_drawdown_percent: Decimal::from(15),
        }
    }
}

fn is_percent(number: Decimal) -> bool {
    number > Decimal::ZERO && number <= Decimal::ONE_HUNDRED && number.normalize().scale() <= MAX_SCALE
}

impl RiskDefaults {
    /// These numbers, when they make sense.
    ///
    /// # Errors
    ///
    /// [`DefaultsError`] for the first that does not.
    pub fn checked(self) -> Result<Self, DefaultsError> {
        if !(1..=MOST_POSITIONS).contains(&self.max_open_positions) {
            return Err(DefaultsError::MaxOpenPositions);
        }
        for (percent, error) in [
            (self.risk_per_trade_percent, DefaultsError::RiskPerTrade),
            (self.daily_loss_percent, DefaultsError::DailyLoss),
            (self.max_drawdown_percent, DefaultsError::MaxDrawdown),
        ] {
            if !is_percent(percent) {
                return Err(error);
            }
        }
        Ok(self)
    }

    /// The rules they stand for. A day that was lost, or a trade that was too
    /// large, pauses until the next day; the whole loss ends the phase.
    #[must_use]
    pub fn rules(&self) -> [Rule; 4] {
        let share = |percent| Limit::Percent(percent, PercentOf::Initial);
        let watch = Watch { breach_on: BreachOn::Touch, measured: Measured::Equity };
        let cap = Decimal::from(self.max_open_positions);
        [
            rule("positions", Severity::Soft, Terms::MaxOpenPositions { cap, with_pending: false }),
            rule(
                "risk_per_trade",
                Severity::Soft,
                Terms::MaxRiskPerTrade {
                    limit: share(self.risk_per_trade_percent),
                    grace_s: GRACE_S,
                    no_stop: NoStop::Violate,
                },
            ),
            rule(
                "daily",
                Severity::Soft,
                // The stricter reading: under the higher of balance and equity.
                Terms::MaxDailyLoss {
                    limit: share(self.daily_loss_percent),
                    reference: DailyReference::Max,
                    watch,
                },
            ),
            rule(
                "total",
                Severity::Hard,
                Terms::MaxTotalLoss {
                    limit: share(self.max_drawdown_percent),
                    cash: CashPolicy::Keep,
                    watch,
                },
            ),
        ]
    }
}

fn rule(id: &str, severity: Severity, terms: Terms) -> Rule {
    Rule { id: RuleId(id.to_owned()), severity, thresholds: None, money_thresholds: None, day: None, terms }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn of(positions: u32, percents: [&str; 3]) -> RiskDefaults {
        let [trade, daily, total] = percents.map(|text| text.parse().unwrap());
        RiskDefaults {
            max_open_positions: positions,
            risk_per_trade_percent: trade,
            daily_loss_percent: daily,
            max_drawdown_percent: total,
        }
    }

    #[test]
    fn the_numbers_stand_for_rules_that_read_back_as_themselves() {
        let rules = RiskDefaults::default().rules();

        let written = serde_json::to_value(&rules).unwrap();
        let read: Vec<Rule> = serde_json::from_value(written.clone()).unwrap();

        assert_eq!(read, rules);
        let percent = |number: &str| json!({ "type": "percent", "value": number, "of": "initial" });
        assert_eq!(written[0]["cap"], "2");
        assert_eq!((&written[1]["limit"], &written[1]["grace_s"]), (&percent("2"), &json!(300)));
        assert_eq!((&written[2]["limit"], &written[2]["reference"]), (&percent("5"), &json!("max")));
        assert_eq!((&written[3]["limit"], &written[3]["severity"]), (&percent("15"), &json!("hard")));
    }

    #[rstest]
    #[case::no_position(of(0, ["2", "5", "15"]), DefaultsError::MaxOpenPositions)]
    #[case::too_many(of(1_001, ["2", "5", "15"]), DefaultsError::MaxOpenPositions)]
    #[case::nothing(of(2, ["0", "5", "15"]), DefaultsError::RiskPerTrade)]
    #[case::negative(of(2, ["2", "-5", "15"]), DefaultsError::DailyLoss)]
    #[case::more_than_all(of(2, ["2", "5", "100.0001"]), DefaultsError::MaxDrawdown)]
    #[case::too_fine(of(2, ["2", "5", "1.00001"]), DefaultsError::MaxDrawdown)]
    fn numbers_that_make_no_sense_are_refused(#[case] defaults: RiskDefaults, #[case] error: DefaultsError) {
        assert_eq!(defaults.checked(), Err(error));
    }

    #[test]
    fn the_edges_are_taken() {
        assert!(of(1, ["0.0001", "100", "100.0"]).checked().is_ok());
        assert!(of(1_000, ["2", "5", "15"]).checked().is_ok());
    }
}
