//! Stops and targets of a master at an exchange: where they are others than followers were told, that is a signal.
//!
//! What the stream tells only makes them doubtful; what counts is the list of orders that stand, read a little later, and
//! what followers were told is in the commit of the signal. So an event that comes twice or not at all changes nothing,
//! and a stop that is cancelled and placed anew a moment later is one change. One that is gone is believed to be gone
//! in a second look only: lists lag behind, and whoever moves a stop by hand takes his time. And only while its position
//! is seen to be open after that: those of a position that ends vanish with it, and nobody has taken them away.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::id::{AccountId, SignalId};
use flotilla_domain::price::Price;
use flotilla_domain::side::Side;
use flotilla_domain::signal::ModifySignal;
use flotilla_domain::symbol::Symbol;
use flotilla_domain::venue_trades::Slot;
use flotilla_exchange::bingx::client::Turn;
use flotilla_exchange::bingx::id;
use flotilla_exchange::bingx::model::{Direction, Order, Position};
use flotilla_exchange::limits::Priority;
use flotilla_store::signals::{self, Origin};
use flotilla_store::venue_accounts::whose;
use flotilla_store::venue_leads::{self, LeadPosition};
use flotilla_store::{StoreResult, Tx};
use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use uuid::Uuid;

use crate::failpoint::{self, Point};
use crate::gateway::Gateway;
use crate::ingest::{self, Told};
use crate::venue::exits::{self, Exits};
use crate::venue::stream::Listening;

/// Changes are collected for so long: whoever moves a stop cancels it first.
const LINGER: Duration = Duration::from_millis(700);
/// For so long a stop or target has to be gone until followers lose theirs.
const GONE: Duration = Duration::from_millis(2_500);
/// After a read that failed.
const AGAIN: Duration = Duration::from_secs(2);
const TURN: Duration = Duration::from_secs(5);

/// Contracts whose stops and targets may be others than followers were told, and when that is looked at.
#[derive(Debug, Default)]
pub(super) struct Levels {
    due: BTreeMap<String, Instant>,
    absences: Absences,
}

/// Stops and, where `true`, targets of which followers were told and which do not stand, since when.
#[derive(Debug, Default)]
struct Absences(BTreeMap<(String, Slot, bool), Instant>);

impl Absences {
    /// What followers are to be told of a position whose exits are `now`, and when to look again for what is not
    /// believed to be gone yet.
    fn believed(&mut self, position: &LeadPosition, now: Exits, at: Instant) -> (Exits, Option<Instant>) {
        let mut again: Option<Instant> = None;
        let mut level = |is_target: bool, told: Option<Decimal>, stands: Option<Price>| {
            let key = (position.symbol.clone(), position.slot, is_target);
            let (Some(told), None) = (told, stands) else {
                self.0.remove(&key);
                return stands;
            };
            let gone = *self.0.entry(key).or_insert(at) + GONE;
            if at >= gone {
                return None;
            }
            again = Some(again.map_or(gone, |known| known.min(gone)));
            Price::new(told.normalize()).ok()
        };
        let stop_loss = level(false, position.stop_loss, now.stop_loss);
        let take_profit = level(true, position.take_profit, now.take_profit);
        (Exits { stop_loss, take_profit }, again)
    }

    fn forget(&mut self, symbol: &str) {
        self.0.retain(|(known, ..), _| known != symbol);
    }
}

impl Levels {
    /// Something happened to a contract's orders.
    pub fn doubt(&mut self, symbol: &str) {
        let at = Instant::now() + LINGER;
        self.due.entry(symbol.to_owned()).and_modify(|due| *due = at.min(*due)).or_insert(at);
    }

    /// Something may have happened to the orders of all that followers have.
    pub async fn doubt_all(&mut self, gateway: &Gateway, account: AccountId) -> StoreResult<()> {
        let held = gateway.db.open(async |tx| venue_leads::list_positions(tx, account).await).await?;
        held.iter().filter(|one| one.ticket.is_some()).for_each(|one| self.doubt(&one.symbol));
        Ok(())
    }

