//! What a field must look like. Each refusal is `code: detail`; the code is
//! stable and meant for programs.
#![expect(
    clippy::ref_option,
    clippy::trivially_copy_pass_by_ref,
    reason = "the validation hands over references to the field and to its context, which is empty here"
)]

use flotilla_domain::copy::settings::{DEFAULT_MAX_AGE_S, SizingMode, SubscriptionState};
use flotilla_domain::lots::Lots;
use flotilla_domain::risk::amount::MAX;
use flotilla_domain::stats::clock::LocalClock;
use flotilla_domain::symbol::Symbol;
use garde::Error;
use rust_decimal::Decimal;

use crate::dto::copy_settings::PatchSizing;
use crate::dto::figure::Figure;
use crate::dto::patched::Patched;
use crate::dto::words::SubscriptionStateWord;

type Checked = Result<(), Error>;

/// Longest wait before an open is stale, in seconds.
const LONGEST_MAX_AGE_S: i32 = 120;
/// Longest description of a public profile.
const LONGEST_DESCRIPTION: usize = 2_000;
/// Longest reason or note.
const LONGEST_REASON: usize = 500;
/// More open copies of one master are no limit.
const MOST_OPEN_COPIES: i32 = 10_000;
/// Decimals of sizes, factors and fractions.
const MOST_DECIMALS: u32 = 8;

fn refuse(code: &str, detail: &str) -> Checked {
    Err(Error::new(format!("{code}: {detail}")))
}

fn length(text: &str, longest: usize) -> Checked {
    let chars = text.trim().chars().count();
    if chars == 0 {
        return refuse("required", "must not be empty");
    }
    if chars > longest {
        return refuse("too_long", &format!("use at most {longest} characters"));
    }
    if text.chars().any(char::is_control) {
        return refuse("invalid", "must not contain control characters");
    }
    Ok(())
}

/// A shown name: 1 to 100 characters.
pub fn name(text: &str, (): &()) -> Checked {
    length(text, 100)
}

/// A label or foreign number: 1 to 100 characters when given.
pub fn label(text: &Option<String>, (): &()) -> Checked {
    text.as_deref().map_or(Ok(()), |text| length(text, 100))
}

/// As [`label`], where null removes the value.
pub fn patched_label(text: &Patched<String>, (): &()) -> Checked {
    text.set().map_or(Ok(()), |text| length(text, 100))
}

/// Why something was done: 1 to 500 characters, also of several lines.
pub fn reason(text: &str, (): &()) -> Checked {
    if text.trim().is_empty() {
        return refuse("required", "must not be empty");
    }
    several_lines(text, LONGEST_REASON)
}

/// As [`reason`], when given.
pub fn optional_reason(text: &Option<String>, (): &()) -> Checked {
    text.as_deref().map_or(Ok(()), |text| reason(text, &()))
}

/// At most 500 characters, also of several lines, when given.
pub fn optional_note(text: &Option<String>, (): &()) -> Checked {
    text.as_deref().map_or(Ok(()), |text| several_lines(text, LONGEST_REASON))
}

/// As [`name`], when given.
pub fn optional_name(text: &Option<String>, (): &()) -> Checked {
    text.as_deref().map_or(Ok(()), |text| length(text, 100))
}

/// An e-mail address, judged by its form only: something, one `@`, something
/// with a point. Whether it exists shows when mail is sent there.
pub fn email(text: &str, (): &()) -> Checked {
    let text = text.trim();
    let parts = text.split_once('@').filter(|(user, host)| !user.is_empty() && host.contains('.'));
    let is_plain = text.chars().all(|char| !char.is_whitespace() && !char.is_control());
    let has_host =
        parts.is_some_and(|(_, host)| !host.contains('@') && host.split('.').all(|label| !label.is_empty()));
    if text.len() > 254 || !is_plain || !has_host {
        return refuse("invalid_email", "this is not an e-mail address");
    }
    Ok(())
}

