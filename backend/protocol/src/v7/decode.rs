//! Lines of an EA → [`ClientLine`].

use std::collections::HashSet;

use flotilla_domain::copy::evidence::Evidence;
use flotilla_domain::money::Money;
use flotilla_domain::price::Price;
use flotilla_domain::signal::{CloseSignal, OpenSignal};
use flotilla_domain::ticket::Ticket;

use super::client::{ClientLine, Credential, PriceLine};
use super::report;
use crate::error::DecodeError;
use crate::field::Fields;

/// Longest text of a reason or alert that is kept, in characters.
const MAX_WORDS: usize = 200;

/// Decodes one line, already cut. Bytes that are not UTF-8 are replaced.
///
/// Verbs are case-sensitive; blanks around the line, its fields, keys and
/// tokens do not count.
///
/// # Errors
///
/// [`DecodeError::FieldCount`] or [`DecodeError::Field`] when the verb is known
/// and the rest is wrong. The line is dropped and counted; the connection stays.
pub fn decode(line: &[u8]) -> Result<ClientLine, DecodeError> {
    let text = String::from_utf8_lossy(line);
    let text = text.trim();
    if let Some((verb, rest)) = text.split_once(':')
        && let Some(decoded) = colon_line(verb, rest.trim())
    {
        return decoded;
    }
    let (verb, rest) = text.split_once('|').unwrap_or((text, ""));
    bar_line(verb, rest)
}

fn colon_line(verb: &str, rest: &str) -> Option<Result<ClientLine, DecodeError>> {
    Some(match verb {
        "AUTH" => Ok(ClientLine::Auth(Credential::new(rest))),
        "SUBSCRIBE" => Ok(ClientLine::Subscribe(Credential::new(rest))),
        "MASTER_SNAPSHOT" => tickets("MASTER_SNAPSHOT", rest).map(ClientLine::MasterSnapshot),
        "SLAVE_SNAPSHOT" => tickets("SLAVE_SNAPSHOT", rest).map(ClientLine::FollowerSnapshot),
        _ => return None,
    })
}

fn bar_line(verb: &str, text: &str) -> Result<ClientLine, DecodeError> {
    match verb {
        "CHECK_STATUS" => Ok(ClientLine::CheckStatus),
        "PING" => Ok(ClientLine::Ping),
        "REPORT_ONLY" => Ok(ClientLine::ReportOnly),
        "SIGNAL_OPEN" => signal_open(Fields { verb: "SIGNAL_OPEN", text }),
        "SIGNAL_CLOSE" => signal_close(Fields { verb: "SIGNAL_CLOSE", text }),
        "ACK_OPEN" => ack_open(Fields { verb: "ACK_OPEN", text }),
        "ACK_OPEN_FAIL" => ack_open_fail(Fields { verb: "ACK_OPEN_FAIL", text }),
        "ACK_CLOSE" => ack_close(Fields { verb: "ACK_CLOSE", text }),
        "ACK_CLOSE_FAIL" => ack_close_fail(Fields { verb: "ACK_CLOSE_FAIL", text }),
        "ACK_CLOSE_SO" => ack_close_other(Fields { verb: "ACK_CLOSE_SO", text }),
        "CMD_PRICE" => price(Fields { verb: "CMD_PRICE", text }),
        "CMD_INIT_SYMBOL" => init_symbol(Fields { verb: "CMD_INIT_SYMBOL", text }),
        "CMD_SET_MODE" => Ok(ClientLine::SetMode(text.trim().parse().ok())),
        "ACCOUNT" => report::account(Fields { verb: "ACCOUNT", text }),
        "POSITIONS_BEGIN" => report::positions_begin(Fields { verb: "POSITIONS_BEGIN", text }),
        "POSITION" => report::position(Fields { verb: "POSITION", text }),
        "POSITIONS_END" => report::positions_end(Fields { verb: "POSITIONS_END", text }),
        "SYMBOL" => report::symbol(Fields { verb: "SYMBOL", text }),
        "ALERT_STOP_OUT" => Ok(ClientLine::StopOutAlert(words(text))),
        _ => Ok(ClientLine::Unknown),
    }
}

/// `SIDE|SYMBOL|PRICE|LOTS|SL|TP|TICKET`. A stop of `0` or `0.00` means none.
fn signal_open(fields: Fields<'_>) -> Result<ClientLine, DecodeError> {
    let [side, symbol, price, lots, sl, tp, ticket] = fields.split()?;
    Ok(ClientLine::SignalOpen(OpenSignal {
        side: fields.read("side", side)?,
        symbol: fields.read("symbol", symbol)?,
        price: fields.read("price", price)?,
        lots: fields.read("lots", lots)?,
        stop_loss: fields.optional_price("sl", sl)?,
        take_profit: fields.optional_price("tp", tp)?,
        ticket: fields.read("ticket", ticket)?,
    }))
}

