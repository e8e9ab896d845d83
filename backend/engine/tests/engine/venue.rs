//! Orders at an exchange.

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::copy::venue_order::{Leg, VenueOrder, VenueOrderState};
use flotilla_domain::trade::Direction;
use flotilla_engine::Cause;
use flotilla_engine::venue::{
    Answer, FENCE, Filling, Next, ask_in, closable, closed, heard, opened, sent_again, shown_within, taken,
    taken_of,
};
use proptest::prelude::*;
use rstest::rstest;
use rust_decimal::Decimal;

use crate::support::{copy, start, ticket};

fn order(leg: Leg, state: VenueOrderState) -> VenueOrder {
    let copy = copy(CopyState::Claimed);
    VenueOrder {
        client_id: "f1o1".to_owned(),
        owner_id: copy.owner_id,
        follower_id: copy.follower_id,
        copy_id: copy.id,
        leg,
        version: 1,
        symbol: "XAUT-USDT".to_owned(),
        direction: Direction::Long,
        quantity: Decimal::TEN,
        units: Decimal::ONE_HUNDRED,
        stop_loss: None,
        take_profit: None,
        state,
        order_id: None,
        filled: Decimal::ZERO,
        average_price: None,
        fee: None,
        epoch: 7,
        sendings: 1,
        sent_at: start(),
        absences: 0,
        words: None,
    }
}

fn filling(filled: i64) -> Filling {
    Filling {
        order_id: "1745839584339562496".to_owned(),
        filled: filled.into(),
        average_price: Some(Decimal::from(2030)),
    }
}

fn after(seconds: i64) -> DateTime<Utc> {
    start() + TimeDelta::seconds(seconds)
}

#[test]
fn what_was_turned_away_waits_only_to_open_and_only_while_it_is_wanted() {
    let answer = Answer::NotNow { reason: ReasonCode::Offline, words: "no connection".to_owned() };
    let state = |leg, is_wanted| {
        let (order, next) = heard(&order(leg, VenueOrderState::Intended), &answer, after(1), is_wanted);
        (order.state, next)
    };

    assert_eq!(state(Leg::Open, true), (VenueOrderState::Intended, Next::Send));
    assert_eq!(state(Leg::Open, false), (VenueOrderState::Refused, Next::Rest));
    assert_eq!(state(Leg::Close, true), (VenueOrderState::Refused, Next::Rest));
    let (refused, _) = heard(&order(Leg::Open, VenueOrderState::Unknown), &answer, after(1), false);
    let edge = opened(&copy(CopyState::Unconfirmed), &refused, Decimal::ZERO, &answer).unwrap();
    assert_eq!((edge.to, edge.reason), (CopyState::Failed, Some(ReasonCode::NotOpened)));
    let (accepted, next) = heard(&order(Leg::Open, VenueOrderState::Accepted), &answer, after(1), true);
    assert_ne!((accepted.state, next), (VenueOrderState::Intended, Next::Send));
}

/// An open of a claimed copy: what the answer makes of order and copy.
fn judged(state: CopyState, answer: &Answer) -> String {
    let (order, next) = heard(&order(Leg::Open, VenueOrderState::Intended), answer, after(1), true);
    let edge = opened(&copy(state), &order, order.filled, answer);
    let edge = edge.map_or(String::new(), |edge| {
        let reason = edge.reason.map_or(String::new(), |reason| format!("({reason})"));
        format!(" {}{reason} {}", edge.to, edge.open_lots.unwrap_or_default())
    });
    format!("{} {next:?}{edge}", order.state)
}

#[rstest]
#[case::filled(Answer::Over(filling(10)), "filled Rest open 0.1")]
#[case::in_part(Answer::Over(filling(4)), "filled Rest open 0.04")]
#[case::accepted(Answer::Working(filling(0)), "accepted Ask received 0")]
#[case::cancelled(Answer::Over(filling(0)), "refused Rest failed(refused) 0")]
#[case::refused(Answer::Refused { words: "no".to_owned() }, "refused Rest failed(refused) 0")]
#[case::not_sent(Answer::NotSent { reason: ReasonCode::Stale, words: String::new() }, "refused Rest failed(stale) 0")]
#[case::turned_away(Answer::NotNow { reason: ReasonCode::Offline, words: String::new() }, "intended Send")]
#[case::doubt(Answer::Doubt { words: "504".to_owned() }, "unknown Ask unconfirmed(silent) 0")]
#[case::not_yet_known(Answer::Absent, "unknown Ask unconfirmed(silent) 0")]
fn an_answer_to_an_open(#[case] answer: Answer, #[case] expected: &str) {
    assert_eq!(judged(CopyState::Claimed, &answer), expected);
}

