//! A master at an exchange: its fills, stops and targets become signals, each once.
//!
//! What counts is how much of an order is filled in all, compared with how much of it became signals, and both are in
//! the commit of the signals. So an event that comes twice, late or not at all changes nothing: the next one, or the
//! list of fills that is read after each connection, brings the rest.

mod beginning;
mod catching;
mod levels;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::id::SignalId;
use flotilla_domain::lots::Lots;
use flotilla_domain::price::Price;
use flotilla_domain::signal::{CloseSignal, OpenSignal, PartialSignal, SignalKind};
use flotilla_domain::symbol::Symbol;
use flotilla_domain::ticket::Ticket;
use flotilla_domain::venue_trades::Slot;
use flotilla_engine::lead::{Filled, Held, Step, steps};
use flotilla_exchange::bingx::event::OrderEvent;
use flotilla_exchange::bingx::id::OrderId;
use flotilla_exchange::bingx::model::Direction;
use flotilla_exchange::bingx::stream::Snapshot;
use flotilla_store::changes::Change;
use flotilla_store::signals::{self, Origin};
use flotilla_store::venue_accounts::whose;
use flotilla_store::venue_leads::{self, LeadOrder, LeadPosition};
use flotilla_store::{StoreError, StoreResult, Tx, alerts};
use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use uuid::Uuid;

use self::beginning::Beginning;
use self::catching::Pending;
use self::levels::Levels;
use super::exits::{self, Exits};
use super::seen::Seen;
use super::stream::Listening;
use crate::alarms;
use crate::failpoint::{self, Point};
use crate::gateway::Gateway;
use crate::ingest::{self, Told};
use crate::patience::{GaveUp, Patience};

/// Parts of an order that rests are collected for so long.
const LINGER: Duration = Duration::from_millis(500);
/// A position has to be missing in so many lists on end, and for as long as anything that nothing explains: its orders
/// and fills would tell of its end.
const MISSED: u32 = 2;

/// One master.
#[derive(Debug, Default)]
pub(super) struct Lead {
    /// Orders that are filled in part, by their first news.
    waiting: HashMap<OrderId, (Seen, Instant)>,
    /// Positions that followers have and the exchange does not list: in how many lists on end, and since when.
    missing: BTreeMap<(String, Slot), (u32, Instant)>,
    /// Whose stops and targets may be others now.
    levels: Levels,
    /// Until a first look was written down, what happens is nobody's signal.
    has_begun: bool,
    beginning: Beginning,
    /// A look that is not told yet. What is heard meanwhile happened after it: it waits.
    pending: Option<Pending>,
    /// When the account is to be read before its time.
    look_at: Option<Instant>,
    /// All fills until then became signals, Unix milliseconds; nothing where that is not known.
    told_until_ms: Option<i64>,
}

impl Lead {
    /// An order changed.
    pub async fn hear(&mut self, gateway: &Arc<Gateway>, listening: &Listening, event: &OrderEvent) {
        if self.has_begun && exits::is_exit(&event.kind) {
            self.levels.doubt(event.symbol.as_str());
        }
        let Some(seen) = Seen::of_event(event) else { return };
        if !self.has_begun {
            self.disturb(&seen);
            return;
        }
        if seen.is_over && self.pending.is_none() {
            self.waiting.remove(&seen.id);
            // What it closes may wait.
            let is_before = |held: &Seen, _: Instant| held.is_over || held.symbol == seen.symbol;
            self.tell_waiting(gateway, listening, is_before).await;
            self.tell(gateway, listening, &seen).await;
        } else {
            let first = self.waiting.get(&seen.id).map_or(seen.heard_at, |(_, first)| *first);
            self.waiting.insert(seen.id.clone(), (seen, first));
        }
    }

    /// Tells of orders that were filled in part a while ago, after all that happened before them.
    pub async fn settle(&mut self, gateway: &Arc<Gateway>, listening: &Listening) {
        if !self.has_begun && self.beginning.is_to_be_told() {
            beginning::tell(gateway, listening).await;
        }
        if !self.work_off(gateway, listening).await {
            return;
        }
        let is_due = |seen: &Seen, first: Instant| seen.is_over || first.elapsed() >= LINGER;
        self.tell_waiting(gateway, listening, is_due).await;
        self.levels.settle(gateway, listening).await;
    }

