//! What a follower does about an entry of its master: the whole judgement, as
//! one pure function. The bulk statement that plans thousands of copies must
//! agree with it, which a differential test demands.

use rust_decimal::Decimal;

use crate::copy::reason::ReasonCode;
use crate::copy::settings::{CopySettings, SubscriptionState};
use crate::copy::sizing::{Basis, Purse, sized};
use crate::lots::Lots;
use crate::price::Price;
use crate::side::Side;
use crate::signal::OpenSignal;
use crate::symbol::Symbol;

/// What is known of a follower when its master enters.
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowerFacts {
    /// State of the subscription.
    pub state: SubscriptionState,
    /// Whether its account takes part in anything.
    pub is_account_active: bool,
    /// Whether somebody stopped copying: its owner, or the master's. Of a stop
    /// for a group this is so where the group is not its own owner's: nobody
    /// learns of another's groups.
    pub is_stopped: bool,
    /// Name of a group of its owner's that is stopped and holds it or, if none
    /// does, the master.
    pub stopped_group: Option<String>,
    /// What a guard of its owner's that stopped copying is named: its own or
    /// that of a group it is in or, if none did, the master's own. A group's guard
    /// holds for the accounts of the group alone, and nobody's for strangers.
    pub guard_trip: Option<String>,
    /// Name of an account of which such a guard knows too little.
    pub blind_account: Option<String>,
    /// Whether the master has left the trade since: copies of very many
    /// followers are planned one page after the other.
    pub has_master_left: bool,
    /// Its copies of this master that have not ended.
    pub open_copies: i64,
    /// Its money, if it is known.
    pub own: Option<Purse>,
    /// The master's money, if it is known.
    pub masters: Option<Purse>,
    /// Units of one lot of the instrument at its broker, if they are known.
    pub contract_size: Option<Decimal>,
    /// Whether it is connected, or was less than its age limit ago.
    pub is_near: bool,
    /// Whether sizes are coins: it trades at an exchange or on paper, as its master does.
    pub are_coins: bool,
}

/// What a follower does about an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The instrument under the follower's name; under the master's where that
    /// name may not be sent.
    pub symbol: Symbol,
    /// Side to open.
    pub side: Side,
    /// Stop loss to ask for.
    pub stop_loss: Option<Price>,
    /// Take profit to ask for.
    pub take_profit: Option<Price>,
    /// Size, where there is one; also of a copy that is skipped.
    pub lots: Option<Lots>,
    /// Why it is skipped; `None`: it is copied.
    pub reason: Option<ReasonCode>,
    /// What the reason is about: the group, the guard, or the account it does not see.
    pub detail: Option<String>,
}

/// Judges an entry. `None`: the follower has no part in it, and gets no copy.
///
/// The first reason that applies counts, from the owner's decisions through the
/// filters and the size to the connection.
#[must_use]
pub fn decide(settings: &CopySettings, order: &OpenSignal, facts: &FollowerFacts) -> Option<Decision> {
    if matches!(facts.state, SubscriptionState::Pending | SubscriptionState::Ended) {
        return None;
    }
    let renamed = settings.symbols.renamed(&order.symbol);
    let symbol = renamed.as_ref().unwrap_or(&order.symbol).clone();
    let (side, stop_loss, take_profit) = turned(settings, order);
    let lots = sized(settings, basis(order, facts, &symbol, (side, stop_loss)));
    let reason = facts
        .is_stopped
        .then_some(ReasonCode::Stopped)
        .or_else(|| facts.stopped_group.is_some().then_some(ReasonCode::GroupStopped))
        .or_else(|| facts.guard_trip.is_some().then_some(ReasonCode::GuardStopped))
        .or_else(|| held_back(facts))
        .or_else(|| facts.blind_account.is_some().then_some(ReasonCode::GuardBlind))
        .or_else(|| facts.has_master_left.then_some(ReasonCode::MasterClosed))
        .or_else(|| filtered(settings, order, &symbol))
        .or_else(|| renamed.is_err().then_some(ReasonCode::SymbolInvalid))
        .or_else(|| is_full(settings, facts).then_some(ReasonCode::MaxOpenCopies))
        .or_else(|| lots.err())
        .or_else(|| (!facts.is_near).then_some(ReasonCode::Offline));
    let asked = |stop: Option<Price>| stop.filter(|_| settings.copy_sl_tp);
    Some(Decision {
        symbol,
        side,
        stop_loss: asked(stop_loss),
        take_profit: asked(take_profit),
        lots: lots.ok(),
        reason,
        detail: detail(reason, facts),
    })
}