/// An open that is given up: how often it was sent and not known, and what its copy is thought to be.
#[rstest]
#[case::refused((1, 0), CopyState::Claimed, ReasonCode::Refused, (Cause::AckOpenFail, ReasonCode::Refused))]
#[case::refused_again((3, 0), CopyState::Claimed, ReasonCode::Refused, (Cause::AckOpenFail, ReasonCode::Refused))]
#[case::in_doubt_before((2, 0), CopyState::Unconfirmed, ReasonCode::Refused, (Cause::NotListed, ReasonCode::NotOpened))]
#[case::not_known((1, 2), CopyState::Claimed, ReasonCode::Refused, (Cause::NotListed, ReasonCode::NotOpened))]
#[case::never_left((1, 0), CopyState::Claimed, ReasonCode::Stale, (Cause::NotWritten, ReasonCode::Stale))]
#[case::left_before((2, 0), CopyState::Claimed, ReasonCode::Stale, (Cause::NotListed, ReasonCode::NotOpened))]
#[case::left_and_not_known((1, 2), CopyState::Unconfirmed, ReasonCode::Stale, (Cause::NotListed, ReasonCode::NotOpened))]
fn an_open_that_is_given_up_is_refused_only_where_it_cannot_be_there(
    #[case] (sendings, absences): (i32, i32),
    #[case] state: CopyState,
    #[case] reason: ReasonCode,
    #[case] expected: (Cause, ReasonCode),
) {
    let order = VenueOrder { sendings, absences, ..order(Leg::Open, VenueOrderState::Refused) };
    let answers = [
        Answer::NotNow { reason, words: String::new() },
        Answer::NotSent { reason: ReasonCode::TradingOff, words: String::new() },
    ];

    let [not_now, never] =
        answers.map(|answer| opened(&copy(state), &order, Decimal::ZERO, &answer).unwrap());

    assert_eq!(
        (not_now.to, not_now.cause, not_now.reason),
        (CopyState::Failed, expected.0, Some(expected.1))
    );
    // What was decided here is never the exchange's refusal.
    assert_ne!(never.cause, Cause::AckOpenFail);
    assert_eq!(never.cause == Cause::NotWritten, (sendings, absences, state) == (1, 0, CopyState::Claimed));
}

#[rstest]
#[case(CopyState::Unconfirmed, "filled Rest open 0.1")]
#[case(CopyState::Failed, "filled Rest open(late_evidence) 0.1")]
#[case(CopyState::Skipped, "filled Rest open(late_evidence) 0.1")]
#[case(CopyState::Open, "filled Rest")]
fn a_fill_counts_whatever_the_copy_was_thought_to_be(#[case] state: CopyState, #[case] expected: &str) {
    assert_eq!(judged(state, &Answer::Over(filling(10))), expected);
}

#[test]
fn an_absent_order_is_dead_after_two_absences_behind_the_fence_and_not_before() {
    let unknown = order(Leg::Open, VenueOrderState::Unknown);
    let fence = start() + FENCE;

    let (early, next) = heard(&unknown, &Answer::Absent, fence - TimeDelta::milliseconds(1), false);
    assert_eq!((early.absences, next), (0, Next::Ask));
    let (once, next) = heard(&early, &Answer::Absent, fence, false);
    assert_eq!((once.state, once.absences, next), (VenueOrderState::Unknown, 1, Next::Ask));
    let (dead, next) = heard(&once, &Answer::Absent, fence, false);
    assert_eq!((dead.state, next), (VenueOrderState::Dead, Next::Rest));

    let edge = opened(&copy(CopyState::Unconfirmed), &dead, Decimal::ZERO, &Answer::Absent).unwrap();
    assert_eq!((edge.to, edge.reason), (CopyState::Failed, Some(ReasonCode::NotOpened)));
}

#[test]
fn a_wanted_order_that_never_arrived_is_sent_again_under_its_name() {
    let once = VenueOrder { absences: 1, ..order(Leg::Open, VenueOrderState::Unknown) };

    let (unknown, next) = heard(&once, &Answer::Absent, after(10), true);
    let again = sent_again(&unknown, after(10), 8);

    assert_eq!(next, Next::Send);
    assert_eq!((again.state, again.sendings, again.absences), (VenueOrderState::Intended, 2, 0));
    assert_eq!((again.client_id, again.sent_at, again.epoch), (once.client_id, after(10), 8));
}

