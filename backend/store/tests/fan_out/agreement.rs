use std::collections::BTreeMap;

use flotilla_domain::copy::decision::{Decision, FollowerFacts, decide};
use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::copy::sizing::Purse;
use flotilla_domain::lots::Lots;
use flotilla_domain::signal::OpenSignal;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::generator::{self, Follower, GROUPS, GUARDED, Happens, Presence, Sight, one};
use crate::world::{BLIND, Stored, World, trip_title};

const FOLLOWERS: usize = 3_000;
const SIGNALS: i64 = 12;

/// What is true of all followers.
struct Facts {
    masters: Purse,
    /// The stopped group that holds the master.
    masters_group: Option<String>,
    /// What its own guard did.
    masters_trip: Option<String>,
    /// The master, when its own guard sees too little of it.
    masters_blind: Option<String>,
    /// The master trades at an exchange.
    leads_in_coins: bool,
}

/// The group where it happened first of those that hold the follower.
fn first(follower: &Follower, happens: Happens) -> Option<&'static str> {
    let mut such = GROUPS.iter().enumerate().filter(|(_, (_, what))| *what == happens);
    such.find(|(place, _)| follower.groups.contains(place)).map(|(_, (name, _))| *name)
}

/// The group that was stopped first of those that hold the follower or, if
/// none does, the master.
fn stopped_group(follower: &Follower, facts: &Facts) -> Option<String> {
    let own = first(follower, Happens::Stopped).map(ToOwned::to_owned);
    own.or_else(|| facts.masters_group.clone().filter(|_| follower.is_own))
}

/// Its own guard stopped it before any group's.
fn guard_trip(follower: &Follower, facts: &Facts) -> Option<String> {
    let own = follower.is_tripped.then(|| "copy, total".to_owned());
    let of_group = || first(follower, Happens::Tripped).map(trip_title);
    own.or_else(of_group).or_else(|| facts.masters_trip.clone().filter(|_| follower.is_own))
}

/// The first name of those that guards of the follower see too little of.
fn blind_account(follower: &Follower, facts: &Facts) -> Option<String> {
    let of_group = first(follower, Happens::Blind).map(|_| BLIND.to_owned());
    let own = (follower.is_guarded && follower.sight != Sight::Fresh).then(|| "copy".to_owned());
    let masters = || facts.masters_blind.clone().filter(|_| follower.is_own);
    of_group.or(own).or_else(masters)
}

