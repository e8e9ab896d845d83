//! Trades as comma-separated values.

use rust_decimal::Decimal;

use crate::number::plain_decimal;
use crate::trade::{Execution, Trade};

/// Names of the columns, and the end of the line.
pub const HEAD: &str = "id,account_id,account,source,symbol,direction,asset_type,option_type,quantity,multiplier,\
entry_price,exit_price,entry_at,exit_at,stop_loss,take_profit,fees,swap,pnl,pnl_source,mae,mfe,status,external_id,tags,notes,executions\r\n";

/// Whether a spreadsheet would take `text` for a formula: OWASP's "CSV
/// injection" names these, also after blanks.
#[must_use]
pub fn is_formula(text: &str) -> bool {
    let begun = text.trim_start_matches([' ', '\u{a0}', '\u{feff}']);
    begun.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%', '＝', '＋', '－', '＠'])
}

/// Appends one cell of words, always in quotes.
fn words(line: &mut String, text: &str) {
    line.push('"');
    if is_formula(text.trim_start_matches('\'')) {
        line.push('\'');
    }
    for letter in text.chars() {
        if letter == '"' {
            line.push('"');
        }
        line.push(letter);
    }
    line.push_str("\",");
}

fn plain(line: &mut String, text: &str) {
    line.push_str(text);
    line.push(',');
}

fn figure(line: &mut String, figure: Option<Decimal>) {
    plain(line, &figure.map(|figure| figure.normalize().to_string()).unwrap_or_default());
}

/// Appends one line for `trade` on the account named `account`. Cells of words
/// are in quotes and never formulas; figures are as they are.
pub fn write(lines: &mut String, trade: &Trade, account: &str) {
    let time = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
    plain(lines, &trade.id.to_string());
    plain(lines, &trade.account_id.to_string());
    words(lines, account);
    plain(lines, trade.source.as_str());
    words(lines, &trade.symbol);
    plain(lines, trade.direction.as_str());
    plain(lines, trade.asset_type.as_str());
    plain(lines, trade.option_type.map_or("", |kind| kind.as_str()));
    figure(lines, Some(trade.quantity));
    figure(lines, trade.multiplier);
    figure(lines, trade.entry_price);
    figure(lines, trade.exit_price);
    plain(lines, &time(trade.entry_at));
    plain(lines, &trade.exit_at.map(time).unwrap_or_default());
    figure(lines, trade.stop_loss);
    figure(lines, trade.take_profit);
    figure(lines, Some(trade.fees));
    figure(lines, Some(trade.swap));
    figure(lines, trade.pnl);
    plain(lines, trade.pnl_source.map_or("", |source| source.as_str()));
    figure(lines, trade.mae);
    figure(lines, trade.mfe);
    plain(lines, trade.status.as_str());
    words(lines, trade.external_id.as_deref().unwrap_or_default());
    words(lines, &trade.tags.join(";"));
    words(lines, trade.notes.as_deref().unwrap_or_default());
    words(lines, &fills(&trade.executions));
    // The comma behind the last cell becomes the end of the line.
    lines.pop();
    lines.push_str("\r\n");
}

/// Fills as one cell: `BUY 2 at 150.5 on 2026-11-02T14:30:00Z fees 1; SELL …`.
/// Empty where one has no price: then nothing can be computed of them.
fn fills(executions: &[Execution]) -> String {
    let fill = |fill: &Execution| {
        let (quantity, price, fees) =
            (fill.quantity.normalize(), fill.price?.normalize(), fill.fees.normalize());
        let at = fill.at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
        Some(format!("{} {quantity} at {price} on {at} fees {fees}", fill.side))
    };
    executions.iter().map(fill).collect::<Option<Vec<_>>>().unwrap_or_default().join("; ")
}

/// The fills of such a cell; `None` for anything else.
#[must_use]
pub fn read_fills(text: &str) -> Option<Vec<Execution>> {
    let fill = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [side, quantity, "at", price, "on", at, "fees", fees] = words.as_slice() else { return None };
        Some(Execution {
            side: side.parse().ok()?,
            quantity: plain_decimal(quantity).ok()?,
            price: Some(plain_decimal(price).ok()?),
            at: at.parse().ok()?,
            fees: plain_decimal(fees).ok()?,
        })
    };
    text.split(';').map(fill).collect()
}

/// `text` as it was before it was kept from being a formula.
#[must_use]
pub fn restored(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| is_formula(rest.trim_start_matches('\''))).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::side::Side;

    #[rstest]
    #[case("=1+1", "\"'=1+1\",")]
    #[case("+1", "\"'+1\",")]
    #[case("-1", "\"'-1\",")]
    #[case("@SUM(A1)", "\"'@SUM(A1)\",")]
    #[case("\t=1", "\"'\t=1\",")]
    #[case("\r=1", "\"'\r=1\",")]
    #[case(" =1", "\"' =1\",")]
    #[case("say \"=1\", then", "\"say \"\"=1\"\", then\",")]
    #[case("plain", "\"plain\",")]
    fn n76_words_are_never_formulas(#[case] text: &str, #[case] cell: &str) {
        let mut line = String::new();
        words(&mut line, text);

        assert_eq!(line, cell);
    }

    #[test]
    fn n76_figures_are_as_they_are() {
        let mut line = String::new();
        figure(&mut line, Some(Decimal::new(-1250, 2)));

        assert_eq!(line, "-12.5,");
    }

    #[test]
    fn fills_come_back() {
        let fill = |side, price: i64, fees: i64| Execution {
            side,
            quantity: Decimal::new(25, 1),
            price: Some(Decimal::new(price, 2)),
            at: "2026-11-02T14:30:00.250Z".parse().unwrap(),
            fees: Decimal::new(fees, 1),
        };
        let executions = vec![fill(Side::Buy, 15_050, 0), fill(Side::Sell, -3_763, -5)];

        let text = fills(&executions);

        assert_eq!(text.split("; ").next(), Some("BUY 2.5 at 150.5 on 2026-11-02T14:30:00.250Z fees 0"));
        assert_eq!(read_fills(&text), Some(executions.clone()));
        assert_eq!(fills(&[Execution { price: None, ..executions[0].clone() }]), "");
        assert_eq!(read_fills("BUY 2 at x"), None);
    }

    proptest! {
        #[test]
        fn words_come_back(text in "[=+@'\"a \\-]{0,8}") {
            let mut line = String::new();
            words(&mut line, &text);
            let inside = line.strip_prefix('"').unwrap().strip_suffix("\",").unwrap().replace("\"\"", "\"");

            prop_assert_eq!(restored(&inside), text.as_str());
        }
    }
}
