//! Asks for orders until they are over.

use std::sync::Arc;
use std::time::Duration;

use flotilla_domain::copy::coins::Unfit;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::copy::venue_order::{Leg, VenueOrder, VenueOrderState};
use flotilla_domain::id::AccountId;
use flotilla_engine::exits::is_name_of_exit;
use flotilla_engine::venue::{Answer, Filling, Next, QUESTIONS, ask_in};
use flotilla_exchange::bingx::client::Turn;
use flotilla_exchange::bingx::event::OrderEvent;
use flotilla_exchange::bingx::id::{ClientOrderId, OrderId, Symbol};
use flotilla_exchange::bingx::model::{Order, OrderStatus, TradeSide};
use flotilla_exchange::bingx::order::OrderRef;
use flotilla_exchange::limits::Priority;
use flotilla_exchange::outcome::{Doubt, NotSent, ReadError};
use flotilla_store::{StoreResult, venue_orders};
use rust_decimal::Decimal;
use tokio::time::Instant;

use super::Venues;
use super::again::{Again, again};
use super::desk::{Served, direction};
use super::guarding;
use super::hearing::{Took, hear, read};
use super::vanished;
use crate::gateway::Gateway;

/// How long one task goes on; then whoever looks at what is due does.
const GOES_ON_FOR: Duration = Duration::from_mins(2);

/// How far an order is filled shows within this, milliseconds since it was sent.
const SHOWN_WITHIN_MS: i64 = 600_000;

/// Hears the first answer about an order, and asks until it is over.
pub(super) async fn follow(
    gateway: &Arc<Gateway>,
    served: &Arc<Served>,
    order: VenueOrder,
    first: Answer,
    took: Took,
) {
    let Some(venues) = &gateway.venues else { return };
    let began = Instant::now();
    let news = venues.desk.listen(&order.client_id);
    let mut order = order;
    let mut said = first;
    let mut questions = 0;
    let mut tries = 0;
    let mut now = order.sent_at;
    loop {
        let heard = hear(gateway, &order, &said, took).await;
        let next = match heard {
            Ok(told) => {
                (order, now) = (told.order, told.now);
                told.next
            }
            Err(error) => {
                tracing::error!(%error, copy.id = %order.copy_id, "an answer about an order could not be settled; it is asked for again");
                Next::Ask
            }
        };
        match next {
            Next::Rest => return,
            Next::Send => {
                if has_to_wait(&order, &said) && !pause(gateway, tries).await {
                    return;
                }
                tries += 1;
                let sent = sent_again(gateway, served, (order, said), (began, tries)).await;
                let Some((after, answer)) = sent else { return };
                (order, said, questions) = (after, answer, 0);
                continue;
            }
            Next::Ask => {}
        }
        if began.elapsed() > GOES_ON_FOR || gateway.draining.is_cancelled() {
            return;
        }
        let is_accepted = order.state == VenueOrderState::Accepted && questions == 0 && order.absences == 0;
        let pause = ask_in(&order, now, questions);
        // A market order is filled by the time its echo is here.
        news.wait(if is_accepted { pause / 10 } else { pause }).await;
        questions += 1;
        said = ask(gateway, served, &order).await;
    }
}

/// Sends an order again, or tells what is heard of it instead. `None`: whoever looks at what is due goes on.
async fn sent_again(
    gateway: &Arc<Gateway>,
    served: &Arc<Served>,
    (order, said): (VenueOrder, Answer),
    (began, tries): (Instant, usize),
) -> Option<(VenueOrder, Answer)> {
    match again(gateway, served, &order).await {
        Again::Sent(sent, answer) => Some((*sent, answer)),
        Again::Never(unfit) => {
            let answer = never(&order, &said, unfit);
            Some((order, answer))
        }
        // Heard once more: by then it may not be wanted any more.
        Again::Later => {
            (began.elapsed() < GOES_ON_FOR && pause(gateway, tries).await).then_some((order, said))
        }
    }
}

/// What is said of an order that is not sent any more. One that the exchange turned away, and nothing else happened to,
/// was refused by it.
fn never(order: &VenueOrder, said: &Answer, unfit: Unfit) -> Answer {
    match said {
        Answer::NotNow { reason: ReasonCode::Refused, words }
            if order.state == VenueOrderState::Intended && order.sendings == 1 && order.absences == 0 =>
        {
            Answer::Refused { words: words.clone() }
        }
        _ => {
            // Where it was sent before, the edge has another reason: this one is told in words.
            let words = if unfit.words.is_empty() { unfit.reason.to_string() } else { unfit.words };
            Answer::NotSent { reason: unfit.reason, words }
        }
    }
}

