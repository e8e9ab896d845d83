//! What must hold at the end of every story.

use std::collections::BTreeSet;

use flotilla_testkit::broker::Broker;

use super::{Account, World};

/// Counts rows that must not exist.
const BROKEN: [(&str, &str); 7] = [
    (
        "a signal has two copies for one follower",
        "select count(*) from (
            select from copy_orders group by signal_id, follower_account_id having count(*) > 1) n",
    ),
    (
        "a copy was claimed more than once",
        "select count(*) from (
            select from copy_events where to_state = 'claimed' group by copy_id having count(*) > 1) n",
    ),
    (
        "a copy moved without an event",
        "select count(*) from copy_orders c
         where c.state in ('unconfirmed', 'open', 'failed', 'closed', 'closing', 'attention')
            and not exists (select from copy_events e where e.copy_id = c.copy_id and e.to_state = c.state)",
    ),
    (
        "an event belongs to another owner than its copy",
        "select count(*) from copy_events e join copy_orders c using (copy_id) where e.owner_id <> c.owner_id",
    ),
    (
        "a copy belongs to another owner than its account",
        "select count(*) from copy_orders c join accounts a on a.id = c.follower_account_id
         where a.owner_id <> c.owner_id",
    ),
    (
        "an open copy has no open trade, or a closed one has",
        "select count(*) from copy_orders c left join trades t on t.copy_id = c.copy_id
         where (c.state in ('open', 'closing') and t.status is distinct from 'open')
            or (c.state = 'closed' and t.status = 'open')",
    ),
    (
        "a position belongs to two copies",
        "select count(*) from (
            select from copy_orders where venue_ref is not null
            group by follower_account_id, venue_ref having count(*) > 1) n",
    ),
];

impl World {
    /// Asserts what must hold whatever happened.
    pub async fn check(&self) {
        for (what, query) in BROKEN {
            let count: i64 = self.sql.query_one(query, &[]).await.unwrap().get(0);
            assert_eq!(count, 0, "{what}");
        }
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