    /// Tells of orders that wait, in the order in which they were first heard of.
    async fn tell_waiting(
        &mut self,
        gateway: &Arc<Gateway>,
        listening: &Listening,
        is_due: impl Fn(&Seen, Instant) -> bool,
    ) {
        let mut due: Vec<(Instant, OrderId)> = self
            .waiting
            .iter()
            .filter(|(_, (seen, first))| is_due(seen, *first))
            .map(|(id, (_, first))| (*first, id.clone()))
            .collect();
        due.sort_by_key(|(first, _)| *first);
        for (_, id) in due {
            if let Some((seen, _)) = self.waiting.remove(&id) {
                self.tell(gateway, listening, &seen).await;
            }
        }
    }

    /// Tells of an order. What came with it, or ended with it, shows in the orders that stand then. Whether it is done
    /// with: not where the worker ends before it is stored.
    async fn tell(&mut self, gateway: &Arc<Gateway>, listening: &Listening, seen: &Seen) -> bool {
        let is_done = tell(gateway, listening, seen).await;
        self.levels.doubt(&seen.symbol);
        is_done
    }

    /// A position that followers have and the exchange lists no more has left, however that came.
    async fn miss(
        &mut self,
        gateway: &Arc<Gateway>,
        listening: &Listening,
        snapshot: &Snapshot,
    ) -> StoreResult<()> {
        let Some(unexplained) = gateway.venues.as_ref().map(|venues| venues.config.timing.unexplained) else {
            return Ok(());
        };
        let account = listening.connected.login.account_id;
        let held = gateway.db.open(async |tx| venue_leads::list_positions(tx, account).await).await?;
        let is_listed = |position: &LeadPosition| {
            snapshot.positions.iter().any(|one| {
                one.symbol.as_str() == position.symbol
                    && (one.direction == Direction::Long) != position.quantity.is_sign_negative()
            })
        };
        let gone: Vec<LeadPosition> = held.into_iter().filter(|position| !is_listed(position)).collect();
        let key = |position: &LeadPosition| (position.symbol.clone(), position.slot);
        self.missing.retain(|known, _| gone.iter().any(|position| key(position) == *known));
        for position in gone {
            let (times, since) = self.missing.entry(key(&position)).or_insert_with(|| (0, Instant::now()));
            *times = times.saturating_add(1);
            if *times >= MISSED && since.elapsed() >= unexplained {
                self.missing.remove(&key(&position));
                vanish(gateway, listening, &position).await;
            }
        }
        Ok(())
    }
}

/// A signal to be: its id is made before the first try, so that a try whose outcome is unknown can be looked up.
struct Draft<'a> {
    listening: &'a Listening,
    seen: &'a Seen,
    exits: &'a Exits,
    ids: [SignalId; 2],
    was_tried: bool,
    first_try: Instant,
}

/// Stores what an order means, then sends it. However long the database is away, it waits for it. Whether it is done with:
/// not where the worker ends before.
async fn tell(gateway: &Arc<Gateway>, listening: &Listening, seen: &Seen) -> bool {
    let account = listening.connected.login.account_id;
    let turn = gateway.turns.queue(account).await.turn().await;
    let ids = [(); 2].map(|()| SignalId::from_uuid(Uuid::now_v7()));
    let exits = if enters(gateway, listening, seen).await {
        exits::read(listening, seen).await
    } else {
        Exits::default()
    };
    let first_try = Instant::now();
    let mut patience = Patience::new(gateway);
    let told = loop {
        let draft = Draft { listening, seen, exits: &exits, ids, was_tried: patience.was_tried(), first_try };
        match gateway.db.open(async |tx| store(tx, gateway, &draft).await).await {
            Ok(told) => break told,
            Err(error) => match patience.after(error).await {
                Ok(()) => {}
                Err(GaveUp::Ending) => return false,
                Err(GaveUp::Refused(error)) => {
                    tracing::error!(%error, account.id = %account, order = seen.id.as_str(), "a master's order could not be stored");
                    let owner = listening.connected.login.owner_id;
                    alarms::raise_lost(gateway, &[alarms::line_lost(owner, account, &words(seen))]).await;
                    return true;
                }
            },
        }
    };
    failpoint::pass(Point::LeadStored);
    drop(turn);
    for one in told {
        ingest::tell(gateway, one, seen.heard_at).await;
    }
    true
}

