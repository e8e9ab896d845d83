//! Closes that are owed to masters that copy one to one, until their trades have left.

use std::time::Duration;

use diesel::sql_types::{Array, BigInt, Bool, Double, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, CopyId, NodeId, OwnerId};
use flotilla_domain::ticket::Ticket;
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreError, StoreResult};
use crate::partners::IS_LET_IN;

/// After so many seconds what is owed is left to its owner.
const A_DAY_S: i32 = 86_400;
/// Closes that are claimed at once.
const BATCH: i64 = 500;

/// Why a master's trade shall not stand alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owing {
    /// The partner never opened its copy.
    Refused,
    /// The partner lost its position.
    Lost,
}

/// A close that a change of a copy makes owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPairClose {
    /// The master.
    pub master_id: AccountId,
    /// Its trade.
    pub ticket: Ticket,
    /// The follower that does not hold it.
    pub partner_id: AccountId,
    /// The follower's copy.
    pub copy_id: CopyId,
    /// Why.
    pub owing: Owing,
    /// What the master's terminal is told.
    pub words: String,
}

/// A close to be sent, possibly again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairClose {
    /// The master.
    pub master_id: AccountId,
    /// Its trade.
    pub ticket: Ticket,
    /// What its terminal is told.
    pub words: String,
}

/// A trade that stands alone although its close is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unhedged {
    /// The close that is owed.
    pub id: Uuid,
    /// Owner of the master.
    pub owner_id: OwnerId,
    /// The master.
    pub master_id: AccountId,
    /// Its trade.
    pub ticket: Ticket,
    /// The trade's instrument at the master.
    pub symbol: Option<String>,
    /// How the partner refused, if it did.
    pub refusal: Option<String>,
    /// Whether its terminal is away.
    pub is_away: bool,
}

#[derive(QueryableByName)]
struct CloseRow {
    #[diesel(sql_type = SqlUuid)]
    master_account_id: Uuid,
    #[diesel(sql_type = BigInt)]
    master_ticket: i64,
    #[diesel(sql_type = Text)]
    words: String,
}

#[derive(QueryableByName)]
struct EndedRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct UnhedgedRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    symbol: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    refusal: Option<String>,
    #[diesel(sql_type = Bool)]
    is_away: bool,
    #[diesel(embed)]
    close: CloseRow,
}

/// Notes that closes are owed, and returns those that are to be sent now, each
/// for the first time as far as is known.
///
/// Belongs into the transaction that changes the copies. One whose commit was in
/// doubt comes back; one whose trade has left does not.
pub async fn owe(tx: &mut Tx, new: &[NewPairClose], repeats_s: &[i32]) -> StoreResult<Vec<PairClose>> {
    write(tx, new, (repeats_s, 1)).await
}

/// Notes that closes are owed of which nothing is sent before [`owe`] says so, too. Until then the trade stands alone,
/// of which its owner is told. One that is owed already stays as it is.
pub async fn owe_later(tx: &mut Tx, new: &[NewPairClose]) -> StoreResult<()> {
    write(tx, new, (&[A_DAY_S], 0)).await.map(drop)
}

