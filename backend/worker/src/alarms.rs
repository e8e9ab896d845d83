//! What owners are told about copies and positions, in the words of the inbox.

use flotilla_domain::alert::AlertKind;
use flotilla_domain::copy::order::{CopyOrder, CopyState};
use flotilla_domain::copy::venue_order::ExitKind;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::ticket::Ticket;
use flotilla_engine::Cause;
use flotilla_store::alerts::{self, NewAlert};
use flotilla_store::changes::Change;
use flotilla_store::copy_orders::held::LongInDoubt;
use flotilla_store::copy_orders::settle::CopyChange;
use flotilla_store::ea_login::EaLogin;
use flotilla_store::orphans::OrderedPosition;
use flotilla_store::pair_closes::Unhedged;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::gateway::Gateway;

/// Tickets that an alert names.
const SHOWN: usize = 10;

/// What the owners of copies that moved are told.
pub(crate) fn of_changes(changes: &[CopyChange]) -> Vec<NewAlert> {
    changes.iter().filter_map(of_change).collect()
}

fn of_change(change: &CopyChange) -> Option<NewAlert> {
    let kind = if change.to == CopyState::Attention {
        AlertKind::Attention
    } else if change.cause == Cause::Listed.as_str() && change.copy.state == CopyState::Closed {
        AlertKind::TicketReopened
    } else if change.to == CopyState::Failed && change.cause == Cause::AckOpenFail.as_str() {
        return Some(refused(change));
    } else {
        return None;
    };
    Some(of_copy(kind, change))
}

/// A follower that refuses one open may refuse many: they are counted.
fn refused(change: &CopyChange) -> NewAlert {
    let mut alert = of_copy(AlertKind::OpenRefused, change);
    alert.dedupe_key = format!("{}:{}", AlertKind::OpenRefused, change.copy.follower_id);
    alert
}

/// A position whose ticket was never listed while another of its symbol was.
pub(crate) fn netting(change: &CopyChange) -> NewAlert {
    let mut alert = of_copy(AlertKind::NettingSuspected, change);
    alert.dedupe_key = format!("{}:{}", AlertKind::NettingSuspected, change.copy.follower_id);
    alert
}

fn of_copy(kind: AlertKind, change: &CopyChange) -> NewAlert {
    let mut alert = of_order(kind, &change.copy);
    let reason = change.reason.map(flotilla_domain::copy::reason::ReasonCode::as_str);
    if let Some(detail) = alert.detail.as_object_mut() {
        detail.extend([("words".to_owned(), json!(change.detail)), ("reason".to_owned(), json!(reason))]);
    }
    alert
}

fn of_order(kind: AlertKind, copy: &CopyOrder) -> NewAlert {
    NewAlert {
        owner_id: copy.owner_id,
        kind,
        account_id: Some(copy.follower_id),
        copy_id: Some(copy.id),
        detail: json!({
            "symbol": copy.symbol.as_str(),
            "side": copy.side.as_str(),
            "master_ticket": copy.master_ticket.to_string(),
            "ticket": copy.follower_ticket,
        }),
        dedupe_key: format!("{kind}:{}", copy.id),
    }
}

/// A copy whose stop or target the exchange does not take: it is closed, or its owner's own stop is in the way.
pub(crate) fn unguarded(copy: &CopyOrder, (kind, words): (ExitKind, &str)) -> NewAlert {
    let mut alert = of_order(AlertKind::Attention, copy);
    if let Some(detail) = alert.detail.as_object_mut() {
        detail.extend([("words".to_owned(), json!(words)), ("exit".to_owned(), json!(kind.as_str()))]);
    }
    alert
}

/// A copy whose position the exchange lists no more, or not all of it, though nothing says what closed it.
pub(crate) fn unexplained(copy: &CopyOrder) -> NewAlert {
    let mut alert = of_order(AlertKind::Attention, copy);
    if let Some(detail) = alert.detail.as_object_mut() {
        detail.insert("is_gone".to_owned(), json!(true));
    }
    alert
}

/// A copy that has been in doubt for long.
pub(crate) fn long_in_doubt(copy: &LongInDoubt) -> NewAlert {
    NewAlert {
        owner_id: copy.owner_id,
        kind: AlertKind::Unconfirmed,
        account_id: Some(copy.follower_id),
        copy_id: Some(copy.copy_id),
        detail: json!({}),
        dedupe_key: format!("{}:{}", AlertKind::Unconfirmed, copy.copy_id),
    }
}