    /// Looks at those that are due.
    pub async fn settle(&mut self, gateway: &Arc<Gateway>, listening: &Listening) {
        let now = Instant::now();
        let due: Vec<String> =
            self.due.iter().filter(|(_, at)| **at <= now).map(|(symbol, _)| symbol.clone()).collect();
        for symbol in due {
            self.due.remove(&symbol);
            let again = match look(gateway, listening, &symbol, &mut self.absences).await {
                Ok(again) => again,
                Err(words) => {
                    let account = listening.connected.login.account_id;
                    tracing::warn!(words, account.id = %account, symbol, "stop and target of a master's position cannot be told; they are looked at again");
                    Some(Instant::now() + AGAIN)
                }
            };
            if let Some(at) = again {
                self.due.insert(symbol, at);
            }
        }
    }
}

/// Compares what stands with what followers were told. When to do so again, if something may be gone.
async fn look(
    gateway: &Arc<Gateway>,
    listening: &Listening,
    symbol: &str,
    absences: &mut Absences,
) -> Result<Option<Instant>, String> {
    let account = listening.connected.login.account_id;
    let words = |error: flotilla_store::StoreError| error.to_string();
    let held =
        gateway.db.open(async |tx| venue_leads::list_positions(tx, account).await).await.map_err(words)?;
    let held: Vec<LeadPosition> =
        held.into_iter().filter(|one| one.symbol == symbol && one.ticket.is_some()).collect();
    if held.is_empty() {
        absences.forget(symbol);
        return Ok(None);
    }
    let Ok(contract) = id::Symbol::listed(symbol) else { return Ok(None) };
    let turn = Turn::within(Priority::Account, TURN);
    let orders = listening.account.open_orders(Some(&contract), turn).await;
    let orders = orders.map_err(|error| error.to_string())?;
    let read = Instant::now();
    let mut again: Option<Instant> = None;
    for position in held {
        let (now, look_at) = absences.believed(&position, standing(&orders, &position), read);
        again = again.into_iter().chain(look_at).min();
        if now.levels() == (position.stop_loss, position.take_profit) {
            continue;
        }
        if is_one_gone(&position, now) && !is_open(listening, &contract, &position).await? {
            // It was closed, or less of it is left than followers know: they hear of that first.
            again = again.into_iter().chain([Instant::now() + AGAIN]).min();
            continue;
        }
        let turn = gateway.turns.queue(account).await.turn().await;
        let id = SignalId::from_uuid(Uuid::now_v7());
        let stored = gateway.db.open(async |tx| store(tx, listening, (&position, now), id).await).await;
        drop(turn);
        failpoint::pass(Point::LeadStored);
        if let Some(told) = stored.map_err(words)? {
            ingest::tell(gateway, told, Instant::now()).await;
        }
    }
    Ok(again)
}

/// Whether followers would lose a stop or target.
fn is_one_gone(position: &LeadPosition, now: Exits) -> bool {
    position.stop_loss.is_some() && now.stop_loss.is_none()
        || position.take_profit.is_some() && now.take_profit.is_none()
}

/// Whether the exchange lists all that followers know of a position; read after the orders.
async fn is_open(
    listening: &Listening,
    contract: &id::Symbol,
    position: &LeadPosition,
) -> Result<bool, String> {
    let turn = Turn::within(Priority::Account, TURN);
    let listed = listening.account.positions(Some(contract), turn).await;
    let listed = listed.map_err(|error| error.to_string())?;
    Ok(is_listed(&listed, position))
}

fn is_listed(listed: &[Position], position: &LeadPosition) -> bool {
    let direction = match side(position) {
        Side::Buy => Direction::Long,
        Side::Sell => Direction::Short,
    };
    let is_it = |one: &&Position| one.symbol.as_str() == position.symbol && one.direction == direction;
    let held: Decimal = listed.iter().filter(is_it).map(|one| one.quantity).sum();
    held > Decimal::ZERO && held >= position.quantity.abs()
}

fn standing(orders: &[Order], position: &LeadPosition) -> Exits {
    exits::of(orders, (position.slot, side(position)))
}

const fn side(position: &LeadPosition) -> Side {
    if position.quantity.is_sign_negative() { Side::Sell } else { Side::Buy }
}

