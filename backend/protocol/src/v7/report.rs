//! What terminals report beside their v7 lines: figures, positions, instruments.

use super::client::{AccountReport, ClientLine, PositionReport, SymbolReport, Watched};
use crate::error::DecodeError;
use crate::field::Fields;

/// Length of a copy's identifier.
const COPY_ID: usize = 26;
const FIELDS_WATCHED: usize = 9;

/// `BALANCE|EQUITY|MARGIN|FREE_MARGIN|CURRENCY|LEVERAGE[|HIGH|LOW|AT_MS[|SENT_MS[|CASH_TOTAL or -]]]`.
pub(super) fn account(fields: Fields<'_>) -> Result<ClientLine, DecodeError> {
    let [balance, equity, margin, free_margin, currency, leverage] = fields.split_at_least()?;
    let currency = fields.currency("currency", currency)?;
    let leverage = fields.whole::<i32>("leverage", leverage)?;
    if leverage < 1 {
        return Err(fields.bad("leverage"));
    }
    Ok(ClientLine::Account(AccountReport {
        balance: fields.amount("balance", balance)?,
        equity: fields.amount("equity", equity)?,
        margin: fields.amount("margin", margin)?,
        free_margin: fields.amount("free margin", free_margin)?,
        currency,
        leverage,
        watched: watched(fields)?,
    }))
}

/// All three or none: a line that was cut off is not half read.
fn watched(fields: Fields<'_>) -> Result<Option<Watched>, DecodeError> {
    if fields.text.split('|').count() < FIELDS_WATCHED - 2 {
        return Ok(None);
    }
    let [_, _, _, _, _, _, high, low, at_ms] = fields.split_at_least()?;
    let (high, low) = (fields.amount("high", high)?, fields.amount("low", low)?);
    if low > high {
        return Err(fields.bad("low"));
    }
    let mut later = fields.text.split('|').skip(FIELDS_WATCHED).map(str::trim);
    let (sent, cash) = (later.next(), later.next().filter(|cash| *cash != "-"));
    let sent_ms = sent.map(|sent| fields.moment("time sent", sent)).transpose()?;
    let cash_total = cash.map(|cash| fields.amount("cash total", cash)).transpose()?;
    Ok(Some(Watched { high, low, at_ms: fields.moment("time", at_ms)?, sent_ms, cash_total }))
}

/// `CONNECTED`, 0 or 1.
pub(super) fn positions_begin(fields: Fields<'_>) -> Result<ClientLine, DecodeError> {
    let [connected] = fields.split_at_least()?;
    match connected {
        "0" => Ok(ClientLine::PositionsBegin { is_connected: false }),
        "1" => Ok(ClientLine::PositionsBegin { is_connected: true }),
        _ => Err(fields.bad("connected")),
    }
}

/// `TICKET|SYMBOL|SIDE|LOTS|OPEN_PRICE|SL|TP|PROFIT|SWAP|MAGIC|COPY_ID or -|OPENED_AT_MS`.
pub(super) fn position(fields: Fields<'_>) -> Result<ClientLine, DecodeError> {
    let [ticket, symbol, side, lots, open_price, sl, tp, profit, swap, magic, copy_id, opened_at] =
        fields.split_at_least()?;
    fields.amount("lots", lots)?;
    Ok(ClientLine::Position(PositionReport {
        ticket: fields.read("ticket", ticket)?,
        symbol: fields.read("symbol", symbol)?,
        side: fields.read("side", side)?,
        lots: fields.read("lots", lots)?,
        open_price: fields.read("open price", open_price)?,
        stop_loss: fields.optional_price("sl", sl)?,
        take_profit: fields.optional_price("tp", tp)?,
        profit: fields.amount("profit", profit)?,
        swap: fields.amount("swap", swap)?,
        magic: fields.read("magic", magic)?,
        copy_id: copy(fields, copy_id)?,
        opened_at_ms: fields.moment("time", opened_at)?,
    }))
}

fn copy(fields: Fields<'_>, text: &str) -> Result<Option<String>, DecodeError> {
    let is_sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    match text {
        "-" => Ok(None),
        _ if text.len() == COPY_ID && text.bytes().all(is_sound) => Ok(Some(text.to_owned())),
        _ => Err(fields.bad("copy")),
    }
}

/// `COUNT[|PENDING]`.
pub(super) fn positions_end(fields: Fields<'_>) -> Result<ClientLine, DecodeError> {
    let [count] = fields.split_at_least()?;
    let pending = fields.text.split('|').nth(1).map(str::trim);
    let pending = pending.map(|pending| fields.whole("pending orders", pending)).transpose()?;
    Ok(ClientLine::PositionsEnd { count: fields.whole("count", count)?, pending })
}

/// `NAME|CONTRACT_SIZE|DIGITS|TICK_SIZE|TICK_VALUE|LOT_MIN|LOT_STEP|LOT_MAX|PROFIT_CURRENCY`.
pub(super) fn symbol(fields: Fields<'_>) -> Result<ClientLine, DecodeError> {
    let [name, contract_size, digits, tick_size, tick_value, lots_min, lots_step, lots_max, currency] =
        fields.split_at_least()?;
    Ok(ClientLine::Symbol(SymbolReport {
        symbol: fields.read("symbol", name)?,
        contract_size: fields.positive("contract size", contract_size)?,
        digits: fields.digits(digits)?,
        tick_size: fields.positive("tick size", tick_size)?,
        tick_value: fields.positive("tick value", tick_value)?,
        lots_min: fields.positive("lot min", lots_min)?,
        lots_step: fields.positive("lot step", lots_step)?,
        lots_max: fields.positive("lot max", lots_max)?,
        profit_currency: fields.currency("profit currency", currency)?,
    }))
}