/// What was turned away goes again after a while.
fn has_to_wait(order: &VenueOrder, said: &Answer) -> bool {
    matches!(said, Answer::NotNow { .. }) && order.state == VenueOrderState::Intended
}

/// Waits before an order goes again, longer each time. Whether the worker goes on.
async fn pause(gateway: &Gateway, tries: usize) -> bool {
    let pause = QUESTIONS.get(tries).or(QUESTIONS.last()).copied().unwrap_or(GOES_ON_FOR);
    tokio::select! {
        () = gateway.draining.cancelled() => false,
        () = tokio::time::sleep(pause) => true,
    }
}

/// The stream says something of an order: whoever asks for it asks at once, and what nobody asks for is looked at where
/// it says more than we know.
pub(super) fn hear_of(gateway: &Arc<Gateway>, account: AccountId, event: &OrderEvent) {
    let Some(venues) = &gateway.venues else { return };
    let Some(served) = venues.desk.find(account) else { return };
    let ours = event.client_id.as_deref().filter(|name| ClientOrderId::is_of_copy(name));
    let ours = ours.filter(|name| !is_name_of_exit(name));
    if ours.is_none() && !matches!(event.status, OrderStatus::New | OrderStatus::Pending) {
        // It may be a stop or target of a copy.
        let (gateway, event) = (Arc::clone(gateway), event.clone());
        venues.desk.tasks.spawn(async move { guarding::hear_of(&gateway, account, &event).await });
    }
    match ours {
        Some(name) if venues.desk.say(name) => {}
        Some(name) if event.filled > Decimal::ZERO => {
            let (gateway, name, filled) = (Arc::clone(gateway), name.to_owned(), event.filled);
            venues.desk.tasks.spawn(async move { catch_up(&gateway, &served, &name, filled).await });
        }
        // Something else traded there: a stop, a liquidation, the owner himself.
        None if event.trade_id.is_some() => super::nudge(gateway, account),
        _ => {}
    }
}

/// An order that counted as over, or whose sender is gone, has filled.
async fn catch_up(gateway: &Arc<Gateway>, served: &Arc<Served>, name: &str, filled: Decimal) {
    let account = served.account_id;
    let found = gateway.db.open(async |tx| venue_orders::find(tx, account, name).await).await;
    let Ok(Some(order)) = found else { return };
    let Some(venues) = &gateway.venues else { return };
    if order.filled >= filled {
        return;
    }
    let Some(in_hand) = venues.desk.take(order.copy_id) else { return };
    let said = ask(gateway, served, &order).await;
    follow(gateway, served, order, said, Took::default()).await;
    drop(in_hand);
}

/// Asks the exchange for an order.
pub(super) async fn ask(gateway: &Arc<Gateway>, served: &Arc<Served>, order: &VenueOrder) -> Answer {
    let Some(venues) = &gateway.venues else { return Answer::Doubt { words: String::new() } };
    let is_overdue = vanished::is_overdue(venues, served, order);
    // Then one that is not known by its names is looked for in the lists.
    let absences = order.absences.max(i32::from(is_overdue));
    match found(gateway, venues, served, &VenueOrder { absences, ..order.clone() }).await {
        Ok(Some(found)) if !is_it(order, &found) => {
            tracing::error!(copy.id = %order.copy_id, "the exchange answered about another order than it was asked for");
            Answer::Doubt { words: "an answer about another order".to_owned() }
        }
        // Rarely needed: it takes no room in all that asks.
        Ok(None) if is_overdue => match Box::pin(vanished::judge(gateway, venues, served, order)).await {
            Ok(answer) => answer,
            Err(error) => doubted(gateway, served, &error).await,
        },
        Ok(found) => match read(found.as_ref()) {
            Answer::Working(filling) if found.as_ref().is_some_and(is_filled_with_nothing) => {
                let now_ms = venues.bingx.clock(served.api.environment()).now_ms();
                let age_ms = now_ms.map(|now| now.saturating_sub(order.sent_at.timestamp_millis()));
                told_at_last(order, filling, age_ms)
            }
            answer => answer,
        },
        Err(error) => doubted(gateway, served, &error).await,
    }
}

/// A question that got no answer says nothing of its order.
async fn doubted(gateway: &Gateway, served: &Served, error: &ReadError) -> Answer {
    super::heed(gateway, served, error).await;
    Answer::Doubt { words: error.to_string() }
}