/// Whether an order enters something, as far as that is known now. Exits are not held up by what only entries need.
async fn enters(gateway: &Gateway, listening: &Listening, seen: &Seen) -> bool {
    let account = listening.connected.login.account_id;
    let name = [seen.id.as_str().to_owned()];
    let read = async |tx: &mut Tx| {
        let known = venue_leads::list_orders(tx, account, &name).await?;
        Ok::<_, StoreError>((known, venue_leads::list_positions(tx, account).await?))
    };
    let (Some(ticket), Ok((known, positions))) = (seen.ticket(), gateway.db.open(read).await) else {
        return false;
    };
    // What it closed before is not there any more: the rest would seem to enter the other side.
    let quantity = seen.filled - known.first().map_or(Decimal::ZERO, |one| one.filled);
    if quantity <= Decimal::ZERO {
        return false;
    }
    let filled = filled_of(seen, quantity, ticket);
    steps(held_of(&positions, seen), filled).0.iter().any(|step| matches!(step, Step::Enter { .. }))
}

const fn filled_of(seen: &Seen, quantity: Decimal, ticket: Ticket) -> Filled {
    Filled { slot: seen.slot, side: seen.side, quantity, ticket, reduces_only: seen.reduces_only }
}

fn held_of(positions: &[LeadPosition], seen: &Seen) -> Held {
    let held = positions.iter().find(|one| one.symbol == seen.symbol && one.slot == seen.slot);
    held.map_or_else(Held::default, |one| Held { quantity: one.quantity, ticket: one.ticket })
}

async fn store(tx: &mut Tx, gateway: &Gateway, draft: &Draft<'_>) -> StoreResult<Vec<Told>> {
    let (seen, login) = (draft.seen, draft.listening.connected.login);
    let account = login.account_id;
    signals::lock_master(tx, account).await?;
    if !venue_leads::has_begun(tx, account, draft.listening.connected.uid.as_deref()).await? {
        // Another account at the exchange leads by now.
        return Ok(Vec::new());
    }
    if draft.was_tried {
        let mut before = None;
        for id in draft.ids {
            before = signals::find_kind(tx, id).await?.map(|kind| (id, kind)).or(before);
        }
        match before {
            Some((id, SignalKind::Open | SignalKind::Add)) => {
                return Ok(stored_before(tx, draft, id).await?.into_iter().collect());
            }
            // What leaves goes out by itself.
            Some(_) => return Ok(Vec::new()),
            None => {}
        }
    }
    let name = seen.id.as_str().to_owned();
    let known = venue_leads::list_orders(tx, account, std::slice::from_ref(&name)).await?;
    let known = known.into_iter().next();
    let (filled, value) =
        known.as_ref().map_or((Decimal::ZERO, Decimal::ZERO), |one| (one.filled, one.value));
    let quantity = seen.filled - filled;
    let all = seen.filled * seen.average_price;
    let is_news = quantity > Decimal::ZERO;
    let is_over = seen.is_over || known.as_ref().is_some_and(|one| one.is_over);
    if is_news || known.is_some_and(|one| one.is_over != is_over) {
        let (filled, value) = if is_news { (seen.filled, all) } else { (filled, value) };
        let order = LeadOrder { order_id: name, filled, value, is_over };
        venue_leads::save_order(tx, whose(&login), &order).await?;
    }
    let (true, Some(ticket)) = (is_news, seen.ticket()) else { return Ok(Vec::new()) };
    let positions = venue_leads::list_positions(tx, account).await?;
    let held = held_of(&positions, seen);
    let (steps, after) = steps(held, filled_of(seen, quantity, ticket));
    let position = position_after(draft, &positions, (held, after));
    venue_leads::save_position(tx, whose(&login), &position).await?;
    let price = (all - value).checked_div(quantity).filter(|price| *price > Decimal::ZERO);
    let price = price.unwrap_or(seen.average_price).round_dp(10).normalize();
    accept(tx, gateway, draft, (&steps, price, filled)).await
}

