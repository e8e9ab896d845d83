//! What paper accounts are worth, and stops and targets that the price reaches.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::id::AccountId;
use flotilla_domain::risk::{amount, observation, weight};
use flotilla_domain::trade::Direction;
use flotilla_engine::paper::{Exits, Quote, reached};
use flotilla_store::StoreResult;
use flotilla_store::figures::ReportedFigures;
use flotilla_store::paper::{self, PaperHolding};
use flotilla_store::venue_accounts::whose;
use flotilla_store::venue_positions::{self, VenuePosition};
use rust_decimal::Decimal;
use tokio::time::Instant;

use super::{Served, fills, lock};
use crate::figures::{self, frame::Frame};
use crate::gateway::Gateway;

/// Money at the start of an account whose owner named none.
const STARTING_BALANCE: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);
/// Positions of which nothing but prices has changed are written this often.
const WRITE_EVERY: Duration = Duration::from_secs(5);
/// Decimals of what is computed here.
const SCALE: u32 = 8;

/// What an account holds, whatever that is worth.
pub(super) type Shape = Vec<(String, Direction, Decimal)>;

/// Values all accounts, and ends what has reached its stop or target.
pub(super) async fn tell(gateway: &Arc<Gateway>) -> StoreResult<()> {
    let every = gateway.paper.every();
    let ids: Vec<_> = every.iter().map(|one| one.account.login.account_id).collect();
    let mut held = match gateway.db.open(async |tx| paper::list_held(tx, &ids).await).await {
        Ok(held) => Some(by_account(held)),
        Err(error) if error.is_away() => return Err(error),
        Err(error) => {
            tracing::error!(%error, "what is held on paper could not be read together; it is read by account");
            None
        }
    };
    for served in every {
        let id = served.account.login.account_id;
        let own = held.as_mut().map(|held| held.remove(&id).unwrap_or_default());
        // In a task of its own: whatever is wrong with one account, the others are looked after.
        let told = tokio::spawn(tell_one(Arc::clone(gateway), served, own)).await;
        match told {
            Ok(Ok(())) => {}
            Ok(Err(error)) if error.is_away() => return Err(error),
            Ok(Err(error)) => {
                tracing::error!(%error, account.id = %id, "a paper account could not be valued; it is tried again");
            }
            Err(error) => {
                tracing::error!(%error, account.id = %id, "a paper account could not be looked after");
            }
        }
    }
    Ok(())
}

fn by_account(held: Vec<PaperHolding>) -> HashMap<AccountId, Vec<PaperHolding>> {
    let mut by_account: HashMap<AccountId, Vec<PaperHolding>> = HashMap::new();
    for one in held {
        by_account.entry(one.account_id).or_default().push(one);
    }
    by_account
}

/// `own`: what it holds, where that was read.
async fn tell_one(
    gateway: Arc<Gateway>,
    served: Arc<Served>,
    own: Option<Vec<PaperHolding>>,
) -> StoreResult<()> {
    let id = served.account.login.account_id;
    let own = match own {
        Some(own) => own,
        None => gateway.db.open(async |tx| paper::list_held(tx, &[id]).await).await?,
    };
    let (ended, stays): (Vec<_>, Vec<_>) = own.iter().partition(|one| end_of(one).is_some());
    for one in &ended {
        if let Some(price) = end_of(one) {
            fills::exit(&gateway, &served, (one, price)).await;
        }
    }
    // What has ended just now is valued the next time.
    if ended.is_empty() { value(&gateway, &served, &stays).await } else { Ok(()) }
}

fn end_of(one: &PaperHolding) -> Option<Decimal> {
    let (bid, ask, at) = one.quote.filter(|_| one.is_fresh && one.is_since)?;
    let exits = Exits { stop_loss: one.stop_loss, take_profit: one.take_profit };
    reached(one.direction, exits, Quote { bid, ask, at })
}

async fn value(gateway: &Arc<Gateway>, served: &Served, held: &[&PaperHolding]) -> StoreResult<()> {
    let login = served.account.login;
    let known = *lock(&served.realised);
    let realised = match known {
        Some(realised) => realised,
        None => gateway.db.open(async |tx| paper::realised(tx, login.account_id).await).await?,
    };
    *lock(&served.realised) = Some(realised);
    let balance = served.account.starting_balance.unwrap_or(STARTING_BALANCE).checked_add(realised);
    let Some((positions, balance, equity)) = balance.and_then(|balance| worth(balance, held)) else {
        tracing::warn!(account.id = %login.account_id, "what a paper account is worth is beyond what can be counted");
        return Ok(());
    };
    let figures = ReportedFigures {
        balance,
        equity,
        margin: Decimal::ZERO,
        free_margin: equity,
        currency: served.account.currency.clone(),
        leverage: 1,
    };
    // By prices of the past nothing is known of now: the figures grow old, as those of a terminal that is away.
    if held.iter().all(|one| one.is_fresh) {
        let seen = held.iter().map(|one| seen(one)).collect();
        if let Some(frame) = Frame::of_venue(figures, Decimal::ZERO, seen) {
            // Its orders are filled at once or not at all.
            figures::hear_venue(gateway, login, served.number, frame.with_pending(Some(0)));
        }
    }
    write(gateway, served, &positions).await
}