fn detail(reason: Option<ReasonCode>, facts: &FollowerFacts) -> Option<String> {
    match reason? {
        ReasonCode::GroupStopped => facts.stopped_group.clone(),
        ReasonCode::GuardStopped => facts.guard_trip.clone(),
        ReasonCode::GuardBlind => facts.blind_account.clone(),
        _ => None,
    }
}

/// Side, stop loss and take profit. Where a reversed copy wins the master
/// loses, so each stop becomes the other.
const fn turned(settings: &CopySettings, order: &OpenSignal) -> (Side, Option<Price>, Option<Price>) {
    if settings.reverse {
        (order.side.opposite(), order.take_profit, order.stop_loss)
    } else {
        (order.side, order.stop_loss, order.take_profit)
    }
}

/// The stop counts also where it is not sent: the master leaves there, and the
/// copy with it.
fn basis<'a>(
    order: &OpenSignal,
    facts: &'a FollowerFacts,
    symbol: &'a Symbol,
    (side, stop_loss): (Side, Option<Price>),
) -> Basis<'a> {
    let distance = |stop: Price| match side {
        Side::Buy => order.price.value() - stop.value(),
        Side::Sell => stop.value() - order.price.value(),
    };
    Basis {
        lots: order.lots,
        are_coins: facts.are_coins,
        own: facts.own.as_ref(),
        masters: facts.masters.as_ref(),
        symbol,
        contract_size: facts.contract_size,
        stop_distance: stop_loss.map(distance),
    }
}

const fn held_back(facts: &FollowerFacts) -> Option<ReasonCode> {
    match facts.state {
        SubscriptionState::CloseOnly => Some(ReasonCode::CloseOnly),
        SubscriptionState::Active if facts.is_account_active => None,
        _ => Some(ReasonCode::Paused),
    }
}

fn filtered(settings: &CopySettings, order: &OpenSignal, symbol: &Symbol) -> Option<ReasonCode> {
    if !settings.sides.includes(order.side) {
        return Some(ReasonCode::SideFiltered);
    }
    (!settings.symbols.is_wanted(&order.symbol, symbol)).then_some(ReasonCode::SymbolFiltered)
}

