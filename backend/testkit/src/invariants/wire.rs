//! What went over the wire against what was committed before.

use std::collections::{HashMap, HashSet};

use tokio_postgres::Client;
use uuid::Uuid;

use crate::ea_v7::OpenCommand;
use crate::proxy::Way;
use crate::wire_log::{Anchor, WireLine};

/// An open is written within two seconds of its claim; the rest is for a loaded machine.
const WRITE_WITHIN_US: i64 = 2_000_000 + 5_000_000;
/// What two clocks of one machine may differ by.
const CLOCKS_US: i64 = 20_000;

/// A committed claim.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim {
    follower: Uuid,
    master_ticket: i64,
    committed_us: i64,
}

/// Every claim by the ledger, with the time of its commit.
pub(super) async fn claims(sql: &Client) -> Vec<Claim> {
    let query = "select follower_id, master_ticket,
            (extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000000)::bigint
        from watch.copies where to_state = 'claimed' and pg_xact_commit_timestamp(xmin) is not null";
    let rows = sql.query(query, &[]).await.expect("the ledger's claims");
    rows.iter()
        .map(|row| Claim { follower: row.get(0), master_ticket: row.get(1), committed_us: row.get(2) })
        .collect()
}

pub(super) fn broken(
    lines: &[WireLine],
    anchor: Anchor,
    accounts: &HashMap<String, Uuid>,
    claims: &[Claim],
) -> Vec<String> {
    let mut broken = foreign_closes(lines);
    broken.extend(unclaimed_opens(lines, anchor, accounts, claims));
    broken
}

/// A close that was owed to a master.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owed {
    master: Uuid,
    ticket: i64,
    since_us: i64,
}

/// Every close that was ever owed.
pub(super) async fn owed(sql: &Client) -> Vec<Owed> {
    let query = "select master_account_id, master_ticket, (extract(epoch from created_at) * 1000000)::bigint
        from pair_closes";
    let rows = sql.query(query, &[]).await.expect("what was owed");
    rows.iter().map(|row| Owed { master: row.get(0), ticket: row.get(1), since_us: row.get(2) }).collect()
}

/// Orders to masters to close what was not owed by then.
pub(super) fn unowed_closes(
    lines: &[WireLine],
    anchor: Anchor,
    accounts: &HashMap<String, Uuid>,
    owed: &[Owed],
) -> Vec<String> {
    let is_owed = |line: &WireLine| {
        let account = line.key.as_deref().and_then(|key| accounts.get(key));
        let (Some(master), Some(ticket)) = (account, closed_ticket(&line.text)) else { return false };
        let at = anchor.latest_us(line.at) + CLOCKS_US;
        owed.iter().any(|one| one.master == *master && one.ticket == ticket && one.since_us <= at)
    };
    let orders =
        lines.iter().filter(|line| line.way == Way::ToClient && line.text.starts_with("CMD_SYNC_CLOSE|"));
    orders
        .filter(|line| !is_owed(line))
        .map(|line| format!("I15 `{}` went out and was not owed", line.text))
        .collect()
}

/// Opens to one account, of one ticket of a master: the time of each write.
fn opens(lines: &[WireLine], anchor: Anchor) -> HashMap<(&str, i64), Vec<i64>> {
    let mut opens: HashMap<(&str, i64), Vec<i64>> = HashMap::new();
    for line in lines.iter().filter(|line| line.way == Way::ToClient) {
        if let (Some(key), Some(open)) = (line.key.as_deref(), OpenCommand::read(&line.text)) {
            opens.entry((key, open.master_ticket)).or_default().push(anchor.latest_us(line.at));
        }
    }
    opens
}

fn unclaimed_opens(
    lines: &[WireLine],
    anchor: Anchor,
    accounts: &HashMap<String, Uuid>,
    claims: &[Claim],
) -> Vec<String> {
    let mut committed: HashMap<(Uuid, i64), Vec<i64>> = HashMap::new();
    for claim in claims {
        committed.entry((claim.follower, claim.master_ticket)).or_default().push(claim.committed_us);
    }
    let mut broken = Vec::new();
    for ((key, ticket), written) in opens(lines, anchor) {
        let Some(account) = accounts.get(key) else { continue };
        let claims = committed.get(&(*account, ticket)).map(Vec::as_slice).unwrap_or_default();
        for (index, &at) in written.iter().enumerate() {
            let before = claims.iter().filter(|&&claim| claim <= at + CLOCKS_US).count();
            let fresh = claims.iter().any(|&claim| claim <= at + CLOCKS_US && at - claim <= WRITE_WITHIN_US);
            let open = || format!("open {} of ticket {ticket} to {account}", index + 1);
            if before <= index {
                broken.push(format!("I3 {} went out with {before} claims committed before", open()));
            } else if !fresh {
                broken.push(format!("I4 {} went out long after its claim", open()));
            }
        }
    }
    broken
}

