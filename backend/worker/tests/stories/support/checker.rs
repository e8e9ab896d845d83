//! What must hold at the end of every story.

use std::collections::BTreeSet;

use flotilla_testkit::broker::Broker;
use flotilla_testkit::invariants::Invariants;

use super::{Account, World};

impl World {
    /// Asserts what must hold whatever happened.
    pub async fn check(&self) {
        Invariants::of(&self.sql).assert_hold().await;
    }

    /// Asserts that a follower's broker kept the same books: what is open there is what we think is open, nothing was
    /// opened twice, and nothing was closed that we had not opened.
    pub async fn check_books(&self, follower: &Account, broker: &Broker) {
        let ours = "select coalesce(string_agg(venue_ref, ' '), '') from copy_orders
            where follower_account_id = $1 and state in ('open', 'closing')";
        let ours = self.text(ours, follower.id).await;
        let ours: BTreeSet<i64> = ours.split_whitespace().map(|ticket| ticket.parse().unwrap()).collect();
        let copies = broker.positions().into_iter().filter(|(_, position)| position.master_ticket.is_some());
        let theirs: BTreeSet<i64> = copies.map(|(ticket, _)| ticket).collect();
        assert_eq!(ours, theirs, "what is open");
        assert_eq!(broker.doubled(), BTreeSet::new(), "what was opened twice");
        assert_eq!(broker.wronged(), BTreeSet::new(), "what was closed and is not ours");
    }
}