/// Whether an order is filled, and how far is not shown.
fn is_filled_with_nothing(found: &Order) -> bool {
    found.status == OrderStatus::Filled && found.filled <= Decimal::ZERO
}

/// What is believed of an order that is filled, `age_ms` after it was sent, where it is not shown how far.
///
/// Not for ever nothing: until then its copy can neither close nor be judged. An open counts as all that was ordered, and
/// a close as nothing, so that it is tried again: what the position really has is read before anything is closed of it.
fn told_at_last(order: &VenueOrder, filling: Filling, age_ms: Option<i64>) -> Answer {
    if age_ms.is_none_or(|age| age < SHOWN_WITHIN_MS) {
        return Answer::Working(filling);
    }
    tracing::error!(copy.id = %order.copy_id, "an order is filled and the exchange does not show how far");
    match order.leg {
        Leg::Open => Answer::Over(Filling { filled: order.quantity, ..filling }),
        Leg::Close | Leg::External => Answer::Over(filling),
    }
}

/// Whether what was read can be this order: what contradicts it is no evidence.
///
/// Our name is nobody else's. The exchange's was told by an echo, and may be wrong.
fn is_it(order: &VenueOrder, found: &Order) -> bool {
    let side = TradeSide::of(direction(order.direction), order.leg == Leg::Open);
    let is_named = match found.client_id.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => name.eq_ignore_ascii_case(&order.client_id),
        None => order.order_id.as_deref().is_none_or(|id| id == found.id.as_str()),
    };
    is_named && found.symbol.as_str() == order.symbol && found.side.is_none_or(|found| found == side)
}

async fn found(
    gateway: &Gateway,
    venues: &Venues,
    served: &Served,
    order: &VenueOrder,
) -> Result<Option<Order>, ReadError> {
    let turn = Turn::within(Priority::Protect, Duration::from_secs(30));
    let (Ok(symbol), Ok(name)) = (Symbol::listed(&order.symbol), ClientOrderId::new(&order.client_id)) else {
        // Not asked for, so not absent.
        tracing::error!(copy.id = %order.copy_id, "the name of an order cannot be asked for");
        return Err(ReadError::NoAnswer(Doubt::Unreadable));
    };
    if let Some(id) = order.order_id.as_deref().and_then(|id| OrderId::new(id).ok()) {
        let found = served.api.order(&symbol, &OrderRef::Venue(id), turn).await?;
        if found.as_ref().is_some_and(|found| is_it(order, found)) {
            return Ok(found);
        }
        // The echo that told its name may have been wrong. Ours is not.
    }
    let found = served.api.order(&symbol, &OrderRef::Ours(name.clone()), turn).await?;
    if found.is_some() || order.absences == 0 {
        return Ok(found);
    }
    // Before it counts as absent for good, the lists are looked through as well.
    let is_ours = |one: &Order| match one.client_id.as_deref().filter(|name| !name.is_empty()) {
        Some(id) => name.is(id),
        // A list that leaves our name out has its own.
        None => order.order_id.as_deref() == Some(one.id.as_str()),
    };
    let open = served.api.open_orders(Some(&symbol), turn).await?;
    if let Some(order) = open.into_iter().find(is_ours) {
        return Ok(Some(order));
    }
    // Since it was first written down, by the server's clock: ours may be off by anything.
    let age = gateway.db.open(async |tx| venue_orders::age_ms(tx, &order.client_id).await).await;
    let age_ms = age.map_err(|error| ReadError::NoAnswer(Doubt::NoAnswer(error.to_string())))?;
    let now_ms = venues.bingx.clock(served.api.environment()).now_ms().ok_or(NotSent::NoTime)?;
    let past = served.api.orders_between(&symbol, now_ms - age_ms - 600_000, now_ms + 60_000, turn).await?;
    Ok(past.into_iter().find(is_ours))
}

/// Takes up orders that nobody follows: their sender died, or gave up.
pub(super) async fn sweep(gateway: &Arc<Gateway>) -> StoreResult<()> {
    let Some(venues) = &gateway.venues else { return Ok(()) };
    let due = gateway.db.open(async |tx| venue_orders::take_due(tx, gateway.node, 200).await).await?;
    for order in due {
        let Some(served) = venues.desk.find(order.follower_id) else { continue };
        let Some(in_hand) = venues.desk.take(order.copy_id) else { continue };
        let gateway = Arc::clone(gateway);
        venues.desk.tasks.spawn(async move {
            let said = ask(&gateway, &served, &order).await;
            follow(&gateway, &served, order, said, Took::default()).await;
            drop(in_hand);
        });
    }
    Ok(())
}