/// `SYMBOL|TICKET|PRICE|PROFIT`.
fn signal_close(fields: Fields<'_>) -> Result<ClientLine, DecodeError> {
    let [symbol, ticket, price, profit] = fields.split()?;
    Ok(ClientLine::SignalClose(CloseSignal {
        symbol: fields.read("symbol", symbol)?,
        ticket: fields.read("ticket", ticket)?,
        price: fields.optional_price("price", price)?,
        profit: fields.read("profit", profit)?,
    }))
}

/// `MASTER_TICKET|TICKET|LOTS|SIDE`. Lots have two decimals: less than half of the last is written as `0.00`, and is a
/// position all the same.
fn ack_open(fields: Fields<'_>) -> Result<ClientLine, DecodeError> {
    let [master_ticket, ticket, lots, side] = fields.split_at_least()?;
    let evidence = Evidence::Opened {
        ticket: fields.read("ticket", ticket)?,
        lots: fields.optional_lots("lots", lots)?,
        side: fields.read("side", side)?,
    };
    Ok(ClientLine::Ack { master_ticket: fields.read("master ticket", master_ticket)?, evidence })
}

/// `MASTER_TICKET|REASON`; the reason may hold bars.
fn ack_open_fail(fields: Fields<'_>) -> Result<ClientLine, DecodeError> {
    let (master_ticket, reason) = fields.first_and_rest()?;
    let evidence = Evidence::OpenRefused { reason: words(reason) };
    Ok(ClientLine::Ack { master_ticket: fields.read("master ticket", master_ticket)?, evidence })
}

/// `MASTER_TICKET|PRICE|PROFIT`.
fn ack_close(fields: Fields<'_>) -> Result<ClientLine, DecodeError> {
    let [master_ticket, price, profit] = fields.split_at_least()?;
    let price = fields.optional_price("price", price)?;
    let profit = fields.read::<Money>("profit", profit)?;
    let evidence = Evidence::Closed { price: price.map(Price::value), profit };
    Ok(ClientLine::Ack { master_ticket: fields.read("master ticket", master_ticket)?, evidence })
}

/// `MASTER_TICKET|REASON`; the reason may hold bars.
fn ack_close_fail(fields: Fields<'_>) -> Result<ClientLine, DecodeError> {
    let (master_ticket, reason) = fields.first_and_rest()?;
    let evidence = Evidence::CloseRefused { reason: words(reason) };
    Ok(ClientLine::Ack { master_ticket: fields.read("master ticket", master_ticket)?, evidence })
}

/// `TICKET|PRICE|PROFIT`.
fn ack_close_other(fields: Fields<'_>) -> Result<ClientLine, DecodeError> {
    let [ticket, price, profit] = fields.split_at_least()?;
    let price = fields.optional_price("price", price)?;
    let profit = fields.read::<Money>("profit", profit)?;
    let evidence = Evidence::ClosedByOther { price: price.map(Price::value), profit };
    Ok(ClientLine::AckCloseOther { ticket: fields.read("ticket", ticket)?, evidence })
}

/// `SYMBOL|BID|ASK`.
fn price(fields: Fields<'_>) -> Result<ClientLine, DecodeError> {
    let [symbol, bid, ask] = fields.split()?;
    Ok(ClientLine::Price(PriceLine {
        symbol: fields.read("symbol", symbol)?,
        bid: fields.optional_price("bid", bid)?,
        ask: fields.optional_price("ask", ask)?,
    }))
}

/// `SYMBOL|CONTRACT_SIZE|DIGITS`.
fn init_symbol(fields: Fields<'_>) -> Result<ClientLine, DecodeError> {
    let [symbol, contract_size, digits] = fields.split()?;
    let contract_size = fields.positive("contract size", contract_size)?;
    let digits = fields.digits(digits)?;
    Ok(ClientLine::InitSymbol { symbol: fields.read("symbol", symbol)?, contract_size, digits })
}

/// Tickets between commas; a trailing comma and blanks are fine, text is not:
/// acting on half a list would close what is open.
fn tickets(verb: &'static str, text: &str) -> Result<Vec<Ticket>, DecodeError> {
    let mut seen = HashSet::new();
    let mut tickets = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let ticket = word.parse().map_err(|_| DecodeError::Field { verb, field: "ticket" })?;
        if seen.insert(ticket) {
            tickets.push(ticket);
        }
    }
    Ok(tickets)
}

/// Words of the other side, bounded, control characters replaced.
fn words(text: &str) -> String {
    text.trim().chars().take(MAX_WORDS).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