/// Positions that no copy owns.
pub(crate) fn orphans(owner: OwnerId, account: AccountId, tickets: &[Ticket]) -> NewAlert {
    of_account(AlertKind::OrphanPosition, (owner, account), listed(tickets))
}

/// Coins at an exchange that orders under names of ours opened, and that no row knows; where the account has a copy that
/// such a name says, it is the one that the alert is about. What is told of one contract takes the place of nothing else.
pub(crate) fn orders_lost(
    (owner, account): (OwnerId, AccountId),
    symbol: &str,
    positions: &[&OrderedPosition],
) -> NewAlert {
    let tickets: Vec<Ticket> = positions.iter().map(|one| one.ticket).collect();
    let coins: Decimal = positions.iter().map(|one| one.coins).sum();
    let side = positions.first().map(|one| one.side.as_str());
    let oldest = positions.iter().map(|one| one.age_ms).max().unwrap_or_default();
    let copy = positions.iter().find_map(|one| one.copy);
    let mut alert = orphans(owner, account, &tickets);
    alert.copy_id = copy.map(|copy| copy.copy_id);
    if let Some(detail) = alert.detail.as_object_mut() {
        detail.extend([
            ("symbol".to_owned(), json!(symbol)),
            ("side".to_owned(), json!(side)),
            ("coins".to_owned(), json!(coins.normalize().to_string())),
            ("minutes".to_owned(), json!(oldest / 60_000)),
            ("is_ours".to_owned(), json!(true)),
            ("is_known".to_owned(), json!(copy.is_some())),
        ]);
    }
    alert.dedupe_key = format!("{}:{symbol}:{}", alert.dedupe_key, side.unwrap_or_default());
    alert
}

/// Trades of a master of which no signal told; one alert a chart, for another chart's would take its place.
pub(crate) fn missed_opens(login: &EaLogin, chart: Uuid, tickets: &[Ticket]) -> NewAlert {
    let mut alert = of_account(AlertKind::MissedOpen, (login.owner_id, login.account_id), listed(tickets));
    alert.dedupe_key = format!("{}:{chart}", alert.dedupe_key);
    alert
}

/// A master at an exchange trades without a pause, so that where it stands cannot be read: nothing of it is copied yet.
pub(crate) fn restless(owner: OwnerId, account: AccountId) -> NewAlert {
    let mut alert = of_account(AlertKind::MissedOpen, (owner, account), json!({ "is_restless": true }));
    alert.dedupe_key = restless_key(account);
    alert
}

/// The key of the alert about a master that trades without a pause.
pub(crate) fn restless_key(account: AccountId) -> String {
    format!("{}:{account}:restless", AlertKind::MissedOpen)
}

/// A master's trade is not listed any more by a chart that may be its own.
pub(crate) fn missed_exit(copy: &CopyOrder) -> NewAlert {
    of_order(AlertKind::MissedExit, copy)
}

/// A master's trade was over without a signal, so this copy was closed late.
pub(crate) fn exit_unseen(copy: &CopyOrder) -> NewAlert {
    of_order(AlertKind::ExitUnseen, copy)
}

/// The master's owner is told of all such trades of a list together.
pub(crate) fn exits_unseen(login: &EaLogin, tickets: &[Ticket]) -> NewAlert {
    of_account(AlertKind::ExitUnseen, (login.owner_id, login.account_id), listed(tickets))
}

/// The master's trade, for which this copy was closed, is listed again.
pub(crate) fn back(copy: &CopyOrder) -> NewAlert {
    of_order(AlertKind::TicketReopened, copy)
}

/// A copy that does not close.
pub(crate) fn close_overdue(copy: &CopyOrder) -> NewAlert {
    of_order(AlertKind::CloseOverdue, copy)
}

/// A line that the database refused.
pub(crate) fn line_lost(owner: OwnerId, account: AccountId, words: &str) -> NewAlert {
    of_account(AlertKind::LineLost, (owner, account), json!({ "words": words }))
}

/// A master's ticket that was left and is back.
pub(crate) fn reopened(owner: OwnerId, master: AccountId, ticket: Ticket) -> NewAlert {
    let mut alert = of_account(AlertKind::TicketReopened, (owner, master), listed(&[ticket]));
    alert.dedupe_key = format!("{}:{ticket}", alert.dedupe_key);
    alert
}