/// A new password: the policy of `security`.
pub fn new_password(text: &str, (): &()) -> Checked {
    use flotilla_security::PolicyError;
    let Err(error) = flotilla_security::password::check_policy(text) else { return Ok(()) };
    let code = match error {
        PolicyError::TooShort => "too_short",
        PolicyError::TooLong => "too_long",
        PolicyError::Common => "too_common",
    };
    refuse(code, &error.to_string())
}

/// A password to compare: anything that could ever have been one.
pub fn typed_password(text: &str, (): &()) -> Checked {
    if text.is_empty() {
        return refuse("required", "must not be empty");
    }
    if text.chars().count() > flotilla_security::password::MAX_CHARS {
        return refuse("too_long", "no password here is that long");
    }
    Ok(())
}

/// An exchange's key or secret.
pub fn exchange_secret(text: &str, (): &()) -> Checked {
    if text.is_empty() {
        return refuse("required", "must not be empty");
    }
    if flotilla_security::exchange_secret::is_secret(text) {
        return Ok(());
    }
    refuse("invalid", "copy it as the exchange shows it: 8 to 256 letters and digits, without blanks")
}

/// ISO code or coin name: 2 to 10 capital letters and digits.
pub fn currency(text: &Option<String>, (): &()) -> Checked {
    let Some(text) = text else { return Ok(()) };
    let fits = (2..=10).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if fits { Ok(()) } else { refuse("invalid_currency", "use 2 to 10 capital letters and digits") }
}

/// A figure that is not edited with the rest of an account.
pub fn not_here(value: &Patched<serde_json::Value>, (): &()) -> Checked {
    if value.is_named() {
        return refuse("not_editable", "hand it over with POST .../snapshots, and say what made the change");
    }
    Ok(())
}

/// Name of a time zone that the library of zones knows.
pub fn time_zone(text: &Option<String>, (): &()) -> Checked {
    let Some(text) = text else { return Ok(()) };
    let fits = (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'+'));
    if fits && LocalClock::new(text).is_ok() {
        Ok(())
    } else {
        refuse("invalid_time_zone", "use a name like Asia/Bangkok")
    }
}

/// A master token in its exact form, when given.
pub fn master_token(text: &Option<String>, (): &()) -> Checked {
    let Some(text) = text else { return Ok(()) };
    if flotilla_security::api_key::is_master_token(text) {
        return Ok(());
    }
    refuse("invalid_master_token", "a master token is `MST-` and 32 digits or letters a to f")
}

/// The address of a public profile, where null removes it.
pub fn patched_slug(text: &Patched<String>, (): &()) -> Checked {
    let Some(text) = text.set() else { return Ok(()) };
    let fits = (3..=40).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--");
    if fits { Ok(()) } else { refuse("invalid_slug", "use 3 to 40 small letters, digits and single dashes") }
}

/// Text of several lines, where null removes it.
pub fn patched_description(text: &Patched<String>, (): &()) -> Checked {
    text.set().map_or(Ok(()), |text| several_lines(text, LONGEST_DESCRIPTION))
}

fn several_lines(text: &str, longest: usize) -> Checked {
    if text.chars().count() > longest {
        return refuse("too_long", &format!("use at most {longest} characters"));
    }
    if text.chars().any(|char| char.is_control() && !matches!(char, '\n' | '\r' | '\t')) {
        return refuse("invalid", "must not contain control characters");
    }
    Ok(())
}

/// Name of an instrument.
pub fn symbol(text: &str, (): &()) -> Checked {
    match text.parse::<Symbol>() {
        Ok(_) => Ok(()),
        Err(error) => refuse("invalid_symbol", &error.to_string()),
    }
}

/// A price.
pub fn price(figure: &Figure, (): &()) -> Checked {
    above_zero(&Some(*figure), &())
}

/// A size in lots.
pub fn lots(figure: &Figure, (): &()) -> Checked {
    patched_lots(&Patched::Set(*figure), &())
}

/// A figure above zero, when given.
pub fn above_zero(figure: &Option<Figure>, (): &()) -> Checked {
    match figure {
        Some(Figure(value)) if *value <= Decimal::ZERO => refuse("not_positive", "must be above zero"),
        _ => Ok(()),
    }
}

