//! Return for risk, on daily returns.

use rust_decimal::Decimal;

/// Trading days a year, by which daily figures become yearly ones.
const DAYS_A_YEAR: Decimal = Decimal::from_parts(252, 0, 0, false, 0);

/// Mean daily return over its sample standard deviation, times √252; the
/// riskless return is zero.
///
/// * `None` for fewer than two days, or where returns do not vary.
/// * Source: `sharpe_ratio` of the library empyrical (W. F. Sharpe, 1994).
#[must_use]
pub fn sharpe(returns: &[Decimal]) -> Option<Decimal> {
    let mean = mean(returns)?;
    let others = count(returns).checked_sub(Decimal::ONE).filter(|others| !others.is_zero())?;
    let squares = returns.iter().map(|one| square(one.checked_sub(mean)?));
    let deviation = sqrt(sum(squares)?.checked_div(others)?)?;
    annual(mean, deviation)
}

/// Mean daily return over the downside deviation (the root of the mean square
/// of what is below zero, over all days), times √252.
///
/// * `None` for fewer than two days, or where no day lost.
/// * Source: `sortino_ratio` of the library empyrical (F. A. Sortino).
#[must_use]
pub fn sortino(returns: &[Decimal]) -> Option<Decimal> {
    if returns.len() < 2 {
        return None;
    }
    let squares = returns.iter().map(|one| square((*one).min(Decimal::ZERO)));
    let downside = sqrt(sum(squares)?.checked_div(count(returns))?)?;
    annual(mean(returns)?, downside)
}

fn annual(mean: Decimal, deviation: Decimal) -> Option<Decimal> {
    Some(mean.checked_div(deviation)?.checked_mul(sqrt(DAYS_A_YEAR)?)?.round_dp(6))
}

fn count(returns: &[Decimal]) -> Decimal {
    Decimal::from(returns.len())
}

fn mean(returns: &[Decimal]) -> Option<Decimal> {
    sum(returns.iter().copied().map(Some))?.checked_div(count(returns))
}

fn square(value: Decimal) -> Option<Decimal> {
    value.checked_mul(value)
}

fn sum(mut values: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    values.try_fold(Decimal::ZERO, |sum, value| sum.checked_add(value?))
}

/// Square root by Newton's method; `None` below zero.
fn sqrt(value: Decimal) -> Option<Decimal> {
    if value.is_zero() || value.is_sign_negative() {
        return (!value.is_sign_negative()).then_some(Decimal::ZERO);
    }
    let mut root = value.max(Decimal::ONE);
    // Halves while it is far above, then doubles its digits with each step.
    for _ in 0..120 {
        let next = root.checked_add(value.checked_div(root)?)?.checked_div(Decimal::TWO)?;
        if next >= root {
            break;
        }
        root = next;
    }
    Some(root)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimals(texts: &[&str]) -> Vec<Decimal> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn undefined_ratios_are_none() {
        let steady = decimals(&["0.01", "0.01"]);

        assert_eq!((sharpe(&[]), sortino(&[])), (None, None));
        assert_eq!((sharpe(&steady[..1]), sortino(&steady[..1])), (None, None));
        assert_eq!((sharpe(&steady), sortino(&steady)), (None, None));
    }

    proptest! {
        #[test]
        fn a_root_times_itself_is_the_number(number in 0_u64..1_000_000_000, scale in 0_u32..12) {
            let number = Decimal::from_i128_with_scale(number.into(), scale);

            let root = sqrt(number).unwrap();

            prop_assert!((root * root - number).abs() <= Decimal::new(1, 12) * number.max(Decimal::ONE));
        }
    }
}