#[test]
fn an_accepted_order_is_asked_for_until_it_is_over() {
    let (accepted, _) =
        heard(&order(Leg::Open, VenueOrderState::Intended), &Answer::Working(filling(3)), after(1), true);

    for answer in [Answer::Absent, Answer::Doubt { words: String::new() }] {
        let (still, next) = heard(&accepted, &answer, after(100), true);
        assert_eq!((still.state, still.filled, next), (VenueOrderState::Accepted, 3.into(), Next::Ask));
    }
}

#[rstest]
#[case::nothing_is_there(0, CopyState::Unconfirmed, "failed not_opened")]
#[case::nothing_is_there_at_once(0, CopyState::Received, "failed not_opened")]
#[case::coins_are_there(4, CopyState::Unconfirmed, "attention ambiguous")]
#[case::coins_are_there_at_once(4, CopyState::Received, "unconfirmed ambiguous")]
fn an_accepted_order_that_no_list_shows_is_given_up_after_two_looks_behind_its_window(
    #[case] beyond: i64,
    #[case] state: CopyState,
    #[case] expected: &str,
) {
    let accepted = order(Leg::Open, VenueOrderState::Accepted);
    let nowhere = Answer::Nowhere { beyond: beyond.into() };
    let end = start() + shown_within(Leg::Open);

    let (early, next) = heard(&accepted, &nowhere, end - TimeDelta::milliseconds(1), true);
    assert_eq!((early.state, early.absences, next), (VenueOrderState::Accepted, 0, Next::Ask));
    let (once, next) = heard(&early, &nowhere, end, true);
    assert_eq!((once.state, next), (VenueOrderState::Accepted, Next::Ask));
    // Never sent again, however much it is wanted.
    let (dead, next) = heard(&once, &nowhere, end, true);
    assert_eq!((dead.state, next), (VenueOrderState::Dead, Next::Rest));

    let edge = opened(&copy(state), &dead, Decimal::ZERO, &nowhere).unwrap();
    assert_eq!(format!("{} {}", edge.to, edge.reason.unwrap()), expected);
    // What was seen of one stays true.
    let part = VenueOrder { filled: 3.into(), ..once.clone() };
    let (filled, _) = heard(&part, &nowhere, end, true);
    assert_eq!((filled.state, filled.filled), (VenueOrderState::Filled, 3.into()));
    // A close is tried again sooner.
    let close = VenueOrder { absences: 1, ..order(Leg::Close, VenueOrderState::Accepted) };
    let (dead, _) = heard(&close, &nowhere, start() + shown_within(Leg::Close), true);
    let edge = closed(&copy(CopyState::Closing), &dead, 10.into()).unwrap();
    assert_eq!((edge.to, edge.reason), (CopyState::Closing, Some(ReasonCode::CloseRefused)));
    // Unless its position has become smaller: then what is left is not its copy's.
    for (missing, closed) in [(4_i64, 4_i64), (10, 10), (11, 10)] {
        let nowhere = Answer::Nowhere { beyond: Decimal::from(-missing) };
        let (filled, _) = heard(&close, &nowhere, start() + shown_within(Leg::Close), true);
        assert_eq!((filled.state, filled.filled), (VenueOrderState::Filled, closed.into()));
    }
    // What is shown again in between is looked for anew, and two looks are not one.
    let (shown, _) = heard(&once, &Answer::Working(filling(0)), end, true);
    assert_eq!((shown.state, shown.absences), (VenueOrderState::Accepted, 0));
    assert_eq!(ask_in(&once, end, 0).as_secs(), 5);
}

#[test]
fn an_order_in_doubt_is_asked_for_when_it_cannot_appear_any_more_and_soon_again() {
    let unknown = order(Leg::Open, VenueOrderState::Unknown);
    let once = VenueOrder { absences: 1, ..unknown.clone() };
    let accepted = order(Leg::Open, VenueOrderState::Accepted);

    let millis = |order: &VenueOrder, at: i64, asked| ask_in(order, after(at), asked).as_millis();
    assert_eq!([millis(&unknown, 0, 0), millis(&unknown, 8, 5)], [250, 1_000]);
    assert_eq!([millis(&unknown, 9, 5), millis(&once, 10, 5)], [8_000, 500]);
    assert_eq!(millis(&accepted, 8, 5), 8_000);
}

