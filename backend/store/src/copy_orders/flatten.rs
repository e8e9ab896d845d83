//! T4: nothing more is wanted; one statement for all copies concerned.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::order::CopyState;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::{AccountId, CopyId, NodeId, OwnerId, SignalId};
use flotilla_domain::ticket::Ticket;
use uuid::Uuid;

use crate::Tx;
use crate::copy_orders::claim::{CloseRow, DueClose};
use crate::error::{StoreResult, known};

/// Whose copies shall be flat.
#[derive(Debug, Clone)]
pub enum Flatten {
    /// All copies of a master's trade.
    Trade(AccountId, Ticket),
    /// Those copies of a master's trade, of which a part left, whose terminals know no such thing and whose followers
    /// want all of it closed then.
    Whole(AccountId, Ticket),
    /// Those of these copies alone, which were planned after that part had left.
    WholeOf(AccountId, Ticket, Vec<Uuid>),
    /// All copies within the scope of a stop.
    Stop(StopTarget),
    /// The copies one account made of another.
    Pair(Pair),
}

/// A follower and whom it copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The account that copies.
    pub follower_id: AccountId,
    /// The account that leads.
    pub master_id: AccountId,
    /// Copies that were planned until then; `None`: all.
    pub until: Option<DateTime<Utc>>,
}

/// Whose copies a stop is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopTarget {
    /// Copies of this owner alone: nobody closes what is another's.
    pub owner_id: OwnerId,
    /// Those in or, for a master, of these accounts; `None`: of every account.
    pub accounts: Option<Vec<AccountId>>,
    /// What of those accounts that lead.
    pub reach: Reach,
    /// Those that were planned until then, so that nothing is concerned which
    /// was copied after copying had been resumed.
    pub until: DateTime<Utc>,
}

/// What a stop of an account that leads is about, beside what it copies itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nothing: the guard of a group holds for its accounts alone.
    None,
    /// Its copies in accounts of its owner: so does the guard of an account.
    Own,
    /// Its copies in any account, of strangers only those that were never sent:
    /// a person stopped it.
    Any,
}

impl Reach {
    pub(crate) const fn has_own(self) -> bool {
        matches!(self, Self::Own | Self::Any)
    }

    pub(crate) const fn has_foreign(self) -> bool {
        matches!(self, Self::Any)
    }
}

impl StopTarget {
    pub(crate) fn account_ids(&self) -> Option<Vec<Uuid>> {
        self.accounts.as_ref().map(|accounts| accounts.iter().map(|account| account.uuid()).collect())
    }
}

/// A copy whose desired size is now zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flattened {
    /// The copy.
    pub copy_id: CopyId,
    /// Its owner.
    pub owner_id: OwnerId,
    /// The signal that asked for it.
    pub signal_id: SignalId,
    /// The account that copies.
    pub follower_id: AccountId,
    /// The account that leads.
    pub master_id: AccountId,
    /// Its state before and now; the same where nothing moved.
    pub states: (CopyState, CopyState),
    /// Why nothing more is wanted.
    pub reason: ReasonCode,
    /// The close to be sent now, when the follower is connected here and its
    /// position is known.
    pub close: Option<DueClose>,
}

#[derive(QueryableByName)]
struct FlatRow {
    #[diesel(sql_type = Bool)]
    closes: bool,
    #[diesel(sql_type = Text)]
    from_state: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    signal_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    follower_account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    master_account_id: Uuid,
    #[diesel(embed)]
    close: CloseColumns,
}

#[derive(QueryableByName)]
struct CloseColumns {
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Nullable<Text>)]
    venue_ref: Option<String>,
    #[diesel(sql_type = BigInt)]
    master_ticket: i64,
}

