//! What became of every trade, counted.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use flotilla_testkit::broker::Position;
use uuid::Uuid;

use super::masters::Leader;
use crate::world::World;

/// The figures of a run.
#[derive(Debug, Default)]
pub struct Figures {
    /// Rows by state and reason.
    states: BTreeMap<String, i64>,
    copies: i64,
    /// Positions opened at the brokers.
    opened: usize,
    /// Positions beyond the one of each copy.
    pub duplicates: usize,
    /// Positions that are gone though their master holds the trade.
    pub mistaken: usize,
    /// Entries that were sent, are not stored, and were reported to the owner.
    reported: usize,
    /// Trades that were entered and left while nobody could hear of either.
    unseen: usize,
    /// Entries that were sent, are not stored or have no row for each follower, and that nobody was told of.
    silent: Vec<String>,
    forgotten: usize,
    /// Copies that are neither over, nor open with their master, nor visibly in doubt.
    pub unsettled: usize,
    /// Copies of trades that may be over, as their owners were told.
    told: usize,
}

impl Figures {
    pub fn silent_losses(&self) -> usize {
        self.silent.len()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let states: Vec<String> =
            self.states.iter().map(|(state, count)| format!("{state} {count}")).collect();
        write!(
            f,
            "{} copies ({}); {} positions opened, {} duplicates, {} closed by mistake; silent \
             losses {:?}, unsettled {}; {} entries lost on the way and \
             reported, {} exits that are not certain and reported, {} trades over before anybody \
             could hear of them, {} lines never sent",
            self.copies,
            states.join(", "),
            self.opened,
            self.duplicates,
            self.mistaken,
            self.silent,
            self.unsettled,
            self.reported,
            self.told,
            self.unseen,
            self.forgotten
        )
    }
}

pub async fn figures(world: &World, leaders: &[Leader]) -> Figures {
    let mut figures = Figures::default();
    let states =
        "select state || coalesce('(' || reason_code || ')', ''), count(*) from copy_orders group by 1";
    for row in world.sql.query(states, &[]).await.unwrap() {
        let count: i64 = row.get(1);
        figures.copies += count;
        figures.states.insert(row.get(0), count);
    }
    let held = held_by_masters(leaders);
    for broker in &world.brokers {
        let positions = broker.positions();
        let is_mistaken = |(ticket, position): &&(i64, Position)| {
            position.master_ticket.is_some_and(|of| held.contains(&of)) && !positions.contains_key(ticket)
        };
        figures.mistaken += broker.history().iter().filter(is_mistaken).count();
        let mut by_ticket: HashMap<Option<i64>, usize> = HashMap::new();
        for (_, position) in broker.history() {
            *by_ticket.entry(position.master_ticket).or_default() += 1;
        }
        figures.opened += by_ticket.values().sum::<usize>();
        figures.duplicates += by_ticket.values().map(|count| count - 1).sum::<usize>();
    }
    count_entries(world, leaders, &mut figures).await;
    figures.unsettled = unsettled(world, leaders).await;
    figures.told = told(world).await.len();
    figures
}

/// Tickets of trades that are open at their masters; no two masters have the same.
fn held_by_masters(leaders: &[Leader]) -> HashSet<i64> {
    let trades = leaders.iter().flat_map(|leader| leader.done().trades);
    trades.filter(|(_, is_open)| *is_open).map(|(ticket, _)| ticket).collect()
}

async fn count_entries(world: &World, leaders: &[Leader], figures: &mut Figures) {
    let missed = reported(world, "missed_open").await;
    let reopened = reported(world, "ticket_reopened").await;
    for leader in leaders {
        let done = leader.done();
        figures.forgotten += done.forgotten;
        let rows = "select s.ticket, count(c.id) from signals s left join copy_orders c on c.signal_id = s.id
            where s.master_account_id = $1 and s.kind = 'open' and s.part = 0 group by s.id, s.ticket";
        let stored: HashMap<i64, i64> = world
            .sql
            .query(rows, &[&leader.account.id])
            .await
            .unwrap()
            .iter()
            .map(|row| (row.get(0), row.get(1)))
            .collect();
        let followers =
            world.followers.iter().filter(|follower| follower.token == leader.account.token).count();
        for (ticket, is_open) in done.trades {
            match stored.get(&ticket) {
                Some(copies) if *copies == i64::try_from(followers).unwrap() => {}
                // Its exit overtook it on a newer connection.
                Some(0) if reopened.contains(&(leader.account.id, ticket)) => figures.reported += 1,
                Some(copies) => figures.silent.push(format!("{ticket} has {copies} copies of {followers}")),
                None if missed.contains(&(leader.account.id, ticket)) => figures.reported += 1,
                // There is nothing to copy any more, and nothing at the master's terminal that shows it.
                None if !is_open => figures.unseen += 1,
                None => figures.silent.push(format!("{ticket} is not stored")),
            }
        }
    }
}

/// Tickets of masters that their owners were told of by alerts of a kind.
async fn reported(world: &World, kind: &str) -> HashSet<(Uuid, i64)> {
    let alerts = "select account_id, ticket::bigint
        from alerts, regexp_split_to_table(detail->>'tickets', ', ') as ticket where kind = $1";
    let rows = world.sql.query(alerts, &[&kind]).await.expect("the alerts about entries that were missed");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Copies that are neither over, nor open with their master, nor visibly in doubt.
pub async fn unsettled(world: &World, leaders: &[Leader]) -> usize {
    let open: HashSet<(Uuid, i64)> = leaders
        .iter()
        .flat_map(|leader| {
            let account = leader.account.id;
            leader
                .done()
                .trades
                .into_iter()
                .filter(|(_, is_open)| *is_open)
                .map(move |(ticket, _)| (account, ticket))
        })
        .collect();
    let told = told(world).await;
    let rows = "select master_account_id, master_ticket, state, copy_id from copy_orders
        where state not in ('failed', 'skipped', 'closed', 'attention')";
    let rows = world.sql.query(rows, &[]).await.unwrap();
    rows.iter()
        .filter(|row| {
            let (state, copy): (&str, Uuid) = (row.get(2), row.get(3));
            state != "open" || !(open.contains(&(row.get(0), row.get(1))) || told.contains(&copy))
        })
        .count()
}

/// Open copies whose owners were told that the master may have left.
async fn told(world: &World) -> HashSet<Uuid> {
    let rows = "select copy_id from alerts join copy_orders using (copy_id) where kind = 'missed_exit' and state = 'open'";
    world.sql.query(rows, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}