/// What is held after an order, with the stop and target that followers know: of a trade that goes on as they were told.
fn position_after(
    draft: &Draft<'_>,
    positions: &[LeadPosition],
    (held, after): (Held, Held),
) -> LeadPosition {
    let seen = draft.seen;
    let told = positions.iter().find(|one| one.symbol == seen.symbol && one.slot == seen.slot);
    let told = told.filter(|_| after.ticket.is_some() && after.ticket == held.ticket);
    let (stop_loss, take_profit) = match told {
        Some(one) => (one.stop_loss, one.take_profit),
        None if after.ticket.is_some() => draft.exits.levels(),
        None => (None, None),
    };
    LeadPosition {
        symbol: seen.symbol.clone(),
        slot: seen.slot,
        quantity: after.quantity,
        ticket: after.ticket,
        stop_loss,
        take_profit,
    }
}

/// What an earlier try stored and nobody was told: the time since the first try bounds the time since its commit.
async fn stored_before(tx: &mut Tx, draft: &Draft<'_>, id: SignalId) -> StoreResult<Option<Told>> {
    let seen = draft.seen;
    let account = draft.listening.connected.login.account_id;
    let positions = venue_leads::list_positions(tx, account).await?;
    let held = held_of(&positions, seen);
    let named = (Symbol::new(seen.symbol.clone()), Price::new(seen.average_price), Lots::coins(seen.filled));
    let (Some(ticket), (Ok(symbol), Ok(price), Ok(lots))) = (held.ticket, named) else {
        // It left: closes go out by themselves.
        return Ok(None);
    };
    let accepted = signals::get_accepted(tx, account, id).await?;
    let side = seen.side;
    let Exits { stop_loss, take_profit } = *draft.exits;
    let signal = OpenSignal { side, symbol, price, lots, stop_loss, take_profit, ticket };
    // Its line is stored already.
    let origin = origin(draft, id, seen.filled);
    Ok(Some(Told::Entered(Box::new((origin, signal, accepted, draft.first_try)))))
}

async fn accept(
    tx: &mut Tx,
    gateway: &Gateway,
    draft: &Draft<'_>,
    (steps, price, before): (&[Step], Decimal, Decimal),
) -> StoreResult<Vec<Told>> {
    let seen = draft.seen;
    let (Ok(symbol), Ok(price)) = (Symbol::new(seen.symbol.clone()), Price::new(price)) else {
        return if steps.is_empty() { Ok(Vec::new()) } else { Ok(vec![lost(tx, draft).await?]) };
    };
    let mut told = Vec::new();
    for (step, id) in steps.iter().zip(draft.ids) {
        let origin = origin(draft, id, before);
        match *step {
            Step::Leave { ticket } => {
                let profit = Decimal::ZERO.into();
                let signal = CloseSignal { symbol: symbol.clone(), ticket, price: Some(price), profit };
                told.extend(ingest::leave(tx, gateway, &origin, &signal).await?);
            }
            Step::Reduce { ticket, side, quantity, rest } => {
                let lots = (Lots::coins(quantity.normalize()), Lots::coins(rest.normalize()));
                let (Ok(lots), Ok(rest)) = lots else {
                    told.push(lost(tx, draft).await?);
                    continue;
                };
                let price = Some(price);
                let signal = PartialSignal { symbol: symbol.clone(), ticket, side, lots, rest, price };
                told.push(ingest::reduce(tx, gateway, &origin, &signal).await?);
            }
            Step::Enter { ticket, side, quantity } => {
                let Ok(lots) = Lots::coins(quantity.normalize()) else {
                    told.push(lost(tx, draft).await?);
                    continue;
                };
                let symbol = symbol.clone();
                let Exits { stop_loss, take_profit } = *draft.exits;
                let signal = OpenSignal { side, symbol, price, lots, stop_loss, take_profit, ticket };
                told.extend(ingest::enter_of_venue(tx, gateway, &origin, &signal).await?);
            }
        }
    }
    failpoint::pass(Point::LeadStoring);
    Ok(told)
}

