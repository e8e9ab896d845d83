//! What texts and figures of requests may be, for the document alone. The rules
//! that are applied stand in [`rules`](crate::dto::rules) and in the domain; what
//! is written here lets whoever reads the document keep to them.

use std::borrow::Cow;

use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// Longest text of a number.
const LONGEST_FIGURE: usize = 30;
/// One line that is not blank, without control characters.
const LINE: &str = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$";
/// One or more lines.
const LINES: &str = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$";
/// Lines that are not blank.
const FILLED_LINES: &str = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$";

/// Types that exist in the document only: what is read is a text or a figure.
macro_rules! bounds {
    ($($name:ident = $about:literal, $schema:expr;)+) => {$(
        #[doc = $about]
        pub enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema.description(Some($about)).build().into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )+};
}

bounds! {
    Line = "One line, not blank, of at most 100 characters.", text(1, 100, LINE);
    Grounds = "Why something is done: at most 500 characters, not blank.", text(1, 500, FILLED_LINES);
    Note = "At most 500 characters.", text(0, 500, LINES);
    ProfileText = "At most 2,000 characters.", text(0, 2_000, LINES);
    TradeNotes = "At most 10,000 characters.", text(0, 10_000, LINES);
    TradeSymbol = "An instrument as the journal names it: at most 64 characters.", text(1, 64, LINE);
    Tag = "At most 40 characters, without comma and semicolon.",
        text(1, 40, r"^[^,;\x00-\x1f\x7f-\x9f]+$");
    RuleName = "What a rule is called in its account.", ObjectBuilder::new()
        .schema_type(Type::String).min_length(Some(1)).max_length(Some(64));
    Email = "Something, one `@`, and a host with a point.",
        text(5, 254, r"^[^@\s\x00-\x1f\x7f-\x9f]+@[^@.\s\x00-\x1f\x7f-\x9f]+(\.[^@.\s\x00-\x1f\x7f-\x9f]+)+$");
    NewPassword = "12 to 128 characters, none of the common ones.", password(12);
    TypedPassword = "The password as it was chosen.", password(1);
    MailToken = "What stands behind the `#` of a link in a mail.", password(1);
    CurrencyName = "ISO code or name of a coin: 2 to 10 capital letters and digits.",
        text(2, 10, "^[A-Z0-9]{2,10}$");
    InstrumentName = "An instrument as a broker names it.", text(1, 32, "^[A-Za-z0-9._#+&/!$^@-]{1,32}$");
    InstrumentSuffix = "The end of a broker's names of instruments.",
        text(1, 16, "^[A-Za-z0-9._#+&/!$^@-]{1,16}$");
    MasterSlug = "3 to 40 small letters, digits and single dashes.", text(3, 40, "^[a-z0-9]+(-[a-z0-9]+)*$");
    MasterToken = "`MST-` and 32 digits or letters a to f.", text(36, 36, "^MST-[0-9a-f]{32}$");
    TicketNumber = "A whole number from 1 to 9223372036854775807, as text.", text(1, 19, "^[1-9][0-9]{0,18}$");
    TimeZoneName = "Name of a time zone, as Asia/Bangkok.", text(1, 64, "^[A-Za-z0-9/_+-]{1,64}$");
    ExchangeSecretText = "As the exchange shows it, without blanks.",
        password(8).max_length(Some(256)).pattern(Some("^[A-Za-z0-9_.~+/=-]{8,256}$"));
    TimeOfDay = "Hour and minute, as 17:00.", text(5, 5, "^([01][0-9]|2[0-3]):[0-5][0-9]$");

    Amount = "Money, up to 1,000,000,000,000,000 with 12 decimals.",
        figure(r"^-?[0-9]{1,15}(\.[0-9]{1,12})?$");
    UnsignedAmount = "As an amount, not below zero.", figure(r"^[0-9]{1,15}(\.[0-9]{1,12})?$");
    PositiveAmount = "As an amount, above zero.",
        figure(r"^([1-9][0-9]{0,14}(\.[0-9]{1,12})?|0\.[0-9]{0,11}[1-9]0{0,4})$");
    Balance = "Money of an account: not below zero, with 8 decimals.",
        figure(r"^[0-9]{1,15}(\.[0-9]{1,8})?$");
    Size = "A size or factor: above zero, up to 10,000 with 8 decimals.",
        figure(r"^([1-9][0-9]{0,3}(\.[0-9]{1,8})?|10000|0\.[0-9]{0,7}[1-9]0{0,4})$");
    UnitsPerLot = "Units of one lot: above zero, up to 1,000,000.",
        figure(r"^([1-9][0-9]{0,5}(\.[0-9]{1,20})?|1000000|0\.[0-9]{0,26}[1-9]0{0,4})$");
    Fraction = "Above 0 to 1 with 8 decimals.", figure(r"^(1|0\.[0-9]{0,7}[1-9]0{0,4})$");
    Slippage = "A fraction from 0 to 0.1.", figure(r"^0(\.0[0-9]{0,26}|\.10*)?$");
    Percent = "Above 0 to 100 with 4 decimals.",
        figure(r"^(100|[1-9][0-9]?(\.[0-9]{1,4})?|0\.[0-9]{0,3}[1-9]0{0,4})$");
    MarkPercent = "Percent of a limit that is left, up to 1,000,000.",
        figure(r"^-?[0-9]{1,6}(\.[0-9]{1,12})?$");
    Quantity = "From 0.00000001 to 1,000,000,000.",
        figure(r"^([1-9][0-9]{0,8}(\.[0-9]{1,12})?|1000000000|0\.[0-9]{0,7}[1-9][0-9]{0,8})$");
    TradeFigure = "A price or money of a trade, up to 1,000,000,000,000 with 10 decimals.",
        figure(r"^-?[0-9]{1,12}(\.[0-9]{1,10})?$");
    TradeSize = "As a figure of a trade, above zero.",
        figure(r"^([1-9][0-9]{0,11}(\.[0-9]{1,10})?|0\.[0-9]{0,9}[1-9]0{0,4})$");
}