/// `attempts`: none, as long as nothing is to be sent.
async fn write(
    tx: &mut Tx,
    new: &[NewPairClose],
    (repeats_s, attempts): (&[i32], i32),
) -> StoreResult<Vec<PairClose>> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<CloseRow> = sql_query(OWE)
        .bind::<Array<SqlUuid>, _>(new.iter().map(|one| one.master_id.uuid()).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(new.iter().map(|one| one.ticket.value()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(new.iter().map(|one| one.partner_id.uuid()).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(new.iter().map(|one| one.copy_id.uuid()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(new.iter().map(|one| one.owing.word()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(new.iter().map(|one| one.words.as_str()).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(repeats_s)
        .bind::<Integer, _>(attempts)
        .get_results(tx)
        .await?;
    rows.into_iter().map(CloseRow::close).collect()
}

/// Two copies of one trade owe one close. What the same batch made open again owes none.
const OWE: &str = "
    insert into pair_closes as p
        (owner_id, master_account_id, master_ticket, partner_account_id, copy_id, cause, words, due_at, attempts)
    select distinct on (n.master, n.ticket)
        a.owner_id, n.master, n.ticket, n.partner, n.copy, n.cause, n.words,
        now() + make_interval(secs => ($7)[1]), $8
    from unnest($1, $2, $3, $4, $5, $6) as n (master, ticket, partner, copy, cause, words)
    join accounts a on a.id = n.master
    join copy_orders c on c.copy_id = n.copy and c.state in ('failed', 'closed')
    where not exists (
        select from signals x
        where x.master_account_id = n.master and x.ticket = n.ticket and x.kind = 'close')
    order by n.master, n.ticket
    on conflict (master_account_id, master_ticket) where ended_at is null do update set
        words = excluded.words, copy_id = excluded.copy_id, partner_account_id = excluded.partner_account_id,
        cause = excluded.cause, created_at = case p.cause when 'stop_out' then now() else p.created_at end,
        due_at = case p.attempts when 0 then excluded.due_at else p.due_at end,
        attempts = greatest(p.attempts, excluded.attempts)
        where excluded.attempts > 0
    returning p.master_account_id, p.master_ticket, p.words";

/// Notes that every trade of a master that its stopped-out partner copies, or
/// copied until just now, shall be closed. What the partner lost long ago is not
/// concerned: the owner of the master let that trade go on. First the terminal is told to close all, so that these are
/// due after the third of `repeats_s` only. `heard`: how long ago the stop-out was.
pub async fn owe_all(
    tx: &mut Tx,
    (master, partner): (AccountId, AccountId),
    words: &str,
    (heard, repeats_s): (Duration, &[i32]),
) -> StoreResult<usize> {
    let owed = sql_query(
        "insert into pair_closes as p
            (owner_id, master_account_id, master_ticket, partner_account_id, copy_id, cause, words, created_at, due_at,
                attempts)
         select distinct on (c.master_ticket) a.owner_id, a.id, c.master_ticket, c.follower_account_id, c.copy_id,
            'stop_out', $3, now() - make_interval(secs => $5),
            now() + make_interval(secs => ($4)[least(3, cardinality($4))]), 3
         from copy_orders c
         join accounts a on a.id = c.master_account_id
         where c.follower_account_id = $2 and c.master_account_id = $1 and c.desired_lots > 0
            and (c.state in ('claimed', 'received', 'open', 'unconfirmed', 'attention', 'closing')
                or c.state = 'closed' and c.updated_at > now() - interval '2 minutes')
            and not exists (
                select from signals x
                where x.master_account_id = $1 and x.ticket = c.master_ticket and x.kind = 'close')
         order by c.master_ticket, c.id
         on conflict (master_account_id, master_ticket) where ended_at is null do update set
            cause = excluded.cause, words = excluded.words, created_at = excluded.created_at, due_at = excluded.due_at,
            attempts = excluded.attempts
            where p.attempts = 0",
    )
    .bind::<SqlUuid, _>(master.uuid())
    .bind::<SqlUuid, _>(partner.uuid())
    .bind::<Text, _>(words)
    .bind::<Array<Integer>, _>(repeats_s)
    .bind::<Double, _>(heard.as_secs_f64())
    .execute(tx)
    .await?;
    Ok(owed)
}

/// Ends what is not owed any more: the trade has left, the partner holds its
/// position after all, or the two are no pair any more. After a day, or a quarter
/// of an hour in the case of a stop-out, it is left to the owner, who was told:
/// a terminal that comes back much later may stand elsewhere. Returns those by
/// whose end all is well again.
pub async fn end(tx: &mut Tx) -> StoreResult<Vec<Uuid>> {
    let rows: Vec<EndedRow> = sql_query(format!(
        "with judged as (
            select p.id, case
                when exists (
                    select from signals x
                    where x.master_account_id = p.master_account_id and x.ticket = p.master_ticket
                        and x.kind = 'close') then 'closed'
                when p.cause <> 'stop_out' and exists (
                    select from copy_orders c where c.copy_id = p.copy_id and c.state = 'open') then 'held'
                when not exists (
                    select from masters m
                    join subscriptions s on s.master_account_id = m.account_id
                        and s.follower_account_id = m.partner_account_id and {IS_LET_IN}
                    where m.account_id = p.master_account_id and m.copy_mode = '1TO1'
                        and m.partner_account_id = p.partner_account_id) then 'unpaired'
                when p.created_at < now() - case p.cause
                    when 'stop_out' then interval '15 minutes' else interval '1 day' end then 'expired' end as why
            from pair_closes p
            where p.ended_at is null),
         ended as (
            update pair_closes p set ended_at = now(), ended_by = why
            from judged
            where p.id = judged.id and why is not null and p.ended_at is null
            returning p.id, why)
         select id from ended where why in ('closed', 'held')"
    ))
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Claims closes whose time has come, of masters connected to `node`: each is
/// due again later. Commits the intent before anything is sent; sending twice
/// does no harm, for a ticket that has left is closed by nobody.
pub async fn claim(tx: &mut Tx, node: NodeId, repeats_s: &[i32]) -> StoreResult<Vec<PairClose>> {
    let rows: Vec<CloseRow> = sql_query(
        "with due as (
            select p.id from pair_closes p
            join sessions s on s.account_id = p.master_account_id and s.node_id = $1 and s.sockets > 0
            where p.ended_at is null and p.due_at <= now() and p.attempts > 0
            order by p.id
            limit $3
            for update of p skip locked)
         update pair_closes p set
            attempts = p.attempts + 1,
            due_at = now() + make_interval(secs => ($2)[least(p.attempts + 1, cardinality($2))])
         from due
         where p.id = due.id
         returning p.master_account_id, p.master_ticket, p.words",
    )
    .bind::<SqlUuid, _>(node.uuid())
    .bind::<Array<Integer>, _>(repeats_s)
    .bind::<BigInt, _>(BATCH)
    .get_results(tx)
    .await?;
    rows.into_iter().map(CloseRow::close).collect()
}

/// What is owed to a master that has just logged in is due in a moment: it may
/// say by itself before that a trade has left.
pub async fn hasten(tx: &mut Tx, master: AccountId) -> StoreResult<()> {
    sql_query(
        "update pair_closes set due_at = least(due_at, now() + interval '1 s')
         where master_account_id = $1 and ended_at is null and attempts > 0",
    )
    .bind::<SqlUuid, _>(master.uuid())
    .execute(tx)
    .await?;
    Ok(())
}

/// Trades that stand alone for longer than `after_s` seconds, or for `away_s`
/// while their terminal is away; each is returned once.
pub async fn tell_unhedged(tx: &mut Tx, after_s: f64, away_s: f64) -> StoreResult<Vec<Unhedged>> {
    let rows: Vec<UnhedgedRow> = sql_query(
        "with due as (
            select p.id, s.account_id is null as is_away
            from pair_closes p
            left join sessions s on s.account_id = p.master_account_id and s.sockets > 0
            where p.ended_at is null and p.told_at is null
                and p.created_at <= now() - make_interval(secs => case when s.account_id is null then $2 else $1 end)
            order by p.id
            limit $3
            for update of p skip locked)
         update pair_closes p set told_at = now()
         from due
         where p.id = due.id
         returning p.id, p.owner_id, p.master_account_id, p.master_ticket, p.words, due.is_away,
            case when p.cause = 'refused' then p.words end as refusal, (
            select g.symbol from signals g
            where g.master_account_id = p.master_account_id and g.ticket = p.master_ticket
            order by g.id limit 1) as symbol",
    )
    .bind::<Double, _>(after_s)
    .bind::<Double, _>(away_s)
    .bind::<BigInt, _>(BATCH)
    .get_results(tx)
    .await?;
    rows.into_iter().map(UnhedgedRow::unhedged).collect()
}

impl Owing {
    const fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Lost => "lost",
        }
    }
}

impl CloseRow {
    fn close(self) -> StoreResult<PairClose> {
        let ticket =
            Ticket::new(self.master_ticket).map_err(|_| StoreError::Corrupt("pair_closes.master_ticket"))?;
        Ok(PairClose { master_id: self.master_account_id.into(), ticket, words: self.words })
    }
}

impl UnhedgedRow {
    fn unhedged(self) -> StoreResult<Unhedged> {
        let PairClose { master_id, ticket, .. } = self.close.close()?;
        Ok(Unhedged {
            id: self.id,
            owner_id: self.owner_id.into(),
            master_id,
            ticket,
            symbol: self.symbol,
            refusal: self.refusal,
            is_away: self.is_away,
        })
    }
}