/// What the definition says a row must hold; `None`: no row.
fn expected(follower: &Follower, order: &OpenSignal, all: &Facts, open_copies: i64) -> Option<Stored> {
    let renamed = follower.settings.symbols.renamed(&order.symbol).unwrap_or(order.symbol.clone());
    let facts = FollowerFacts {
        state: follower.state,
        is_account_active: follower.is_active,
        is_stopped: follower.is_stopped || !follower.is_own && all.masters_group.is_some(),
        stopped_group: stopped_group(follower, all),
        guard_trip: guard_trip(follower, all),
        blind_account: blind_account(follower, all),
        has_master_left: false,
        open_copies,
        own: follower.own.clone(),
        masters: Some(all.masters.clone()),
        contract_size: follower.contract_sizes.get(renamed.as_str()).copied(),
        is_near: !matches!(follower.presence, Presence::Away | Presence::Never),
        are_coins: all.leads_in_coins && follower.is_at_venue && follower.presence != Presence::Never,
    };
    let Decision { symbol, side, stop_loss, take_profit, lots, reason, detail } =
        decide(&follower.settings, order, &facts)?;
    let state = match (reason, follower.presence) {
        (Some(_), _) => CopyState::Skipped,
        (None, Presence::Here) if !follower.is_at_venue => CopyState::Claimed,
        (None, _) => CopyState::Planned,
    };
    Some(Stored {
        state: state.to_string(),
        symbol: symbol.to_string(),
        side: side.to_string(),
        stop_loss: stop_loss.map(|stop| stop.value().normalize()),
        take_profit: take_profit.map(|stop| stop.value().normalize()),
        lots: lots.map_or(Decimal::ZERO, Lots::value).normalize(),
        reason: reason.map(|reason| reason.to_string()),
        text: detail,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::too_many_lines, reason = "one story, signal by signal")]
async fn statement_and_definition_agree_on_every_follower() {
    let world = World::new().await;
    let mut runner = TestRunner::deterministic();
    let figures = Purse {
        balance: Decimal::new(2_500_000, 2),
        equity: Decimal::new(2_611_137, 2),
        currency: "USD".into(),
    };
    world.save_figures(world.master, &figures).await;
    world.set_sight(world.master, Sight::Fresh).await;
    let mut all = Facts {
        masters: figures,
        masters_group: None,
        masters_trip: None,
        masters_blind: None,
        leads_in_coins: false,
    };
    let mut followers: Vec<Follower> =
        (0..FOLLOWERS).map(|_| one(&mut runner, &generator::follower())).collect();
    followers.iter_mut().step_by(7).for_each(|follower| follower.is_at_venue = true);
    world.add(&followers).await;
    let mut open: BTreeMap<Uuid, i64> =
        followers.iter().map(|follower| (follower.account, follower.open_copies)).collect();
    let mut seen: BTreeMap<Option<String>, usize> = BTreeMap::new();
    let mut most = Decimal::ZERO;

    for ticket in 1..=SIGNALS {
        match SIGNALS - ticket {
            4 => {
                world.lead_at_exchange().await;
                all.leads_in_coins = true;
            }
            // Guards of groups say nothing of what is copied from a member.
            3 => world.group_master(&[3, 5, 6, GUARDED]).await,
            2 => {
                world.blind_master().await;
                all.masters_blind = Some("lead".to_owned());
            }
            1 => all.masters_trip = Some(world.trip_master().await),
            0 => {
                world.group_master(&[1, 2]).await;
                all.masters_group = Some(GROUPS[1].0.to_owned());
            }
            _ => {}
        }
        let mut order = one(&mut runner, &generator::order(ticket));
        if matches!(ticket, 7 | 8) {
            // More coins than there may be lots, of a master that counts in lots and of one that does not.
            order.lots = Lots::coins(Decimal::from(30_000)).unwrap();
        }
        world.try_accept(&order, i64::MAX).await.unwrap();
        let mut stored = world.stored(ticket).await;
        for follower in &followers {
            let copies = open.entry(follower.account).or_default();
            let wanted = expected(follower, &order, &all, *copies);
            let found = stored.remove(&follower.account);
            assert_eq!(found, wanted, "{order:?} for {follower:?} with {copies} copies");
            let Some(row) = wanted else { continue };
            *copies += i64::from(row.reason.is_none());
            most = most.max(row.lots);
            *seen.entry(row.reason).or_default() += 1;
        }
        assert!(stored.is_empty(), "rows of nobody: {stored:?}");
    }

    // What holds a follower back at planning does so until its order leaves.
    let holding = [
        ReasonCode::Stopped,
        ReasonCode::GroupStopped,
        ReasonCode::GuardStopped,
        ReasonCode::CloseOnly,
        ReasonCode::Paused,
        ReasonCode::GuardBlind,
    ]
    .map(|reason| reason.to_string());
    let stored = world.stored(SIGNALS).await;
    for (account, halt) in world.halts(SIGNALS, 1_000).await {
        let row = stored.get(&account).unwrap();
        let reason = row.reason.clone().filter(|reason| holding.contains(reason));
        assert_eq!(halt, reason.map(|reason| (reason, row.text.clone())), "{row:?} of {account}");
    }

    // Agreement on what never comes up would say nothing.
    assert!(most > Lots::MAX, "nobody copied more coins than there are lots");
    let planning = [
        ReasonCode::Offline,
        ReasonCode::Paused,
        ReasonCode::CloseOnly,
        ReasonCode::SideFiltered,
        ReasonCode::SymbolFiltered,
        ReasonCode::SymbolInvalid,
        ReasonCode::MaxOpenCopies,
        ReasonCode::NoFigures,
        ReasonCode::NoStop,
        ReasonCode::Limit,
        ReasonCode::Stopped,
        ReasonCode::GroupStopped,
        ReasonCode::GuardStopped,
        ReasonCode::GuardBlind,
    ];
    for reason in planning.map(|reason| Some(reason.to_string())).into_iter().chain([None]) {
        assert!(seen.get(&reason).is_some_and(|count| *count >= 20), "{reason:?} is too rare: {seen:?}");
    }
}