fn text(least: usize, most: usize, pattern: &str) -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(most)).pattern(Some(pattern));
    if least == 0 { text } else { text.min_length(Some(least)) }
}

fn password(least: usize) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
        .min_length(Some(least))
        .max_length(Some(flotilla_security::password::MAX_CHARS))
}

fn figure(pattern: &str) -> ObjectBuilder {
    let format = SchemaFormat::Custom("decimal".to_owned());
    text(1, LONGEST_FIGURE, pattern).format(Some(format))
}

#[cfg(test)]
mod tests {
    use flotilla_domain::lots::Lots;
    use flotilla_domain::risk::amount::is_bounded;
    use flotilla_domain::symbol::Symbol;
    use flotilla_domain::ticket::Ticket;
    use regex::Regex;
    use rust_decimal::Decimal;

    use super::*;
    use crate::dto::figure::Figure;
    use crate::dto::patched::Patched;
    use crate::dto::rules;

    const ODD: [&str; 24] = [
        "",
        " ",
        "a",
        " a ",
        "a\nb",
        "a\0b",
        "\u{85}",
        "a,b",
        "a-b",
        "-a",
        "a--b",
        "A1",
        "USD",
        "usd",
        "a@b",
        "a@b.c",
        "a b@c.d",
        "a@b..c",
        "XAUUSD.m",
        "AUTH",
        "007",
        "9223372036854775807",
        "0",
        "Asia/Bangkok",
    ];
    const NUMBERS: [&str; 20] = [
        "0",
        "1",
        "-1",
        "0.1",
        "0.10",
        "0.00000001",
        "0.000000001",
        "0.0000000000001",
        "100",
        "100.0001",
        "99.99999",
        "10000",
        "10001",
        "1000000",
        "1000001",
        "1000000000000",
        "1000000000000001",
        "1e3",
        "+1",
        "1,5",
    ];

    /// Whether the document lets a text through.
    fn takes<T: PartialSchema>(text: &str) -> bool {
        let RefOr::T(Schema::Object(schema)) = T::schema() else { return false };
        let chars = text.chars().count();
        let fits = schema.min_length.is_none_or(|least| chars >= least)
            && schema.max_length.is_none_or(|most| chars <= most);
        fits && schema.pattern.is_none_or(|pattern| Regex::new(&pattern).expect("a pattern").is_match(text))
    }

    fn number(text: &str) -> Option<Decimal> {
        serde_json::from_str::<Figure>(&format!("\"{text}\"")).ok().map(|figure| figure.0)
    }

    #[test]
    fn the_document_takes_the_texts_that_the_rules_take() {
        for text in ODD {
            let some = Some(text.to_owned());
            assert_eq!(takes::<Line>(text), rules::name(text, &()).is_ok(), "{text:?}");
            assert_eq!(takes::<Grounds>(text), rules::reason(text, &()).is_ok(), "{text:?}");
            assert_eq!(takes::<Note>(text), rules::optional_note(&some, &()).is_ok(), "{text:?}");
            assert_eq!(takes::<Email>(text), rules::email(text, &()).is_ok(), "{text:?}");
            assert_eq!(takes::<CurrencyName>(text), rules::currency(&some, &()).is_ok(), "{text:?}");
            assert_eq!(takes::<InstrumentName>(text), text.parse::<Symbol>().is_ok(), "{text:?}");
            assert_eq!(takes::<TicketNumber>(text), text.parse::<Ticket>().is_ok(), "{text:?}");
            let slug = Patched::Set(text.to_owned());
            assert_eq!(takes::<MasterSlug>(text), rules::patched_slug(&slug, &()).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn the_document_takes_the_figures_that_the_rules_take() {
        for text in NUMBERS {
            let of = |is_fit: fn(Decimal) -> bool| number(text).is_some_and(is_fit);
            let lots = |number| rules::lots(&Figure(number), &()).is_ok() && number <= Lots::MAX;
            assert_eq!(takes::<Amount>(text), of(is_bounded), "{text}");
            assert_eq!(
                takes::<PositiveAmount>(text),
                of(|one| one > Decimal::ZERO && is_bounded(one)),
                "{text}"
            );
            assert_eq!(takes::<Size>(text), of(lots), "{text}");
            let balance = |number| rules::balance(&Some(Figure(number)), &()).is_ok();
            assert_eq!(takes::<Balance>(text), of(balance), "{text}");
            let fraction = |number| rules::patched_fraction(&Patched::Set(Figure(number)), &()).is_ok();
            assert_eq!(takes::<Fraction>(text), of(fraction), "{text}");
            let slippage = |number| rules::patched_slippage(&Patched::Set(Figure(number)), &()).is_ok();
            assert_eq!(takes::<Slippage>(text), of(slippage), "{text}");
        }
    }
}
