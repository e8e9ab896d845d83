use std::collections::BTreeSet;

use flotilla_domain::copy::order::CopyState;
use flotilla_domain::id::{NodeId, SignalId};
use flotilla_domain::lots::Lots;
use flotilla_store::copy_orders::claim::{Opens, claim_opens};
use flotilla_store::signals::{self, FanOut, NewCopy, Planned};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::generator::{Follower, Presence};
use crate::world::World;

impl World {
    /// The first page of a signal of five-follower pages.
    async fn first_page(&self, ticket: i64) -> SignalId {
        let order = Self::order(ticket, Lots::new(Decimal::ONE).unwrap());
        let accepted = self.accept_page(&order, i64::MAX, 5).await.unwrap();
        assert_eq!((accepted.copies.len(), accepted.is_planned), (5, false));
        accepted.id
    }

    async fn next_page(&self, signal: SignalId) -> Option<Planned> {
        let fan_out =
            FanOut { node: NodeId::from_uuid(self.node), chunk: i64::MAX, page: 5, is_copied: true };
        self.store
            .open(async |tx| signals::plan_next(tx, (self.master.into(), signal), fan_out).await)
            .await
            .unwrap()
    }

    async fn unplanned(&self) -> Vec<SignalId> {
        let unplanned = self.store.open(async |tx| signals::list_unplanned(tx, 0).await).await.unwrap();
        unplanned.into_iter().map(|(_, signal)| signal).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_follower_gets_one_copy_however_many_pages_it_takes() {
    let world = World::new().await;
    world.add(&vec![Follower::plain(Presence::Here); 12]).await;

    let signal = world.first_page(1).await;
    let unplanned = world.unplanned().await;
    let (second, third, fourth) =
        (world.next_page(signal).await, world.next_page(signal).await, world.next_page(signal).await);

    assert_eq!(unplanned, [signal]);
    let copies = |page: &Option<Planned>| page.as_ref().map(|page| page.accepted.copies.len());
    assert_eq!([copies(&second), copies(&third), copies(&fourth)], [Some(5), Some(2), None]);
    assert_eq!(world.stored(1).await.len(), 12);
    assert_eq!(world.unplanned().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_follows_is_settled_when_the_signal_comes() {
    let world = World::new().await;
    let followers = world.add(&vec![Follower::plain(Presence::Here); 8]).await;
    let signal = world.first_page(1).await;
    let planned: BTreeSet<Uuid> = world.stored(1).await.into_keys().collect();

    let left = followers.iter().copied().find(|account| !planned.contains(account)).unwrap();
    world
        .sql
        .execute(
            "update subscriptions set state = 'ended', ended_at = clock_timestamp(), ended_by = 'web'
             where follower_account_id = $1::text::uuid",
            &[&left.to_string()],
        )
        .await
        .unwrap();
    world.add(&vec![Follower::plain(Presence::Here); 4]).await;
    world.sql.execute("update subscriptions set valid_from = clock_timestamp() where created_at = (select max(created_at) from subscriptions)", &[]).await.unwrap();
    while world.next_page(signal).await.is_some() {}

    let stored = world.stored(1).await;
    let copied: BTreeSet<Uuid> = stored.keys().copied().collect();
    assert_eq!(copied, followers.iter().copied().collect(), "those who came later have no part in it");
    assert_eq!(stored.get(&left).unwrap().reason.as_deref(), Some("paused"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_after_the_masters_exit_opens_nothing() {
    let world = World::new().await;
    world.add(&vec![Follower::plain(Presence::Here); 8]).await;
    let signal = world.first_page(1).await;

    world
        .sql
        .execute(
            "insert into signals (owner_id, master_account_id, ticket, kind, part, symbol, line_hash, session_epoch)
             values ($1::text::uuid, $2::text::uuid, 1, 'close', 0, 'XAUUSD', '', 1)",
            &[&world.owner.to_string(), &world.master.to_string()],
        )
        .await
        .unwrap();
    let page = world.next_page(signal).await.unwrap();

    let stored = world.stored(1).await;
    assert_eq!(page.accepted.copies.len(), 3);
    for copy in &page.accepted.copies {
        let row = stored.get(&copy.follower_id.uuid()).unwrap();
        assert_eq!((row.state.as_str(), row.reason.as_deref()), ("skipped", Some("master_closed")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_after_a_part_left_and_a_stop_moved_wants_what_the_others_want() {
    let world = World::new().await;
    world.add(&vec![Follower::plain(Presence::Here); 8]).await;
    let signal = world.first_page(1).await;
    let (owner, master) = (world.owner.to_string(), world.master.to_string());

    let changes =
        "insert into signals (owner_id, master_account_id, ticket, kind, part, symbol, side, lots, rest_lots,
            stop_loss, line_hash, session_epoch)
        values ($1::text::uuid, $2::text::uuid, 1, 'partial', 0, 'XAUUSD', 'BUY', 0.5, 1.5, null, '', 1),
            ($1::text::uuid, $2::text::uuid, 1, 'modify', 0, 'XAUUSD', 'BUY', null, null, 1900, '', 1)";
    world.sql.execute(changes, &[&owner, &master]).await.unwrap();
    // Of those that are left one is a terminal, whose owner has all of it closed.
    let paper = "update accounts set platform = 'paper' where id in (
        select follower_account_id from subscriptions f
        where not exists (
            select from copy_orders c where c.follower_account_id = f.follower_account_id and c.master_ticket = 1)
        order by follower_account_id limit 2)";
    world.sql.execute(paper, &[]).await.unwrap();
    // What was added after the part had left is no part of it.
    let added = "with a as (
            insert into signals (owner_id, master_account_id, ticket, kind, part, symbol, side, lots, price, line_hash,
                session_epoch)
            values ($1::text::uuid, $2::text::uuid, 1, 'add', 0, 'XAUUSD', 'BUY', 1, 2030, '', 1) returning id)
        insert into copy_orders (signal_id, owner_id, follower_account_id, master_account_id, state, symbol, side,
            master_ticket, master_lots, master_price, desired_lots, open_lots, venue_ref, expires_at)
        select a.id, c.owner_id, c.follower_account_id, c.master_account_id, 'open', c.symbol, c.side, 1, 1, 2030, 1, 1,
            '9', now()
        from a cross join (select * from copy_orders where master_ticket = 1 order by id limit 1) c";
    world.sql.execute(added, &[&owner, &master]).await.unwrap();
    let page = world.next_page(signal).await.unwrap();

    let wanted = "select string_agg(state || ' ' || trim_scale(desired_lots) || ' '
            || coalesce(trim_scale(stop_loss)::text, '-'), ', ' order by id)
        from (select * from copy_orders order by id desc limit 4) c";
    let wanted: String = world.sql.query_one(wanted, &[]).await.unwrap().get(0);
    assert_eq!(wanted, "open 1 -, planned 0.75 1900, planned 0.75 1900, skipped 0 -");
    let states: Vec<CopyState> = page.accepted.copies.iter().map(|copy| copy.state).collect();
    assert_eq!(states, [CopyState::Planned, CopyState::Planned, CopyState::Skipped], "no line is on its way");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_read_again_offers_only_the_claims_of_its_own_commit() {
    let world = World::new().await;
    world.add(&vec![Follower::plain(Presence::Here); 8]).await;
    let order = World::order(1, Lots::new(Decimal::ONE).unwrap());
    let born = world.accept_page(&order, 2, 5).await.unwrap();
    let (node, master) = (NodeId::from_uuid(world.node), world.master.into());
    // What was planned was claimed since, and the next page planned: their lines are on the wire.
    let planned = born.copies.iter().find(|copy| copy.state == CopyState::Planned).unwrap().id.uuid();
    let planned = Opens::Copies(&[planned]);
    let claimed = world.store.open(async |tx| claim_opens(tx, node, planned, 1).await).await.unwrap();
    let next = world.next_page(born.id).await.unwrap();
    assert_eq!((claimed.len(), next.accepted.copies.len()), (1, 3));

    let again = world.store.open(async |tx| signals::get_accepted(tx, master, born.id).await).await.unwrap();

    let claims = |copies: &[NewCopy]| -> BTreeSet<Uuid> {
        copies.iter().filter(|copy| copy.epoch.is_some()).map(|copy| copy.id.uuid()).collect()
    };
    assert_eq!(claims(&again.copies), claims(&born.copies));
    assert_eq!((claims(&born.copies).len(), again.copies.len(), again.is_planned), (2, 8, true));
}
