//! Places the orders of planned copies.

use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::account::Platform;
use flotilla_domain::copy::coins::{ContractRules, DEFAULT_DEVIATION, Fit, Room, Unfit, Wish, fitted};
use flotilla_domain::copy::contract_name::{contract_of, units_of_lot};
use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::copy::venue_order::{Leg, VenueOrder, VenueOrderState};
use flotilla_domain::side::Side;
use flotilla_domain::trade::Direction;
use flotilla_engine::deadline::{CLOSES_IN_VAIN, WRITE_WITHIN};
use flotilla_engine::venue::Answer;
use flotilla_engine::{Cause, Transition};
use flotilla_exchange::bingx::client::{OrderTurn, Turn};
use flotilla_exchange::bingx::contract::Contract;
use flotilla_exchange::bingx::id::{ClientOrderId, Purpose, Symbol};
use flotilla_exchange::bingx::model::PositionMode;
use flotilla_exchange::bingx::order::{Exit, NewOrder, OrderKind, Terms, WorkingType};
use flotilla_exchange::limits::Priority;
use flotilla_store::venue_orders::open::{
    Waiting, Wanted, borne_out_units, claim, lock_account, lock_wanted,
};
use flotilla_store::{StoreError, StoreResult, Tx};
use rust_decimal::Decimal;
use tokio::time::Instant;

use super::desk::{Found, InHand, Served, direction, last_price};
use super::hearing::{Took, Written, answer, write_changes};
use super::{Venues, doubts, known, leverage, sessions};
use crate::failpoint::{self, Point};
use crate::gateway::Gateway;
use crate::measure;
use crate::settle::change;

/// How long a copy that cannot be judged yet is left alone after each look, and after all further ones: each takes a
/// turn that all accounts share.
const LEFT_FOR: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];
const LEFT_FOR_LONG: Duration = Duration::from_secs(8);
/// How long a copy that somebody else has is left alone.
const TAKEN_FOR: Duration = Duration::from_millis(500);

/// What is known of the market and the account when an order's turn has come.
pub(super) struct Market {
    pub symbol: Symbol,
    pub contract: Arc<Contract>,
    pub mode: PositionMode,
    pub last_price: Option<Decimal>,
    /// In one-way mode: the account holds the other side.
    has_opposite: bool,
    /// Equity of the account, read where it was not known.
    equity: Option<Decimal>,
}

impl Market {
    /// Whether there is a limit, and nothing to judge it by.
    pub const fn lacks_equity(&self, wanted: &Wanted) -> bool {
        wanted.leverage.is_some() && wanted.equity.is_none() && self.equity.is_none()
    }

    /// What the contract takes.
    pub fn rules(&self) -> ContractRules {
        ContractRules {
            quantity_decimals: self.contract.quantity_precision,
            price_decimals: self.contract.price_precision,
            min_quantity: self.contract.trade_min_quantity,
            min_notional: self.contract.trade_min_usdt,
        }
    }

    pub fn terms(&self) -> Terms<'_> {
        Terms { mode: self.mode, contract: &self.contract, last_price: self.last_price }
    }
}

/// What became of a copy at its turn.
enum Decided {
    /// It was claimed, with its order.
    Claimed(Box<VenueOrder>, Instant),
    Skipped(Written),
    /// It cannot be judged yet.
    Waits,
    /// It was taken by another, or is not to be placed from here any more.
    Left,
}

/// Waits for the turn of a copy's order, claims it and places it.
///
/// The age limit counts until the turn has come. Only then the intent is committed, and what is committed leaves at once.
pub(super) async fn place(gateway: Arc<Gateway>, served: Arc<Served>, mut waiting: Waiting, in_hand: InHand) {
    let Some(venues) = &gateway.venues else { return };
    let deadline = Instant::now() + Duration::from_secs_f64(waiting.fresh_for_s.clamp(0.0, 600.0));
    let mut pauses = LEFT_FOR.into_iter();
    while place_now(&gateway, venues, &served, (&waiting, deadline)).await {
        // It may have been known when it was looked for, and be too old since.
        waiting.has_equity = false;
        let pause = pauses.next().unwrap_or(LEFT_FOR_LONG);
        tokio::select! {
            () = gateway.draining.cancelled() => break,
            () = tokio::time::sleep(pause) => {}
        }
        if Instant::now() > deadline {
            break;
        }
    }
    drop(in_hand);
}