#[test]
fn a_dead_order_that_was_filled_after_all_is_filled() {
    let dead = order(Leg::Open, VenueOrderState::Dead);

    let (filled, _) = heard(&dead, &Answer::Over(filling(10)), after(60), false);
    let (dead, _) = heard(&dead, &Answer::Refused { words: "no".to_owned() }, after(60), false);

    assert_eq!((filled.state, dead.state), (VenueOrderState::Filled, VenueOrderState::Dead));
}

#[test]
fn a_close_ends_the_copy_when_nothing_is_held_any_more() {
    let filled = |filled: i64| {
        heard(&order(Leg::Close, VenueOrderState::Intended), &Answer::Over(filling(filled)), after(1), true).0
    };
    let closing = copy(CopyState::Closing);

    let whole = closed(&closing, &filled(10), Decimal::ZERO).unwrap();
    let part = closed(&closing, &filled(4), 6.into()).unwrap();
    let refused = closed(&closing, &order(Leg::Close, VenueOrderState::Refused), 10.into()).unwrap();

    assert_eq!((whole.to, whole.open_lots), (CopyState::Closed, Some(Decimal::ZERO)));
    assert_eq!((part.to, part.open_lots), (CopyState::Closing, Some(Decimal::new(6, 2))));
    assert_eq!((refused.to, refused.reason), (CopyState::Closing, Some(ReasonCode::CloseRefused)));
}

#[test]
fn what_others_took_is_told() {
    let all = taken_of(&copy(CopyState::Open), Decimal::ZERO, Decimal::ONE_HUNDRED).unwrap();
    let part = taken_of(&copy(CopyState::Open), 5.into(), Decimal::ONE_HUNDRED).unwrap();

    assert_eq!((all.to, all.reason), (CopyState::Closed, Some(ReasonCode::ClosedExternally)));
    assert_eq!((part.to, part.open_lots), (CopyState::Open, Some(Decimal::new(5, 2))));
    assert_eq!(taken_of(&copy(CopyState::Unconfirmed), Decimal::ZERO, Decimal::ONE), None);
    assert_eq!(part.applied(&copy(CopyState::Open)).follower_ticket, Some(ticket(5001)));
}

proptest! {
    #[test]
    fn what_is_missing_is_taken_from_the_newest_and_nothing_else_is_touched(
        held in prop::collection::vec(0i64..1_000, 0..8), real in 0i64..5_000,
    ) {
        let held: Vec<Decimal> = held.into_iter().map(Decimal::from).collect();
        let real = Decimal::from(real);
        let lost = taken(&held, real);
        let (sum, gone): (Decimal, Decimal) = (held.iter().sum(), lost.iter().sum());

        prop_assert_eq!(gone, (sum - real).max(Decimal::ZERO));
        for (index, (holds, loses)) in held.iter().zip(&lost).enumerate() {
            prop_assert!(*loses >= Decimal::ZERO && loses <= holds);
            // Only once all newer ones have lost everything.
            prop_assert!(loses.is_zero() || held[..index] == lost[..index]);
            prop_assert!(closable(*holds, *loses, real) <= real);
        }
        // The books never say more than there is (I6).
        prop_assert!(sum - gone <= real || gone.is_zero());
    }

    #[test]
    fn no_row_of_answers_forgets_a_fill_or_sends_under_another_name(
        answers in prop::collection::vec((0usize..7, 0i64..12, 0i64..900), 1..20),
    ) {
        let first = order(Leg::Open, VenueOrderState::Intended);
        let mut order = first.clone();
        let mut filled = Decimal::ZERO;
        for (kind, amount, at) in answers {
            let answer = match kind {
                0 => Answer::Working(filling(amount)),
                1 => Answer::Over(filling(amount)),
                2 => Answer::Refused { words: String::new() },
                3 => Answer::Doubt { words: String::new() },
                4 => Answer::NotSent { reason: ReasonCode::Stale, words: String::new() },
                5 => Answer::Nowhere { beyond: amount.into() },
                _ => Answer::Absent,
            };
            let (after_it, next) = heard(&order, &answer, after(at), true);
            prop_assert_eq!(&after_it.client_id, &first.client_id);
            prop_assert!(after_it.filled >= filled && after_it.filled <= first.quantity);
            // An order that was filled or may have been is never sent again.
            prop_assert!(next != Next::Send || (after_it.filled.is_zero() && after_it.absences >= 2));
            filled = after_it.filled;
            order = if next == Next::Send { sent_again(&after_it, after(at), 7) } else { after_it };
        }
    }
}