/// Sets the desired size of copies to zero.
///
/// * Planned ones are skipped with `skip_reason`; certainly nothing was sent.
/// * Open ones of followers connected to `node` move to `closing` and come back
///   with the close to send; the others wait for their follower.
/// * Copies without evidence of a position wait for it, as do those that seem never to have opened, and those that
///   something else seems to have closed lately, which may have been a part only: should a position turn up, it is
///   closed.
/// * Idempotent: a copy that shall be flat already is left alone.
pub async fn flatten(
    tx: &mut Tx,
    node: NodeId,
    what: &Flatten,
    skip_reason: ReasonCode,
    repeats_s: &[i32],
) -> StoreResult<Vec<Flattened>> {
    let (scope, first, others, ticket) = match what {
        Flatten::Trade(master, ticket) => (OF_TRADE, master.uuid(), None, Some(ticket.value())),
        Flatten::Whole(master, ticket) => (OF_WHOLE, master.uuid(), None, Some(ticket.value())),
        Flatten::WholeOf(master, ticket, copies) => {
            (OF_WHOLE, master.uuid(), Some(copies.clone()), Some(ticket.value()))
        }
        Flatten::Stop(target) => (OF_STOP, target.owner_id.uuid(), target.account_ids(), None),
        Flatten::Pair(pair) => (OF_PAIR, pair.follower_id.uuid(), Some(vec![pair.master_id.uuid()]), None),
    };
    let (until, has_led) = match what {
        Flatten::Stop(target) => (Some(target.until), target.reach.has_own()),
        Flatten::Pair(pair) => (pair.until, true),
        Flatten::Trade(..) | Flatten::Whole(..) | Flatten::WholeOf(..) => (None, true),
    };
    let rows: Vec<FlatRow> = sql_query(FLATTEN.replace("{scope}", scope))
        .bind::<SqlUuid, _>(first)
        .bind::<Nullable<Array<SqlUuid>>, _>(others)
        .bind::<Nullable<BigInt>, _>(ticket)
        .bind::<SqlUuid, _>(node.uuid())
        .bind::<Text, _>(skip_reason.as_str())
        .bind::<Array<Integer>, _>(repeats_s)
        .bind::<Nullable<Timestamptz>, _>(until)
        .bind::<Bool, _>(has_led)
        .get_results(tx)
        .await?;
    rows.into_iter().map(|row| row.flattened(skip_reason)).collect()
}

/// Lists the copies of a master's trade that [`flatten`] left, with the closes
/// to send again, for when the outcome of its commit was unknown.
pub async fn list_flat(
    tx: &mut Tx,
    node: NodeId,
    master: AccountId,
    ticket: Ticket,
) -> StoreResult<Vec<Flattened>> {
    let rows: Vec<FlatRow> = sql_query(LIST_FLAT)
        .bind::<SqlUuid, _>(master.uuid())
        .bind::<BigInt, _>(ticket.value())
        .bind::<SqlUuid, _>(node.uuid())
        .get_results(tx)
        .await?;
    rows.into_iter().map(|row| row.flattened(ReasonCode::MasterClosed)).collect()
}

const LIST_FLAT: &str = "
    select coalesce(s.sockets > 0 and s.node_id = $3 and s.venue is null, false) and c.state = 'closing' as closes,
        c.state as from_state, c.state, c.copy_id, c.owner_id, c.signal_id, c.follower_account_id, c.master_account_id, c.symbol, c.venue_ref,
        c.master_ticket
    from copy_orders c
    left join sessions s on s.account_id = c.follower_account_id
    where c.desired_lots = 0
        and c.signal_id in (
            select id from signals where master_account_id = $1 and ticket = $2 and kind in ('open', 'add'))
    order by c.id";

// Every parameter is named in each scope, so that the statement's types are known.
const OF_TRADE: &str = "c.signal_id in (
        select id from signals where master_account_id = $1 and ticket = $3 and kind in ('open', 'add'))
    and $2::uuid[] is null and $7::timestamptz is null and $8";
const OF_WHOLE: &str = "c.signal_id in (
        select id from signals where master_account_id = $1 and ticket = $3 and kind in ('open', 'add'))
    and ($2::uuid[] is null or c.copy_id = any($2)) and $7::timestamptz is null and $8
    and exists (
        select from accounts a where a.id = c.follower_account_id and a.platform not in ('bingx', 'paper'))
    and coalesce((
        select on_partial from subscriptions f
        where f.follower_account_id = c.follower_account_id and f.master_account_id = c.master_account_id
        order by f.id desc limit 1), 'close') = 'close'";