/// Whether the copy waits on.
async fn place_now(
    gateway: &Arc<Gateway>,
    venues: &Venues,
    served: &Arc<Served>,
    (waiting, deadline): (&Waiting, Instant),
) -> bool {
    let Ok(turn) = served.api.order_turn(Turn { priority: Priority::Open, deadline }).await else {
        // Too late: it is skipped as stale.
        return false;
    };
    if !served.may_open() || gateway.draining.is_cancelled() {
        return false;
    }
    let market = look(gateway, venues, served, waiting).await;
    let decided = decide(gateway, served, waiting, market.as_ref()).await;
    match (decided, market) {
        (Ok(Decided::Claimed(order, committed)), Ok(market)) => {
            failpoint::pass(Point::VenueClaimed);
            measure::copies(Some(CopyState::Planned), CopyState::Claimed, 1);
            let (task, account) = (Arc::clone(gateway), Arc::clone(served));
            // In a task of its own: it is not left half-way because somebody ends.
            let sent = tokio::spawn(async move {
                send(&task, &account, &market, (*order, committed), turn).await;
            });
            let _ = sent.await;
        }
        (Ok(Decided::Skipped(written)), _) => written.tell(gateway),
        (Ok(Decided::Waits), _) => return true,
        (Ok(_), _) => tokio::time::sleep(TAKEN_FOR).await,
        (Err(error), _) => {
            tracing::error!(%error, copy.id = %waiting.copy_id, "an order could not be claimed; it is tried again");
        }
    }
    false
}

/// Reads what an order is judged by.
pub(super) async fn look(
    gateway: &Gateway,
    venues: &Venues,
    served: &Served,
    waiting: &Waiting,
) -> Result<Market, Unfit> {
    let unfit = |reason, words: String| Unfit { reason, words };
    let unknown = || unfit(ReasonCode::SymbolUnknown, waiting.symbol.to_string());
    let name = contract_of(waiting.symbol.as_str()).ok_or_else(unknown)?;
    let symbol = Symbol::new(&name).map_err(|_| unknown())?;
    let environment = served.api.environment();
    let contract = match venues.bingx.contracts(environment, venues.market_egress()).await {
        Ok(contracts) => contracts.get(&symbol),
        Err(_) => venues.bingx.known_contract(environment, &symbol),
    };
    let contract = contract.ok_or_else(unknown)?;
    if !contract.may_open() {
        return Err(unfit(ReasonCode::ContractClosed, name));
    }
    let mode = sessions::mode(gateway, served).await;
    let mode = mode.map_err(|error| unfit(ReasonCode::Reconciling, error.to_string()))?;
    let side = direction(opens(waiting.side));
    let mut has_opposite = false;
    if mode == PositionMode::OneWay {
        let turn = Turn::within(Priority::Open, Duration::from_secs(10));
        let positions = served.api.positions(Some(&symbol), turn).await;
        let positions = positions.map_err(|error| unfit(ReasonCode::Reconciling, error.to_string()))?;
        has_opposite = positions.iter().any(|one| one.symbol == symbol && one.direction != side);
    }
    leverage::ensure(gateway, served, &contract, mode).await?;
    let mut equity = None;
    if !waiting.has_equity {
        let turn = Turn::within(Priority::Open, Duration::from_secs(10));
        let balances = served.api.balances(turn).await;
        let balances = balances.map_err(|error| unfit(ReasonCode::Reconciling, error.to_string()))?;
        equity = balances.margin().map(|margin| margin.equity);
    }
    let last_price = last_price(venues, environment, &symbol).await;
    Ok(Market { symbol, contract, mode, last_price, has_opposite, equity })
}

const fn opens(side: Side) -> Direction {
    match side {
        Side::Buy => Direction::Long,
        Side::Sell => Direction::Short,
    }
}

