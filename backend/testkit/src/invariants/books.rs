//! The brokers' own books against ours.

use std::collections::{BTreeMap, HashMap};

use flotilla_domain::copy::order::CopyState;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::broker::Broker;

/// What we believe about one copy.
#[derive(Debug)]
struct Believed {
    state: CopyState,
    ticket: Option<i64>,
    was_claimed: bool,
}

/// Copies by follower and the master's ticket.
type Copies = HashMap<(Uuid, i64), Vec<Believed>>;

pub(super) async fn broken(sql: &Client, books: &[(Uuid, Broker)], is_healed: bool) -> Vec<String> {
    let copies = believed(sql).await;
    books.iter().flat_map(|(follower, broker)| judge(*follower, broker, &copies, is_healed)).collect()
}

async fn believed(sql: &Client) -> Copies {
    let query = "select follower_account_id, master_ticket, state, venue_ref, claimed_at is not null from copy_orders";
    let mut copies = Copies::new();
    for row in sql.query(query, &[]).await.expect("the copies") {
        let (state, ticket): (String, Option<String>) = (row.get(2), row.get(3));
        copies.entry((row.get(0), row.get(1))).or_default().push(Believed {
            state: state.parse().expect("a known state"),
            ticket: ticket.and_then(|ticket| ticket.parse().ok()),
            was_claimed: row.get(4),
        });
    }
    copies
}

fn judge(follower: Uuid, broker: &Broker, copies: &Copies, is_healed: bool) -> Vec<String> {
    let mut offences = Vec::new();
    let mut by_master: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (ticket, position) in broker.history() {
        if let Some(master_ticket) = position.master_ticket {
            by_master.entry(master_ticket).or_default().push(ticket);
        }
    }
    let none = Vec::new();
    for (master_ticket, tickets) in &by_master {
        let of_ticket = copies.get(&(follower, *master_ticket)).unwrap_or(&none);
        let sent = of_ticket.iter().filter(|copy| copy.was_claimed).count();
        if tickets.len() > sent {
            let what = format!("{} positions for {sent} claims", tickets.len());
            offences.push(format!("I14 a duplicate: {what} of ticket {master_ticket} at {follower}"));
        }
        if is_healed {
            offences
                .extend(tickets.iter().filter_map(|ticket| unknown(follower, *ticket, of_ticket, broker)));
        }
    }
    let wronged = broker.wronged().into_iter();
    offences.extend(
        wronged.map(|ticket| format!("I13 position {ticket} of {follower} is not ours and was closed")),
    );
    if is_healed {
        offences.extend(imagined(follower, broker, copies));
    }
    offences
}

/// A position that was opened for us and that no copy knows or is in doubt about.
fn unknown(follower: Uuid, ticket: i64, copies: &[Believed], broker: &Broker) -> Option<String> {
    use CopyState::{Attention, Claimed, Closed, Closing, Open, Received, Unconfirmed};
    let is_open = broker.positions().contains_key(&ticket);
    let says = |copy: &Believed| match copy.ticket {
        Some(known) if known == ticket => {
            let is_known_open = matches!(copy.state, Open | Closing | Attention | Unconfirmed);
            is_known_open == is_open || matches!(copy.state, Closing | Attention | Unconfirmed)
        }
        // Lost without a trace at the broker's end, a doubt may have been ended by absence.
        None => {
            matches!(copy.state, Claimed | Received | Unconfirmed | Attention)
                || (!is_open && copy.state == Closed)
        }
        Some(_) => false,
    };
    let states: Vec<_> = copies.iter().map(|copy| copy.state.as_str()).collect();
    let where_it_is = if is_open { "open" } else { "closed" };
    let words =
        || format!("I14 position {ticket} of {follower} is {where_it_is} and its copies say {states:?}");
    (!copies.iter().any(says)).then(words)
}

/// A copy that we believe open and that its broker never had or has no more.
fn imagined(follower: Uuid, broker: &Broker, copies: &Copies) -> Vec<String> {
    let positions = broker.positions();
    copies
        .iter()
        .filter(|((of, _), _)| *of == follower)
        .flat_map(|(_, copies)| copies)
        .filter(|copy| copy.state == CopyState::Open)
        .filter(|copy| copy.ticket.is_none_or(|ticket| !positions.contains_key(&ticket)))
        .map(|copy| format!("I14 {follower} has no position {:?}, which we believe open", copy.ticket))
        .collect()
}