// By the partial indexes of copies that have not ended, or may not have: an owner may have very many others.
const OF_STOP: &str = "c.id in (
        select o.id from accounts a join copy_orders o on o.follower_account_id = a.id
        where a.owner_id = $1 and o.state in ('planned', 'claimed', 'received')
        union all
        select o.id from accounts a join copy_orders o on o.follower_account_id = a.id
        where a.owner_id = $1 and o.state in ('open', 'unconfirmed', 'closing', 'attention')
        union all
        select o.id from accounts a join copy_orders o on o.follower_account_id = a.id
        where a.owner_id = $1 and o.state = 'failed' and o.reason_code = 'not_opened'
        union all
        select o.id from accounts a join copy_orders o on o.follower_account_id = a.id
        where a.owner_id = $1 and o.state = 'closed' and o.reason_code = 'closed_externally' and o.desired_lots > 0
            and o.updated_at > now() - interval '7 days')
    and c.owner_id = $1
    and ($2 is null or c.follower_account_id = any($2) or $8 and c.master_account_id = any($2))
    and c.created_at <= $7 and $3 is null";
const OF_PAIR: &str = "c.follower_account_id = $1 and c.master_account_id = any($2)
    and (c.state not in ('failed', 'skipped', 'closed') or c.state = 'failed' and c.reason_code = 'not_opened'
        or c.state = 'closed' and c.reason_code = 'closed_externally' and c.updated_at > now() - interval '7 days')
    and $3 is null and ($7::timestamptz is null or c.created_at <= $7) and $8";

const FLATTEN: &str = "
    with due as (
        select c.id, c.state, coalesce(s.sockets > 0 and s.node_id = $4 and s.venue is null, false) and c.state = 'open'
            and c.venue_ref is not null as closes
        from copy_orders c
        left join sessions s on s.account_id = c.follower_account_id
        where c.desired_lots > 0 and {scope}
        order by c.id
        for update of c),
    flat as (
        update copy_orders c set
            desired_lots = 0,
            desired_version = c.desired_version + 1,
            state = case when due.state = 'planned' then 'skipped' when due.closes then 'closing' else c.state end,
            reason_code = case when due.state = 'planned' then $5 else c.reason_code end,
            close_attempts = c.close_attempts + due.closes::integer,
            close_due_at = case
                when due.closes then now() + make_interval(secs => ($6)[1])
                when due.state in ('open', 'closing') then now() end,
            updated_at = now()
        from due
        where c.id = due.id
        returning c.*, due.state as from_state, due.closes),
    noted as (
        insert into copy_events (owner_id, copy_id, from_state, to_state, cause)
        select owner_id, copy_id, from_state, state, case state when 'closing' then 'close_sent' else $5 end
        from flat
        where from_state <> state)
    select closes, from_state, state, copy_id, owner_id, signal_id, follower_account_id, master_account_id, symbol,
        venue_ref, master_ticket
    from flat
    order by id";

impl FlatRow {
    fn flattened(self, reason: ReasonCode) -> StoreResult<Flattened> {
        let close = match (self.closes, self.close.venue_ref) {
            (true, Some(venue_ref)) => Some(
                CloseRow {
                    copy_id: self.copy_id,
                    owner_id: self.owner_id,
                    signal_id: self.signal_id,
                    follower_account_id: self.follower_account_id,
                    symbol: self.close.symbol,
                    venue_ref,
                    master_ticket: self.close.master_ticket,
                    is_first: true,
                }
                .due()?,
            ),
            _ => None,
        };
        Ok(Flattened {
            copy_id: self.copy_id.into(),
            owner_id: self.owner_id.into(),
            signal_id: self.signal_id.into(),
            follower_id: self.follower_account_id.into(),
            master_id: self.master_account_id.into(),
            states: (known("copy_orders.state", &self.from_state)?, known("copy_orders.state", &self.state)?),
            reason,
            close,
        })
    }
}