async fn decide(
    gateway: &Arc<Gateway>,
    served: &Served,
    waiting: &Waiting,
    market: Result<&Market, &Unfit>,
) -> StoreResult<Decided> {
    // The time in which it leaves begins before it is stamped, whatever the transaction waits for.
    let began = Instant::now();
    let place = async |tx: &mut Tx| {
        let session = (gateway.node, served.epoch);
        // One claim of an account at a time: each sees what those before it are about to open.
        lock_account(tx, waiting.follower_id).await?;
        if began.elapsed() > WRITE_WITHIN {
            // What it would be judged by is old by now.
            return Ok(Decided::Waits);
        }
        let Some(wanted) = lock_wanted(tx, session, waiting.copy_id).await? else { return Ok(Decided::Left) };
        let judged = match market {
            Ok(market) if wanted.in_doubt.iter().any(|symbol| symbol == market.symbol.as_str()) => {
                // Until it is known what became of that order, nothing else is opened on its contract.
                return Ok(Decided::Waits);
            }
            Ok(market) if market.lacks_equity(&wanted) || awaits_close(&wanted) => return Ok(Decided::Waits),
            Ok(market) => {
                let units = units(tx, gateway, &wanted).await?;
                judged(&wanted, market, units).map(|fit| (market, fit))
            }
            // What cannot be read now may be read a little later, while the copy is fresh.
            Err(unfit) if unfit.reason == ReasonCode::Reconciling => return Ok(Decided::Waits),
            Err(unfit) => Err(unfit.clone()),
        };
        match judged {
            Ok((market, fit)) => {
                let symbol = market.symbol.as_str().to_owned();
                let order = order(&wanted, served.epoch, symbol, fit);
                claim(tx, &order).await?;
                failpoint::pass(Point::VenueClaiming);
                Ok::<_, StoreError>(Decided::Claimed(Box::new(order), began))
            }
            Err(unfit) => {
                let copy = &wanted.copy.order;
                let edge = Transition::new(copy, CopyState::Skipped, Cause::Expired).because(unfit.reason);
                let edge = if unfit.words.is_empty() { edge } else { edge.in_words(unfit.words) };
                Ok(Decided::Skipped(write_changes(tx, vec![change(copy, edge)]).await?))
            }
        }
    };
    gateway.db.open(place).await
}

/// Whether a close is on its way that would be one too many in vain: until it is known what becomes of it, nothing is
/// opened, and nothing is given up.
pub(super) const fn awaits_close(wanted: &Wanted) -> bool {
    wanted.closes_in_vain < CLOSES_IN_VAIN && wanted.close_attempts >= CLOSES_IN_VAIN
}

/// Whether a copy may be opened now, and as what.
pub(super) fn judged(wanted: &Wanted, market: &Market, units: Option<Decimal>) -> Result<Fit, Unfit> {
    if !wanted.is_trading_enabled {
        return Err(Unfit { reason: ReasonCode::TradingOff, words: String::new() });
    }
    if let Some(halt) = &wanted.halt {
        return Err(halt.clone());
    }
    if wanted.closes_in_vain >= CLOSES_IN_VAIN {
        // What cannot be closed there is not added to.
        return Err(Unfit {
            reason: ReasonCode::CloseRefused,
            words: format!("{} ×", wanted.closes_in_vain),
        });
    }
    let symbol = market.symbol.as_str();
    let is_opposed = || wanted.opposed.iter().any(|opposed| opposed == symbol);
    if market.has_opposite || market.mode == PositionMode::OneWay && is_opposed() {
        return Err(Unfit { reason: ReasonCode::OppositeSide, words: market.symbol.to_string() });
    }
    let room = wanted.equity.or(market.equity).zip(wanted.leverage);
    let wish = Wish {
        lots: wanted.copy.order.desired_lots,
        units,
        side: wanted.copy.order.side,
        master_price: wanted.master_price,
        last_price: market.last_price,
        max_deviation: wanted.max_deviation.unwrap_or(DEFAULT_DEVIATION),
        stop_loss: wanted.stop_loss,
        take_profit: wanted.take_profit,
        room: room.map(|(equity, leverage)| Room { held: wanted.held_value, equity, leverage }),
    };
    let fit = fitted(&wish, &market.rules());
    fit.map_err(|unfit| match unfit.reason {
        ReasonCode::UnitsUnknown => Unfit { words: wanted.master_symbol.clone(), ..unfit },
        _ => unfit,
    })
}