/// Positions, balance and equity; `None` beyond what accounts are judged by.
fn worth(balance: Decimal, held: &[&PaperHolding]) -> Option<(Vec<VenuePosition>, Decimal, Decimal)> {
    let positions = added_up(held)?;
    let equity =
        positions.iter().try_fold(balance, |equity, position| equity.checked_add(position.unrealised))?;
    let is_counted = [balance, equity]
        .into_iter()
        .chain(positions.iter().map(|position| position.quantity))
        .all(|number| number.abs() <= amount::MAX);
    is_counted.then_some((positions, balance, equity))
}

/// The price by which a copy is valued: the one at which it could be closed, or its entry where none is known.
fn mark(one: &PaperHolding) -> Option<Decimal> {
    one.quote.map(|(bid, ask, _)| if one.direction == Direction::Long { bid } else { ask })
}

fn gained(one: &PaperHolding) -> Option<Decimal> {
    let mark = mark(one).unwrap_or(one.entry_price);
    let gain = match one.direction {
        Direction::Long => mark.checked_sub(one.entry_price),
        Direction::Short => one.entry_price.checked_sub(mark),
    };
    Some(gain?.checked_mul(one.quantity)?.round_dp(SCALE))
}

fn seen(one: &PaperHolding) -> observation::Position {
    let distance = one.stop_loss.map(|stop| match one.direction {
        Direction::Long => one.entry_price.checked_sub(stop),
        Direction::Short => stop.checked_sub(one.entry_price),
    });
    let cost = distance.flatten().and_then(|distance| distance.max(Decimal::ZERO).checked_mul(one.quantity));
    observation::Position {
        symbol: one.symbol.clone(),
        lots: if one.direction == Direction::Long { one.quantity } else { -one.quantity },
        weight: weight::of_symbol(&one.symbol),
        notional: mark(one).unwrap_or(one.entry_price).checked_mul(one.quantity),
        risk: cost.map(|cost| cost.round_dp(SCALE)),
        opened_at: None,
        bare_for_s: one.stop_loss.is_none().then_some(one.unchanged_for_s),
    }
}

/// Positions by instrument and direction; `None` beyond what can be computed.
fn added_up(held: &[&PaperHolding]) -> Option<Vec<VenuePosition>> {
    let mut positions: BTreeMap<(&str, &str), VenuePosition> = BTreeMap::new();
    for one in held {
        let position =
            positions.entry((one.symbol.as_str(), one.direction.as_str())).or_insert_with(|| VenuePosition {
                symbol: one.symbol.clone(),
                direction: one.direction,
                quantity: Decimal::ZERO,
                average_price: one.entry_price,
                mark_price: mark(one),
                unrealised: Decimal::ZERO,
                leverage: None,
                liquidation_price: None,
            });
        let paid_before = position.average_price.checked_mul(position.quantity)?;
        let paid = paid_before.checked_add(one.entry_price.checked_mul(one.quantity)?)?;
        position.quantity = position.quantity.checked_add(one.quantity)?;
        position.average_price = paid.checked_div(position.quantity)?.round_dp(SCALE);
        position.unrealised = position.unrealised.checked_add(gained(one)?)?;
    }
    Some(positions.into_values().collect())
}

async fn write(gateway: &Gateway, served: &Served, positions: &[VenuePosition]) -> StoreResult<()> {
    let shape: Shape =
        positions.iter().map(|one| (one.symbol.clone(), one.direction, one.quantity)).collect();
    let is_due = lock(&served.written)
        .as_ref()
        .is_none_or(|(before, at)| *before != shape || (at.elapsed() >= WRITE_EVERY && !shape.is_empty()));
    if !is_due {
        return Ok(());
    }
    let login = served.account.login;
    gateway.db.open(async |tx| venue_positions::replace(tx, whose(&login), positions).await).await?;
    *lock(&served.written) = Some((shape, Instant::now()));
    gateway.hint_account(&login);
    Ok(())
}