/// A trade of a one-to-one master that its partner does not hold, and that is not closed yet.
pub(crate) fn unhedged(trade: &Unhedged) -> NewAlert {
    let mut detail = json!({ "master_ticket": trade.ticket.to_string(), "is_away": trade.is_away });
    let told = [("symbol", &trade.symbol), ("words", &trade.refusal)];
    if let Some(detail) = detail.as_object_mut() {
        detail.extend(
            told.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text.as_ref()?)))),
        );
    }
    let mut alert = of_account(AlertKind::TradeUnhedged, (trade.owner_id, trade.master_id), detail);
    alert.dedupe_key = unhedged_key(trade.id);
    alert
}

/// The key of the alert about a close that is owed.
pub(crate) fn unhedged_key(id: Uuid) -> String {
    format!("{}:{id}", AlertKind::TradeUnhedged)
}

/// An account, or the other side of its pair, is being stopped out.
pub(crate) fn stop_out(owner: OwnerId, account: AccountId, is_partner: bool) -> NewAlert {
    of_account(AlertKind::StopOut, (owner, account), json!({ "is_partner": is_partner }))
}

/// A key was used from an address that was not seen before.
pub(crate) fn address_changed(login: &EaLogin, address: &str) -> NewAlert {
    let detail = json!({ "address": address });
    let mut alert = of_account(AlertKind::KeyAddressChanged, (login.owner_id, login.account_id), detail);
    alert.dedupe_key = format!("{}:{address}", alert.dedupe_key);
    alert
}

/// A terminal said what cannot be read, or what is not its account's to say.
pub(crate) fn lines_refused(login: &EaLogin, why: &str) -> NewAlert {
    let detail = json!({ "why": why });
    of_account(AlertKind::LinesRefused, (login.owner_id, login.account_id), detail)
}

/// Figures of an account at an exchange are in another currency than its phase.
pub(crate) fn figures_refused(login: &EaLogin, said: &str, phase: &str) -> NewAlert {
    let detail = json!({ "said": said, "phase": phase });
    let mut alert = of_account(AlertKind::LinesRefused, (login.owner_id, login.account_id), detail);
    alert.dedupe_key = figures_key(login.account_id);
    alert
}

/// The key of the alert about figures of an account that do not fit its phase.
pub(crate) fn figures_key(account: AccountId) -> String {
    format!("{}:{account}:currency", AlertKind::LinesRefused)
}

/// What closes or protects positions of an account at an exchange does not get through.
pub(crate) fn in_vain(owner: OwnerId, account: AccountId, times: u32, words: &str) -> NewAlert {
    of_account(AlertKind::ProtectionFailing, (owner, account), json!({ "times": times, "text": words }))
}

/// An exchange's clock says something else than this server's.
pub(crate) fn clock_off(person: OwnerId, environment: &str, ahead_ms: i64) -> NewAlert {
    NewAlert {
        owner_id: person,
        kind: AlertKind::ExchangeClockOff,
        account_id: None,
        copy_id: None,
        detail: json!({ "environment": environment, "seconds": Decimal::new(ahead_ms.abs(), 3).round_dp(1).to_string() }),
        dedupe_key: clock_key(environment),
    }
}

/// The key of the alert about an exchange's clock.
pub(crate) fn clock_key(environment: &str) -> String {
    format!("{}:{environment}", AlertKind::ExchangeClockOff)
}

fn of_account(kind: AlertKind, (owner, account): (OwnerId, AccountId), detail: Value) -> NewAlert {
    NewAlert {
        owner_id: owner,
        kind,
        account_id: Some(account),
        copy_id: None,
        detail,
        dedupe_key: format!("{kind}:{account}"),
    }
}

fn listed(tickets: &[Ticket]) -> Value {
    let shown: Vec<String> = tickets.iter().take(SHOWN).map(ToString::to_string).collect();
    json!({ "tickets": shown.join(", "), "count": tickets.len() })
}

/// Raises what nobody else would know. Should that fail, too, the log has it.
pub(crate) async fn raise_lost(gateway: &Gateway, lost: &[NewAlert]) {
    match gateway.db.open(async |tx| alerts::raise_all(tx, lost).await).await {
        Ok(raised) => tell(gateway, &raised),
        Err(error) => tracing::error!(%error, "owners could not be told of lines that are lost"),
    }
}

/// Hints at alerts that were raised.
pub(crate) fn tell(gateway: &Gateway, raised: &[Change]) {
    for change in raised {
        gateway.hint(change.kind, change.owner, change.account, change.id);
    }
}