/// Units of one lot of the master: as its follower's owner entered them, one for a master at an exchange, as its own
/// terminal says, as its own results bear out, or as all brokers have it.
pub(super) async fn units(tx: &mut Tx, gateway: &Gateway, wanted: &Wanted) -> StoreResult<Option<Decimal>> {
    let symbol = wanted.master_symbol.as_str();
    let suffix = wanted.strip_suffix.as_deref().unwrap_or_default();
    let base = symbol.strip_suffix(suffix).unwrap_or(symbol);
    let entered = |name: &str| wanted.entered_units.get(&name.to_ascii_uppercase()).copied();
    if let Some(units) = entered(symbol).or_else(|| entered(base)) {
        return Ok(Some(units));
    }
    if matches!(wanted.master_platform, Platform::Bingx | Platform::Paper) {
        return Ok(Some(Decimal::ONE));
    }
    if wanted.reported_units.is_some() {
        return Ok(wanted.reported_units);
    }
    let master = wanted.copy.order.master_id;
    let known = gateway.venues.as_ref().and_then(|venues| venues.desk.known_units(master, symbol));
    let borne_out = if let Some(Found(known)) = known {
        known
    } else {
        let found = borne_out_units(tx, wanted.master_owner, master, symbol).await?;
        if let Some(venues) = &gateway.venues {
            venues.desk.note_units(master, symbol, found);
        }
        found
    };
    Ok(borne_out.or_else(|| units_of_lot(base)))
}

/// The order that opens a copy, before it is sent.
pub(super) fn order(wanted: &Wanted, epoch: i64, symbol: String, fit: Fit) -> VenueOrder {
    let copy = &wanted.copy.order;
    VenueOrder {
        client_id: ClientOrderId::of_copy(copy.id, Purpose::Open, 1).as_str().to_owned(),
        owner_id: copy.owner_id,
        follower_id: copy.follower_id,
        copy_id: copy.id,
        leg: Leg::Open,
        version: 1,
        symbol,
        direction: opens(copy.side),
        quantity: fit.quantity,
        units: fit.units,
        stop_loss: fit.stop_loss,
        take_profit: fit.take_profit,
        state: VenueOrderState::Intended,
        order_id: None,
        filled: Decimal::ZERO,
        average_price: None,
        fee: None,
        epoch,
        sendings: 1,
        sent_at: wanted.copy.now,
        absences: 0,
        words: None,
    }
}

/// The order as the exchange takes it. `None` for a stored name that is none.
pub(super) fn request(order: &VenueOrder) -> Option<NewOrder> {
    let exit = |trigger| Exit { trigger, working: WorkingType::Mark };
    Some(NewOrder {
        client_id: ClientOrderId::new(&order.client_id).ok()?,
        symbol: Symbol::listed(&order.symbol).ok()?,
        direction: direction(order.direction),
        opens: order.leg == Leg::Open,
        quantity: order.quantity,
        kind: OrderKind::Market,
        stop_loss: order.stop_loss.map(exit),
        take_profit: order.take_profit.map(exit),
    })
}

/// Sends an order whose intent is committed, hears the answer, and asks for it until it is over.
pub(super) async fn send(
    gateway: &Arc<Gateway>,
    served: &Arc<Served>,
    market: &Market,
    (order, committed): (VenueOrder, Instant),
    turn: OrderTurn,
) {
    let sent = Instant::now();
    let said = match request(&order) {
        _ if committed.elapsed() > WRITE_WITHIN => {
            Answer::NotNow { reason: ReasonCode::Stale, words: String::new() }
        }
        None => Answer::NotSent { reason: ReasonCode::Limit, words: String::new() },
        Some(request) => {
            failpoint::pass(Point::VenueSending);
            let turn = turn.by(committed + WRITE_WITHIN);
            let outcome = served.api.place_in(&request, market.terms(), turn).await;
            super::heed_order(gateway, served, &outcome).await;
            answer(outcome)
        }
    };
    failpoint::pass(Point::VenueAnswered);
    let micros = |time: Duration| i32::try_from(time.as_micros()).ok();
    let took = Took { sent_us: micros(sent - committed), ack_us: micros(sent.elapsed()) };
    doubts::follow(gateway, served, order, said, took).await;
}

/// A market for an order that was judged before.
pub(super) async fn market_of(gateway: &Gateway, served: &Served, order: &VenueOrder) -> Option<Market> {
    market_for(gateway, served, &Symbol::listed(&order.symbol).ok()?).await
}

/// A contract and the account's mode, without a price: for what closes or guards, which waits for no list that is known.
pub(super) async fn market_for(gateway: &Gateway, served: &Served, symbol: &Symbol) -> Option<Market> {
    let contract = known::contract(gateway, served, symbol).await?;
    let mode = known::mode(gateway, served).await?;
    let symbol = symbol.clone();
    Some(Market { symbol, contract, mode, last_price: None, has_opposite: false, equity: None })
}