fn is_full(settings: &CopySettings, facts: &FollowerFacts) -> bool {
    settings.max_open_copies.is_some_and(|most| facts.open_copies >= i64::from(most))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy::settings::{Sides, SizingMode};
    use crate::ticket::Ticket;

    fn order() -> OpenSignal {
        OpenSignal {
            side: Side::Buy,
            symbol: "XAUUSD".parse().unwrap(),
            price: "2030.50".parse().unwrap(),
            lots: "0.10".parse().unwrap(),
            stop_loss: Some("2020.50".parse().unwrap()),
            take_profit: Some("2040".parse().unwrap()),
            ticket: Ticket::new(1001).unwrap(),
        }
    }

    fn facts() -> FollowerFacts {
        FollowerFacts {
            state: SubscriptionState::Active,
            is_account_active: true,
            is_stopped: false,
            stopped_group: None,
            guard_trip: None,
            blind_account: None,
            has_master_left: false,
            open_copies: 0,
            own: Some(Purse { balance: 10_000.into(), equity: 10_000.into(), currency: "USD".to_owned() }),
            masters: None,
            contract_size: Some(100.into()),
            is_near: true,
            are_coins: false,
        }
    }

    fn reason(settings: &CopySettings, facts: &FollowerFacts) -> Option<ReasonCode> {
        decide(settings, &order(), facts).unwrap().reason
    }

    #[test]
    fn an_entry_is_copied_as_it_is() {
        let decision = decide(&CopySettings::default(), &order(), &facts()).unwrap();

        let same = Decision {
            symbol: order().symbol,
            side: Side::Buy,
            stop_loss: order().stop_loss,
            take_profit: order().take_profit,
            lots: Some(order().lots),
            reason: None,
            detail: None,
        };
        assert_eq!(decision, same);
    }

    #[test]
    fn a_reversed_copy_exchanges_side_and_stops() {
        let settings = CopySettings { reverse: true, ..CopySettings::default() };

        let decision = decide(&settings, &order(), &facts()).unwrap();

        assert_eq!(decision.side, Side::Sell);
        assert_eq!((decision.stop_loss, decision.take_profit), (order().take_profit, order().stop_loss));
    }

    #[test]
    fn a_reversed_copy_risks_the_way_to_the_masters_target() {
        let settings = CopySettings {
            reverse: true,
            copy_sl_tp: false,
            sizing: SizingMode::RiskPercent,
            value: "0.0095".parse().unwrap(),
            ..CopySettings::default()
        };

        let decision = decide(&settings, &order(), &facts()).unwrap();

        // 95 of 9.50 × 100 a lot.
        assert_eq!(decision.lots, Some("0.1".parse().unwrap()));
        assert_eq!((decision.stop_loss, decision.take_profit), (None, None));
    }

    #[test]
    fn the_first_reason_counts() {
        let plain = CopySettings::default();
        let selling = CopySettings { sides: Sides::Sell, ..plain.clone() };
        let full = CopySettings { max_open_copies: Some(2), ..plain.clone() };
        let tiny = CopySettings { min_lots: Some(1.into()), ..plain.clone() };
        let away = FollowerFacts { is_near: false, open_copies: 2, ..facts() };
        let paused = FollowerFacts { state: SubscriptionState::Paused, ..away.clone() };
        let closing = FollowerFacts { state: SubscriptionState::CloseOnly, ..away.clone() };
        let off = FollowerFacts { is_account_active: false, ..facts() };
        let stopped = FollowerFacts { is_stopped: true, ..paused.clone() };

        assert_eq!(reason(&selling, &stopped), Some(ReasonCode::Stopped));
        assert_eq!(reason(&selling, &paused), Some(ReasonCode::Paused));
        assert_eq!(reason(&selling, &closing), Some(ReasonCode::CloseOnly));
        assert_eq!(reason(&plain, &off), Some(ReasonCode::Paused));
        let late = FollowerFacts { has_master_left: true, ..away.clone() };
        assert_eq!(reason(&selling, &late), Some(ReasonCode::MasterClosed));
        assert_eq!(reason(&selling, &away), Some(ReasonCode::SideFiltered));
        assert_eq!(reason(&full, &away), Some(ReasonCode::MaxOpenCopies));
        assert_eq!(
            reason(&full, &FollowerFacts { open_copies: 1, ..away.clone() }),
            Some(ReasonCode::Offline)
        );
        assert_eq!(reason(&tiny, &away), Some(ReasonCode::Limit));
        assert_eq!(reason(&plain, &away), Some(ReasonCode::Offline));
    }

    #[test]
    fn between_exchanges_sizes_are_coins_of_which_there_may_be_more_than_lots() {
        let many = OpenSignal { lots: Lots::coins(30_000.into()).unwrap(), ..order() };
        let settings = CopySettings::default();
        let sized = |facts: FollowerFacts| decide(&settings, &many, &facts).unwrap();

        let coins = sized(FollowerFacts { are_coins: true, ..facts() });
        let lots = sized(facts());

        assert_eq!((coins.lots, coins.reason), (Some(many.lots), None));
        assert_eq!((lots.lots, lots.reason), (None, Some(ReasonCode::Limit)));
    }

    #[test]
    fn a_stopped_group_is_named_unless_more_is_stopped() {
        let grouped = FollowerFacts {
            stopped_group: Some("Funded".to_owned()),
            state: SubscriptionState::Paused,
            ..facts()
        };
        let everywhere = FollowerFacts { is_stopped: true, ..grouped.clone() };

        let decisions = [grouped, everywhere]
            .map(|facts| decide(&CopySettings::default(), &order(), &facts).unwrap())
            .map(|decision| (decision.reason, decision.detail));

        assert_eq!(
            decisions,
            [(Some(ReasonCode::GroupStopped), Some("Funded".to_owned())), (Some(ReasonCode::Stopped), None)]
        );
    }

    #[test]
    fn a_guard_is_named_after_what_people_stopped_and_one_that_is_blind_after_what_they_paused() {
        let blind = FollowerFacts { blind_account: Some("FTMO-3".to_owned()), is_near: false, ..facts() };
        let paused = FollowerFacts { state: SubscriptionState::Paused, ..blind.clone() };
        let tripped =
            FollowerFacts { guard_trip: Some("Funded: FTMO-3, daily".to_owned()), ..paused.clone() };
        let grouped = FollowerFacts { stopped_group: Some("Funded".to_owned()), ..tripped.clone() };

        let decisions = [grouped, tripped, paused, blind]
            .map(|facts| decide(&CopySettings::default(), &order(), &facts).unwrap())
            .map(|decision| (decision.reason.unwrap(), decision.detail));

        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            decisions,
            [
                (ReasonCode::GroupStopped, text("Funded")),
                (ReasonCode::GuardStopped, text("Funded: FTMO-3, daily")),
                (ReasonCode::Paused, None),
                (ReasonCode::GuardBlind, text("FTMO-3")),
            ]
        );
    }

    #[test]
    fn who_has_no_part_gets_no_copy() {
        for state in [SubscriptionState::Pending, SubscriptionState::Ended] {
            assert_eq!(decide(&CopySettings::default(), &order(), &FollowerFacts { state, ..facts() }), None);
        }
    }
}
