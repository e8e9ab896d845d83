//! The size of a copy. This is the definition; the bulk statement that plans
//! thousands of copies must agree with it, which a differential test demands.

use rust_decimal::Decimal;

use crate::copy::settings::{CopySettings, SizingMode};
use crate::lots::{Lots, whole_steps};

/// Lots to open for a master's `lots`, or `None`: do not copy (`limit`).
///
/// Order: compute by mode, cap at the maximum, round **down** to the step,
/// compare with the minimum. Down, because a copy must never carry more risk
/// than its settings allow.
#[must_use]
pub fn sized(settings: &CopySettings, lots: Lots) -> Option<Lots> {
    let wanted = match settings.sizing {
        SizingMode::Same => lots.value(),
        SizingMode::Multiplier => lots.value().checked_mul(settings.value)?,
        SizingMode::Fixed => settings.value,
    };
    let capped = settings.max_lots.map_or(wanted, |max| wanted.min(max));
    let stepped = match settings.lot_step {
        Some(step) if step > Decimal::ZERO => whole_steps(capped, step)?,
        _ => capped,
    };
    if settings.min_lots.is_some_and(|min| stepped < min) {
        return None;
    }
    Lots::new(stepped).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn settings(sizing: SizingMode, value: &str, [min, max, step]: [&str; 3]) -> CopySettings {
        let limit = |text: &str| (!text.is_empty()).then(|| dec(text));
        CopySettings {
            sizing,
            value: dec(value),
            min_lots: limit(min),
            max_lots: limit(max),
            lot_step: limit(step),
            ..CopySettings::default()
        }
    }

    /// Limits are smallest, largest and step; an empty text is no limit.
    #[rstest]
    #[case::same("0.20", settings(SizingMode::Same, "7", ["", "", ""]), Some("0.20"))]
    #[case::half("0.25", settings(SizingMode::Multiplier, "0.5", ["", "", "0.01"]), Some("0.12"))]
    #[case::fixed("3", settings(SizingMode::Fixed, "0.10", ["", "", ""]), Some("0.10"))]
    #[case::capped("3", settings(SizingMode::Same, "1", ["", "1.005", "0.01"]), Some("1.00"))]
    #[case::below_minimum("0.02", settings(SizingMode::Multiplier, "0.1", ["0.01", "", ""]), None)]
    #[case::beyond_computing("1", settings(SizingMode::Fixed, "79228162514264337593543950335", ["", "", "0.01"]), None)]
    #[case::nothing_left("0.02", settings(SizingMode::Multiplier, "0.1", ["", "", "0.01"]), None)]
    fn size_follows_the_settings(
        #[case] lots: &str,
        #[case] settings: CopySettings,
        #[case] expected: Option<&str>,
    ) {
        let sized = sized(&settings, Lots::new(dec(lots)).unwrap());
        assert_eq!(sized.map(Lots::value), expected.map(dec));
    }

    proptest! {
        #[test]
        fn a_copy_never_exceeds_its_cap(lots in 1i64..1_000_000, cap in 1i64..1_000_000, factor in 1i64..1_000) {
            let settings = CopySettings {
                sizing: SizingMode::Multiplier,
                value: Decimal::new(factor, 2),
                max_lots: Some(Decimal::new(cap, 2)),
                lot_step: Some(Decimal::new(1, 2)),
                ..CopySettings::default()
            };
            if let Some(size) = sized(&settings, Lots::new(Decimal::new(lots, 2)).unwrap()) {
                prop_assert!(size.value() <= Decimal::new(cap, 2));
                prop_assert!(size.value() <= Decimal::new(lots, 2) * Decimal::new(factor, 2));
            }
        }
    }
}
