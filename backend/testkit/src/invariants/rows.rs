//! Rows that must not exist.

use flotilla_domain::copy::order::CopyState;
use tokio_postgres::{Client, Row};

/// What a rule needs to be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    /// The ledger of the test.
    Ledger,
    /// That everybody is connected again and has spoken.
    Healing,
}

use Needs::{Healing, Ledger, Nothing};

/// Names what is wrong, and finds it.
const RULES: [(Needs, &str, &str); 32] = [
    (
        Nothing,
        "I1 a signal has two copies for one follower",
        "select signal_id from copy_orders group by signal_id, follower_account_id having count(*) > 1",
    ),
    (
        Nothing,
        "I1 a follower has no copy of a signal that was his",
        "select s.id, f.follower_account_id from signals s
         join masters m on m.account_id = s.master_account_id and m.copy_mode = 'PUBSUB'
         join subscriptions f on f.master_account_id = s.master_account_id and f.state = 'active'
         join accounts a on a.id = f.follower_account_id and a.archived_at is null
         where (s.kind = 'add' or (s.kind = 'open' and s.part = 0))
            and not exists (select from signals x where x.master_account_id = s.master_account_id
                and x.ticket = s.ticket and x.kind = 'close' and x.received_at <= s.received_at)
            and greatest(pg_xact_commit_timestamp(m.xmin), pg_xact_commit_timestamp(f.xmin),
                pg_xact_commit_timestamp(a.xmin)) < s.received_at
            and not exists (select from copy_orders c
                where c.signal_id = s.id and c.follower_account_id = f.follower_account_id)",
    ),
    (
        Nothing,
        "I2 a position belongs to two copies",
        "select venue_ref from copy_orders where venue_ref is not null
         group by follower_account_id, venue_ref having count(*) > 1",
    ),
    (
        Nothing,
        "I2 a position belongs to copies of two accounts of one account at the broker",
        "select c.venue_ref from copy_orders c join accounts a on a.id = c.follower_account_id
         where c.venue_ref is not null and a.external_id is not null
         group by a.owner_id, a.platform, a.external_id, c.venue_ref having count(*) > 1",
    ),
    (
        Nothing,
        "I3 a copy was claimed more than once",
        "select copy_id from copy_events where to_state = 'claimed' and from_state <> 'claimed'
         group by copy_id having count(*) > 1",
    ),
    (
        Ledger,
        "I3 a copy was claimed more than once, by the ledger",
        "select copy_id from watch.copies where to_state = 'claimed' group by copy_id having count(*) > 1",
    ),
    (
        Nothing,
        "I4 a copy was claimed after its age limit",
        "select copy_id, claimed_at - expires_at from copy_orders where claimed_at >= expires_at",
    ),
    (
        Nothing,
        "I4 a copy was claimed after its master had left",
        "select c.copy_id, c.state from copy_orders c
         join signals x on x.master_account_id = c.master_account_id and x.ticket = c.master_ticket
            and x.kind = 'close'
         where c.desired_lots = 0 and c.claimed_at > pg_xact_commit_timestamp(x.xmin)",
    ),
    (
        Nothing,
        "I6 orders of a copy at an exchange add up to less than nothing",
        "select copy_id from venue_orders group by copy_id
         having sum(case leg when 'open' then filled else -filled end) < 0",
    ),
    (
        Nothing,
        "I6 a copy at an exchange is over, and its orders hold something",
        "select c.copy_id, c.state from copy_orders c join venue_orders v on v.copy_id = c.copy_id
         where c.state in ('closed', 'failed', 'skipped') group by c.copy_id, c.state
         having sum(case v.leg when 'open' then v.filled else -v.filled end) > 0",
    ),
    (
        Nothing,
        "I6 a copy at an exchange is open, and its orders hold nothing",
        "select c.copy_id, c.state from copy_orders c join venue_orders v on v.copy_id = c.copy_id
         where c.state in ('open', 'closing') group by c.copy_id, c.state
         having sum(case v.leg when 'open' then v.filled else -v.filled end) <= 0",
    ),
    (
        Nothing,
        "I14 lots of a copy at an exchange are not what its orders hold",
        "select c.copy_id, c.open_lots from copy_orders c join venue_orders v on v.copy_id = c.copy_id
         where c.state in ('open', 'closing', 'closed') group by c.copy_id, c.open_lots
         having abs(c.open_lots - sum(case v.leg when 'open' then v.filled else -v.filled end) / max(v.units_per_lot))
            > 0.000000001",
    ),
    (
        Nothing,
        "everything was closed, and a copy of before is wanted",
        "select r.id, c.copy_id, c.state from requests r
         join copy_orders c on c.owner_id = r.owner_id and c.created_at < r.began_at and c.desired_lots > 0
            and c.state in ('planned', 'claimed', 'received', 'unconfirmed', 'open', 'closing')
            and case when r.account_ids is not null then c.follower_account_id = any(r.account_ids)
                else r.target_id in (r.owner_id, c.follower_account_id) end
         where r.kind = 'flatten' and r.state = 'done'",
    ),
    (
        Healing,
        "I5 the master has left and the copy is open",
        "select c.copy_id, c.state from copy_orders c
         join signals x on x.master_account_id = c.master_account_id and x.ticket = c.master_ticket
            and x.kind = 'close'
         where c.state = 'open'",
    ),
    (
        Nothing,
        "I7 a copy moved without an event",
        "select c.copy_id, c.state from copy_orders c
         where c.state in ('unconfirmed', 'open', 'failed', 'closed', 'closing', 'attention')
            and not exists (select from copy_events e where e.copy_id = c.copy_id and e.to_state = c.state)",
    ),
    (
        Ledger,
        "I7 edges and events differ",
        "select copy_id, from_state, to_state, e.n as edges, v.n as events from (
            select copy_id, from_state, to_state, count(*) as n from watch.copies
            where from_state <> to_state group by 1, 2, 3) e
         full join (
            select copy_id, from_state, to_state, count(*) as n from copy_events
            where from_state <> to_state group by 1, 2, 3) v using (copy_id, from_state, to_state)
         where e.n is distinct from v.n and from_state in (
            select from_state from watch.copies where from_state is not null)",
    ),
    (
        Ledger,
        "I8 an epoch went back",
        "select account_id, from_epoch, to_epoch from watch.sessions where to_epoch <= from_epoch",
    ),
    (
        Ledger,
        "I8 a claim was made under an old epoch",
        "select c.copy_id, c.claim_epoch, s.to_epoch from watch.copies c
         join watch.sessions s on s.account_id = c.follower_id
         where c.to_state = 'claimed' and c.claim_epoch < s.to_epoch
            and c.began_at > pg_xact_commit_timestamp(s.xmin)",
    ),
    (
        Nothing,
        "I9 an event belongs to another owner than its copy",
        "select e.id from copy_events e join copy_orders c using (copy_id) where e.owner_id <> c.owner_id",
    ),
    (
        Nothing,
        "I9 a copy belongs to another owner than its account",
        "select c.copy_id from copy_orders c join accounts a on a.id = c.follower_account_id
         where a.owner_id <> c.owner_id",
    ),
    (
        Nothing,
        "I9 a signal, evidence or trade belongs to another owner than its account",
        "select a.id from accounts a
         join (select owner_id, master_account_id as account_id from signals
            union all select owner_id, account_id from evidence
            union all select owner_id, account_id from trades) r on r.account_id = a.id
         where r.owner_id <> a.owner_id",
    ),
    (
        Healing,
        "I10 an open is still planned long after its age limit",
        "select copy_id from copy_orders
         where state = 'planned' and expires_at < clock_timestamp() - interval '30 seconds'",
    ),
    (
        Healing,
        "I10 a claim has waited for its answer far too long",
        "select copy_id from copy_orders
         where state in ('claimed', 'received') and claimed_at < clock_timestamp() - interval '60 seconds'",
    ),
    (
        Healing,
        "I10 a copy has been in doubt for long and its owner was not told",
        "select copy_id, claimed_at from copy_orders c
         where state = 'unconfirmed' and claimed_at < clock_timestamp() - interval '90 seconds'
            and not exists (select from alerts a
                where a.owner_id = c.owner_id and a.copy_id = c.copy_id and a.kind = 'unconfirmed')",
    ),
    (
        Nothing,
        "I10 a copy waits for a decision and its owner was not told",
        "select copy_id, reason_code from copy_orders c
         where state = 'attention' and not exists (select from alerts a
            where a.owner_id = c.owner_id and a.copy_id = c.copy_id and a.kind = 'attention')",
    ),
    (
        Nothing,
        "I15 a master's trade stands alone and its close is not owed",
        "select c.copy_id, c.master_ticket from copy_orders c
         join masters m on m.account_id = c.master_account_id and m.copy_mode = '1TO1'
            and m.partner_account_id = c.follower_account_id
         where c.state = 'failed' and c.reason_code in ('refused', 'not_opened') and c.desired_lots > 0
            and pg_xact_commit_timestamp(m.xmin) < c.claimed_at
            and not exists (select from pair_closes p
                where p.master_account_id = c.master_account_id and p.master_ticket = c.master_ticket)",
    ),
    (
        Healing,
        "I15 a master's trade has stood alone for long and its owner was not told",
        "select p.id, p.created_at from pair_closes p
         where p.ended_at is null and p.created_at < clock_timestamp() - interval '90 seconds'
            and not exists (select from alerts a
                where a.owner_id = p.owner_id and a.dedupe_key = 'trade_unhedged:' || p.id)",
    ),
    (
        Nothing,
        "I9 an owed close belongs to another owner than its master",
        "select p.id from pair_closes p join masters m on m.account_id = p.master_account_id
         where m.owner_id <> p.owner_id",
    ),
    (
        Healing,
        "I10 a copy does not close and its owner was not told",
        "select copy_id, close_attempts from copy_orders c
         where state = 'closing' and close_attempts > 4 and not exists (select from alerts a
            where a.owner_id = c.owner_id and a.copy_id = c.copy_id and a.kind = 'close_overdue')",
    ),
    (
        Healing,
        "I11 the copies of a signal are still being planned",
        "select id, received_at from signals
         where plan_state = 'planning' and received_at < clock_timestamp() - interval '30 seconds'",
    ),
    (
        Nothing,
        "an open copy has no open trade, or a closed one has",
        "select c.copy_id, c.state, t.status from copy_orders c left join trades t on t.copy_id = c.copy_id
         where (c.state in ('open', 'closing') and t.status is distinct from 'open')
            or (c.state = 'closed' and t.status = 'open')",
    ),
    (
        Nothing,
        "a claim is not whole",
        "select copy_id from copy_orders where state = 'planned' and claimed_at is not null
            or state = 'claimed' and claim_epoch is null",
    ),
];