/// Stores the change unless the trade has ended, or the same was stored, since it was read.
async fn store(
    tx: &mut Tx,
    listening: &Listening,
    (position, now): (&LeadPosition, Exits),
    signal_id: SignalId,
) -> StoreResult<Option<Told>> {
    let login = listening.connected.login;
    signals::lock_master(tx, login.account_id).await?;
    let present = venue_leads::list_positions(tx, login.account_id).await?;
    let is_it = |one: &&LeadPosition| one.symbol == position.symbol && one.slot == position.slot;
    let Some(present) = present.iter().find(is_it).filter(|one| one.ticket == position.ticket) else {
        return Ok(None);
    };
    let (stop_loss, take_profit) = now.levels();
    let (Some(ticket), Ok(symbol)) = (present.ticket, Symbol::new(present.symbol.clone())) else {
        return Ok(None);
    };
    if (present.stop_loss, present.take_profit) == (stop_loss, take_profit) {
        return Ok(None);
    }
    let known = LeadPosition { stop_loss, take_profit, ..present.clone() };
    venue_leads::save_position(tx, whose(&login), &known).await?;
    let origin = Origin {
        signal_id,
        master_id: login.account_id,
        owner_id: login.owner_id,
        epoch: 0,
        line_hash: Sha256::digest(format!("levels {signal_id}").as_bytes()).into(),
        age_us: 0,
    };
    let Exits { stop_loss, take_profit } = now;
    let signal = ModifySignal { symbol, ticket, side: side(present), stop_loss, take_profit };
    let told = ingest::modify(tx, &origin, &signal).await?;
    failpoint::pass(Point::LeadStoring);
    Ok(Some(told))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(at: i64) -> Price {
        Price::new(Decimal::from(at)).unwrap()
    }

    fn position(quantity: i64) -> LeadPosition {
        LeadPosition {
            symbol: "BTC-USDT".to_owned(),
            slot: Slot::Both,
            quantity: Decimal::from(quantity),
            ticket: None,
            stop_loss: Some(Decimal::from(90)),
            take_profit: Some(Decimal::from(110)),
        }
    }

    #[test]
    fn what_vanishes_with_its_position_was_taken_away_by_nobody() {
        let listed: Vec<Position> = serde_json::from_str(
            r#"[{"positionId":"1735","symbol":"BTC-USDT","currency":"USDT","positionAmt":"2","availableAmt":"2",
                "positionSide":"LONG","isolated":true,"avgPrice":"100","initialMargin":"10","leverage":5,
                "unrealizedProfit":"0","realisedProfit":"0","liquidationPrice":50}]"#,
        )
        .unwrap();
        for (quantity, is_open) in [(2, true), (1, true), (3, false), (-2, false)] {
            assert_eq!(is_listed(&listed, &position(quantity)), is_open, "{quantity}");
        }
        let others = LeadPosition { symbol: "ETH-USDT".to_owned(), ..position(2) };
        assert!(!is_listed(&listed, &others));
        assert!(!is_listed(&[], &position(2)));

        let both = Exits { stop_loss: Some(price(90)), take_profit: Some(price(110)) };
        assert!(!is_one_gone(&position(2), both));
        assert!(!is_one_gone(&position(2), Exits { stop_loss: Some(price(80)), ..both }));
        assert!(is_one_gone(&position(2), Exits { stop_loss: None, ..both }));
        assert!(is_one_gone(&position(2), Exits { take_profit: None, ..both }));
    }

    #[test]
    fn a_level_that_is_gone_is_believed_to_be_gone_in_a_second_look_only() {
        let mut absences = Absences::default();
        let position = position(1);
        let both = Exits { stop_loss: Some(price(90)), take_profit: Some(price(110)) };
        let began = Instant::now();
        let gone = began + GONE;

        // The target is moved while the stop does not show.
        let moved = Exits { stop_loss: None, take_profit: Some(price(120)) };
        let kept = Exits { stop_loss: Some(price(90)), ..moved };
        assert_eq!(absences.believed(&position, moved, began), (kept, Some(gone)));
        let soon = began + Duration::from_secs(1);
        assert_eq!(absences.believed(&position, moved, soon), (kept, Some(gone)));
        assert_eq!(absences.believed(&position, moved, gone), (moved, None));

        // It was there meanwhile.
        assert_eq!(absences.believed(&position, both, gone), (both, None));
        assert_eq!(absences.believed(&position, moved, gone), (kept, Some(gone + GONE)));
        absences.forget("BTC-USDT");
        assert!(absences.0.is_empty());
    }
}
