use std::collections::{BTreeMap, BTreeSet};

use flotilla_domain::id::{AccountId, NodeId, SignalId};
use flotilla_domain::lots::Lots;
use flotilla_domain::signal::SignalKind;
use flotilla_store::signals::{self, FanOut, Origin, Planned};
use rust_decimal::Decimal;
use uuid::{Uuid, Variant};

use crate::generator::{Follower, Presence};
use crate::world::World;

/// Ids of copies, by follower.
type Names = BTreeMap<Uuid, Uuid>;

impl World {
    /// Accepts a line with all pages of its copies.
    async fn tell(&self, ticket: i64, line: u8, stored_as: (SignalKind, i32)) -> Names {
        let origin = Origin {
            signal_id: SignalId::from_uuid(Uuid::now_v7()),
            master_id: self.master.into(),
            owner_id: self.owner.into(),
            epoch: 1,
            line_hash: [line; 32],
            age_us: 1_000,
        };
        let order = Self::order(ticket, Lots::new(Decimal::ONE).unwrap());
        let fan_out = FanOut { node: NodeId::from_uuid(self.node), chunk: 2, page: 5, is_copied: true };
        let signal = (origin.master_id, origin.signal_id);
        let mut copies = self
            .store
            .open(async |tx| signals::accept(tx, &origin, &order, stored_as, fan_out).await)
            .await
            .unwrap()
            .copies;
        while let Some(page) = self.plan(signal, fan_out).await {
            copies.extend(page.accepted.copies);
        }
        copies.iter().map(|copy| (copy.follower_id.uuid(), copy.id.uuid())).collect()
    }

    async fn plan(&self, signal: (AccountId, SignalId), fan_out: FanOut) -> Option<Planned> {
        self.store.open(async |tx| signals::plan_next(tx, signal, fan_out).await).await.unwrap()
    }

    /// An entry of a trade, three further ones and another trade.
    async fn tell_all(&self) -> [Names; 5] {
        [
            self.tell(1, 1, (SignalKind::Open, 0)).await,
            self.tell(1, 2, (SignalKind::Add, 0)).await,
            // Lines that came before, of the first entry and of a further one.
            self.tell(1, 1, (SignalKind::Add, 1)).await,
            self.tell(1, 2, (SignalKind::Add, 2)).await,
            self.tell(2, 1, (SignalKind::Open, 0)).await,
        ]
    }

    /// The database loses all signals and copies.
    async fn lose(&self) {
        let lose = "begin; set local session_replication_role = replica;
            delete from copy_events; delete from copy_orders; delete from signals; commit";
        self.sql.batch_execute(lose).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_of_a_signal_that_was_lost_and_comes_again_have_the_names_that_they_had() {
    let world = World::new().await;
    world.add(&vec![Follower::plain(Presence::Here); 12]).await;

    let before = world.tell_all().await;
    let all: BTreeSet<Uuid> = before.iter().flat_map(|names| names.values().copied()).collect();
    assert_eq!(all.len(), 5 * 12, "each of its own");
    assert!(all.iter().all(|id| (id.get_version_num(), id.get_variant()) == (8, Variant::RFC4122)));

    world.lose().await;
    assert_eq!(world.tell_all().await, before);

    // Of what comes again without what came before it as well.
    world.lose().await;
    assert_eq!(world.tell(1, 2, (SignalKind::Open, 0)).await, before[1]);
}