/// A size in lots, where null removes it.
pub fn patched_lots(figure: &Patched<Figure>, (): &()) -> Checked {
    let Some(figure) = figure.set() else { return Ok(()) };
    above_zero(&Some(*figure), &())?;
    if figure.0 > Lots::MAX {
        return refuse("too_large", "no broker takes that many lots");
    }
    exact(figure.0)
}

/// A fraction, where null removes it.
pub fn patched_fraction(figure: &Patched<Figure>, (): &()) -> Checked {
    let Some(figure) = figure.set() else { return Ok(()) };
    above_zero(&Some(*figure), &())?;
    if figure.0 > Decimal::ONE {
        return refuse("too_large", "a fraction is at most 1, which is 100 %");
    }
    exact(figure.0)
}

/// A number of copies, where null removes it.
pub fn patched_open_copies(most: &Patched<i32>, (): &()) -> Checked {
    match most.set() {
        Some(most) if !(1..=MOST_OPEN_COPIES).contains(most) => {
            refuse("out_of_range", &format!("use 1 to {MOST_OPEN_COPIES}"))
        }
        _ => Ok(()),
    }
}

/// A value that its mode can have.
pub fn sizing(sizing: &PatchSizing, (): &()) -> Checked {
    let mode = sizing.mode.0;
    let Some(Figure(value)) = sizing.value else {
        return if mode == SizingMode::Same { Ok(()) } else { refuse("required", "this mode needs a value") };
    };
    if value > mode.largest_value() {
        return refuse("too_large", &format!("this mode takes at most {}", mode.largest_value()));
    }
    exact(value)
}

/// As [`sizing`], where null removes it.
pub fn patched_sizing(patch: &Patched<PatchSizing>, (): &()) -> Checked {
    let Some(patch) = patch.set() else { return Ok(()) };
    above_zero(&patch.value, &())?;
    sizing(patch, &())
}

/// More decimals than a size can have are a slip.
fn exact(value: Decimal) -> Checked {
    if value.normalize().scale() > MOST_DECIMALS {
        return refuse("too_precise", &format!("use at most {MOST_DECIMALS} decimals"));
    }
    Ok(())
}

/// Money of zero or more that the risk engine can calculate with, when given.
pub fn balance(figure: &Option<Figure>, (): &()) -> Checked {
    match figure {
        Some(Figure(value)) if *value < Decimal::ZERO => refuse("negative", "must not be below zero"),
        Some(Figure(value)) if *value > MAX => refuse("too_large", "no account is that large"),
        Some(Figure(value)) => exact(*value),
        None => Ok(()),
    }
}

/// As [`balance`], where null removes the value.
pub fn patched_balance(figure: &Patched<Figure>, (): &()) -> Checked {
    balance(&figure.set().copied(), &())
}

/// A fraction of a price, up to a tenth; null removes it.
pub fn patched_slippage(figure: &Patched<Figure>, (): &()) -> Checked {
    let tenth = Decimal::new(1, 1);
    match figure.set() {
        Some(figure) if figure.0 < Decimal::ZERO || figure.0 > tenth => {
            refuse("out_of_range", "use a fraction from 0 to 0.1")
        }
        _ => Ok(()),
    }
}

/// Seconds after which an open is stale.
pub fn max_age(seconds: &Option<i32>, (): &()) -> Checked {
    let seconds = seconds.unwrap_or(DEFAULT_MAX_AGE_S);
    if (1..=LONGEST_MAX_AGE_S).contains(&seconds) {
        Ok(())
    } else {
        refuse("out_of_range", "use 1 to 120 seconds")
    }
}

/// A state that its owner may set.
pub fn settable(state: &Option<SubscriptionStateWord>, (): &()) -> Checked {
    use SubscriptionState::{Active, CloseOnly, Ended, Paused, Pending};
    match state.map(|word| word.0) {
        None | Some(Active | CloseOnly | Paused) => Ok(()),
        Some(Pending | Ended) => refuse("not_settable", "use active, close_only or paused"),
    }
}