/// A close names a ticket that this very account has itself reported before.
fn foreign_closes(lines: &[WireLine]) -> Vec<String> {
    let mut reported: HashSet<(&str, i64)> = HashSet::new();
    let mut broken = Vec::new();
    for line in lines {
        let Some(key) = line.key.as_deref() else { continue };
        match line.way {
            Way::ToServer => reported.extend(reports(&line.text).into_iter().map(|ticket| (key, ticket))),
            Way::ToClient => {
                let closed = closed_ticket(&line.text).filter(|ticket| !reported.contains(&(key, *ticket)));
                broken.extend(closed.map(|_| format!("I13 `{}` names a ticket nobody reported", line.text)));
            }
        }
    }
    broken
}

/// Tickets of his own terminal that a line of a follower, or of a master, tells.
fn reports(line: &str) -> Vec<i64> {
    let number = |text: &str| text.trim().parse().ok();
    let fields: Vec<&str> = line.split('|').collect();
    match fields.as_slice() {
        ["ACK_OPEN", _, ticket, ..]
        | ["SIGNAL_OPEN", _, _, _, _, _, _, ticket]
        | ["ACK_CLOSE_SO", ticket, ..] => number(ticket).into_iter().collect(),
        _ => line
            .strip_prefix("SLAVE_SNAPSHOT:")
            .or_else(|| line.strip_prefix("MASTER_SNAPSHOT:"))
            .map(|list| list.split(',').filter_map(number).collect())
            .unwrap_or_default(),
    }
}

/// The ticket a command closes.
fn closed_ticket(line: &str) -> Option<i64> {
    match line.split('|').collect::<Vec<_>>().as_slice() {
        ["CMD_CLOSE", _, ticket, ..] | ["CMD_SYNC_CLOSE", ticket, ..] => ticket.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::*;

    const OPEN: &str = "CMD_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|1";

    fn line(at: Instant, way: Way, text: &str) -> WireLine {
        WireLine { at, link: 1, way, key: Some("k".into()), text: text.to_owned() }
    }

    fn opens_broken(written_ms: &[u64], committed_ms: &[i64]) -> Vec<String> {
        let (start, follower) = (Instant::now(), Uuid::from_u128(1));
        let lines: Vec<_> = written_ms
            .iter()
            .map(|ms| line(start + Duration::from_millis(*ms), Way::ToClient, OPEN))
            .collect();
        let claims: Vec<_> = committed_ms
            .iter()
            .map(|ms| Claim { follower, master_ticket: 1, committed_us: ms * 1000 })
            .collect();
        let accounts = HashMap::from([("k".to_owned(), follower)]);
        broken(&lines, Anchor::known(start, 0), &accounts, &claims)
    }

    #[test]
    fn every_open_needs_a_claim_of_its_own_that_was_committed_shortly_before() {
        let cases: [(&[u64], &[i64], &str); 6] = [
            (&[100], &[90], ""),
            (&[100, 200], &[90, 190], ""),
            (&[100], &[], "I3 open 1"),
            (&[100], &[150], "I3 open 1"),
            (&[100, 200], &[90], "I3 open 2"),
            (&[9_000], &[90], "I4 open 1"),
        ];
        for (written, committed, expected) in cases {
            let broken = opens_broken(written, committed);
            let first = broken.first().map(String::as_str).unwrap_or_default();
            assert!(
                first.starts_with(expected) && broken.len() == usize::from(!expected.is_empty()),
                "{broken:?}"
            );
        }
    }

    #[test]
    fn a_master_is_told_to_close_what_is_owed_and_nothing_else() {
        let (start, master) = (Instant::now(), Uuid::from_u128(1));
        let accounts = HashMap::from([("k".to_owned(), master)]);
        let lines = [line(start + Duration::from_millis(100), Way::ToClient, "CMD_SYNC_CLOSE|51|refused")];
        let cases =
            [(master, 51, 90, 0), (master, 51, 150, 1), (master, 52, 90, 1), (Uuid::from_u128(2), 51, 90, 1)];
        for (master, ticket, since_ms, expected) in cases {
            let owed = [Owed { master, ticket, since_us: since_ms * 1000 }];
            let broken = unowed_closes(&lines, Anchor::known(start, 0), &accounts, &owed);
            assert_eq!(broken.len(), expected, "{ticket} {since_ms}");
        }
    }

    #[test]
    fn only_what_the_account_reported_itself_may_be_closed() {
        let at = Instant::now();
        let cases = [
            ("ACK_OPEN|1|51|0.10|BUY", "CMD_CLOSE|XAUUSD|51|1", 0),
            ("SLAVE_SNAPSHOT:50,51,", "CMD_CLOSE|XAUUSD|51|1", 0),
            ("SIGNAL_OPEN|BUY|XAUUSD|1|1|0|0|51", "CMD_SYNC_CLOSE|51|refused", 0),
            ("ACK_OPEN|51|50|0.10|BUY", "CMD_CLOSE|XAUUSD|51|1", 1),
            ("PING", "CMD_SYNC_CLOSE|51|not in master", 1),
        ];
        for (said, told, expected) in cases {
            let lines = [line(at, Way::ToServer, said), line(at, Way::ToClient, told)];
            assert_eq!(foreign_closes(&lines).len(), expected, "{said} {told}");
        }
    }
}