/// What stands for a line is the order and how much of it was told `before`: what comes again after the database has lost
/// it is the same, though more of the order may be filled by then.
fn origin(draft: &Draft<'_>, signal_id: SignalId, before: Decimal) -> Origin {
    let login = draft.listening.connected.login;
    let line = format!("{} {}", draft.seen.id.as_str(), before.normalize());
    Origin {
        signal_id,
        master_id: login.account_id,
        owner_id: login.owner_id,
        epoch: 0,
        line_hash: Sha256::digest(line.as_bytes()).into(),
        age_us: i64::try_from((draft.seen.heard_at.elapsed() + draft.seen.age).as_micros())
            .unwrap_or(i64::MAX),
    }
}

/// A position is gone, and no order says why.
async fn vanish(gateway: &Arc<Gateway>, listening: &Listening, position: &LeadPosition) {
    let login = listening.connected.login;
    let account = login.account_id;
    tracing::warn!(account.id = %account, symbol = position.symbol, "a master's position is gone; its followers leave");
    let turn = gateway.turns.queue(account).await.turn().await;
    let id = SignalId::from_uuid(Uuid::now_v7());
    let stored = gateway.db.open(async |tx| store_gone(tx, gateway, listening, (position, id)).await).await;
    drop(turn);
    match stored {
        Ok((told, raised)) => {
            alarms::tell(gateway, &raised);
            if let Some(told) = told {
                ingest::tell(gateway, told, Instant::now()).await;
            }
        }
        Err(error) => tracing::warn!(%error, account.id = %account, "that a position is gone was not stored"),
    }
}

async fn store_gone(
    tx: &mut Tx,
    gateway: &Gateway,
    listening: &Listening,
    (position, signal_id): (&LeadPosition, SignalId),
) -> StoreResult<(Option<Told>, Vec<Change>)> {
    let login = listening.connected.login;
    signals::lock_master(tx, login.account_id).await?;
    let left = LeadPosition {
        quantity: Decimal::ZERO,
        ticket: None,
        stop_loss: None,
        take_profit: None,
        ..position.clone()
    };
    venue_leads::save_position(tx, whose(&login), &left).await?;
    let (Some(ticket), Ok(symbol)) = (position.ticket, Symbol::new(position.symbol.clone())) else {
        return Ok((None, Vec::new()));
    };
    let origin = Origin {
        signal_id,
        master_id: login.account_id,
        owner_id: login.owner_id,
        epoch: 0,
        line_hash: Sha256::digest(format!("gone {signal_id}").as_bytes()).into(),
        age_us: 0,
    };
    let signal = CloseSignal { symbol, ticket, price: None, profit: Decimal::ZERO.into() };
    let told = ingest::leave(tx, gateway, &origin, &signal).await?;
    let raised = alerts::raise(tx, &alarms::exits_unseen(&login, &[ticket])).await?;
    Ok((told, vec![raised]))
}

/// What no signal can say is not told to followers: the owner is, in the commit that takes the order for told.
async fn lost(tx: &mut Tx, draft: &Draft<'_>) -> StoreResult<Told> {
    let login = draft.listening.connected.login;
    let words = words(draft.seen);
    tracing::error!(account.id = %login.account_id, words, "a master's order cannot be told as a signal");
    let alert = alarms::line_lost(login.owner_id, login.account_id, &words);
    Ok(Told::Lost(alerts::raise(tx, &alert).await?))
}

/// An order, as its owner is told of it.
fn words(seen: &Seen) -> String {
    format!("{} {} {} {}", seen.side, seen.filled.normalize(), seen.symbol, seen.id.as_str())
}