/// All rules are asked in one statement: one by one they took three round trips each.
pub(super) async fn broken(sql: &Client, is_kept: bool, is_healed: bool) -> Vec<String> {
    let is_judged = |needs| match needs {
        Nothing => true,
        Ledger => is_kept,
        Healing => is_healed,
    };
    let rules = RULES.iter().filter(|(needs, ..)| is_judged(*needs));
    let mut rules: Vec<(&str, String)> = rules.map(|(_, what, query)| (*what, (*query).to_owned())).collect();
    if is_kept {
        rules.push(("I7 an edge that does not exist", forbidden_edges()));
    }
    let counted: Vec<String> =
        rules.iter().zip(0_i32..).map(|((_, query), rule)| count(rule, query)).collect();
    let query =
        format!("select * from ({}) found where count > 0 order by rule", counted.join("\n union all "));
    let rows = sql.query(&query, &[]).await.unwrap_or_else(|error| panic_about(&error));
    let told = |row: &Row| {
        let (rule, count, examples): (i32, i64, String) = (row.get(0), row.get(1), row.get(2));
        let (what, _) = rules.get(usize::try_from(rule).ok()?)?;
        Some(format!("{what}: {count}× {examples}"))
    };
    rows.iter().filter_map(told).collect()
}

fn count(rule: i32, query: &str) -> String {
    format!(
        "select {rule} as rule, count(*) as count, coalesce(left(string_agg(x::text, ' '), 300), '') as examples
         from ({query}) x"
    )
}

#[expect(clippy::panic, reason = "rules that cannot be asked are a broken test")]
fn panic_about(error: &tokio_postgres::Error) -> ! {
    panic!("the rules could not be judged: {error} ({:?})", error.as_db_error())
}

/// The state machine of the domain, as a list of pairs.
fn forbidden_edges() -> String {
    let allowed: Vec<String> = CopyState::ALL
        .iter()
        .flat_map(|from| CopyState::ALL.iter().map(move |to| (from, to)))
        .filter(|(from, to)| from.may_become(**to))
        .map(|(from, to)| format!("('{from}', '{to}')"))
        .collect();
    format!(
        "select copy_id, from_state, to_state from watch.copies
         where from_state <> to_state and (from_state, to_state) not in ({})",
        allowed.join(", ")
    )
}
