//! Copies that a list of open tickets may speak of.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, CopyId, OwnerId};
use flotilla_domain::ticket::Ticket;
use uuid::Uuid;

use crate::Tx;
use crate::copy_orders::{COLUMNS, CopyRow, LockedCopy};
use crate::error::StoreResult;

/// A locked copy and what lists said about it before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCopy {
    /// The copy.
    pub copy: LockedCopy,
    /// When a list first lacked it, if every list since did.
    pub missing_since: Option<DateTime<Utc>>,
    /// Whether a list ever had it.
    pub was_listed: bool,
}

#[derive(QueryableByName)]
struct HeldRow {
    #[diesel(embed)]
    copy: CopyRow,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    missing_since: Option<DateTime<Utc>>,
    #[diesel(sql_type = Bool)]
    was_listed: bool,
}

/// Locks the copies of `follower` that a list of `tickets` may speak of, oldest first.
///
/// * Those with a position or in doubt, those whose open waits for its answer,
///   and whichever owns one of the tickets.
/// * Those that a list called never opened at `since` or later, and for an hour those for which a close of their
///   master's trade is owed once a further list agrees.
pub async fn lock_for_list(
    tx: &mut Tx,
    follower: AccountId,
    tickets: &[Ticket],
    since: Option<DateTime<Utc>>,
) -> StoreResult<Vec<HeldCopy>> {
    let tickets: Vec<String> = tickets.iter().map(ToString::to_string).collect();
    let rows: Vec<HeldRow> = sql_query(format!(
        "select {COLUMNS}, s.missing_since, s.listed_at is not null as was_listed
         from copy_orders c
         left join copy_sightings s on s.copy_id = c.copy_id and s.venue_ref is not distinct from c.venue_ref
         where c.id in (
            select id from copy_orders
            where follower_account_id = $1 and state in ('open', 'closing', 'unconfirmed', 'attention')
            union
            select id from copy_orders
            where follower_account_id = $1 and state in ('claimed', 'received')
            union
            select id from copy_orders where follower_account_id = $1 and venue_ref = any($2)
            union
            select id from copy_orders
            where follower_account_id = $1 and state = 'failed' and reason_code = 'not_opened' and updated_at >= $3
            union
            select o.id from pair_closes p
            join copy_orders o on o.copy_id = p.copy_id
            where p.partner_account_id = $1 and p.ended_at is null and p.attempts = 0
                and p.created_at > now() - interval '1 hour'
                and o.follower_account_id = $1 and o.state = 'failed' and o.reason_code = 'not_opened')
         order by c.id
         for update of c"
    ))
    .bind::<SqlUuid, _>(follower.uuid())
    .bind::<Array<Text>, _>(tickets)
    .bind::<Nullable<Timestamptz>, _>(since)
    .get_results(tx)
    .await?;
    rows.into_iter().map(HeldRow::held).collect()
}

/// Notes what the list of this transaction said: `present` copies are there,
/// `missing` ones were lacked for the first time. They must be locked.
pub async fn note_listed(tx: &mut Tx, present: &[CopyId], missing: &[CopyId]) -> StoreResult<()> {
    let ids = |copies: &[CopyId]| copies.iter().map(|id| id.uuid()).collect::<Vec<Uuid>>();
    sql_query(
        "insert into copy_sightings as s (copy_id, owner_id, venue_ref, listed_at, missing_since)
         select copy_id, owner_id, venue_ref,
            case when copy_id = any($1) then now() end, case when copy_id = any($2) then now() end
         from copy_orders
         where copy_id = any($1 || $2)
         on conflict (copy_id) do update set
            venue_ref = excluded.venue_ref,
            listed_at = case when s.venue_ref is not distinct from excluded.venue_ref
                then coalesce(s.listed_at, excluded.listed_at) else excluded.listed_at end,
            missing_since = excluded.missing_since",
    )
    .bind::<Array<SqlUuid>, _>(ids(present))
    .bind::<Array<SqlUuid>, _>(ids(missing))
    .execute(tx)
    .await?;
    Ok(())
}

/// A copy that has been in doubt for long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LongInDoubt {
    /// The copy.
    pub copy_id: CopyId,
    /// Its owner.
    pub owner_id: OwnerId,
    /// The account that copies.
    pub follower_id: AccountId,
}

#[derive(QueryableByName)]
struct DoubtRow {
    #[diesel(sql_type = SqlUuid)]
    copy: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner: Uuid,
    #[diesel(sql_type = SqlUuid)]
    follower: Uuid,
}

/// Marks up to `limit` copies that are unconfirmed `after_s` seconds after their
/// claim, at an exchange ten, for an exchange can be asked. Each comes back once.
pub async fn alarm_long_in_doubt(tx: &mut Tx, after_s: i32, limit: i64) -> StoreResult<Vec<LongInDoubt>> {
    let rows: Vec<DoubtRow> = sql_query(
        "with due as (
            select c.copy_id, c.owner_id, c.follower_account_id, c.venue_ref
            from copy_orders c
            where c.state = 'unconfirmed' and c.claimed_at <= now() - make_interval(secs => least($1,
                    case when exists (select from venue_orders v where v.copy_id = c.copy_id) then 10 else $1 end))
                and not exists (
                    select from copy_sightings s where s.copy_id = c.copy_id and s.alarmed_at is not null)
            order by c.id
            limit $2),
         alarmed as (
            insert into copy_sightings (copy_id, owner_id, venue_ref, alarmed_at)
            select copy_id, owner_id, venue_ref, now() from due
            on conflict (copy_id) do update set alarmed_at = now())
         select copy_id as copy, owner_id as owner, follower_account_id as follower from due",
    )
    .bind::<Integer, _>(after_s)
    .bind::<BigInt, _>(limit)
    .get_results(tx)
    .await?;
    let copy = |row: DoubtRow| LongInDoubt {
        copy_id: row.copy.into(),
        owner_id: row.owner.into(),
        follower_id: row.follower.into(),
    };
    Ok(rows.into_iter().map(copy).collect())
}

/// Marks up to `limit` copies that are not closed after so many orders, or whose
/// order to close an exchange has had for a minute, or may have had: until that
/// one is over no other is sent. Each comes back once.
pub async fn alarm_overdue_closes(tx: &mut Tx, orders: i32, limit: i64) -> StoreResult<Vec<LockedCopy>> {
    let rows: Vec<CopyRow> = sql_query(format!(
        "with due as (
            select c.*
            from copy_orders c
            where c.desired_lots = 0 and c.state = 'closing'
                and (c.close_attempts >= $1
                    or exists (
                        select from venue_orders v
                        where v.copy_id = c.copy_id and v.leg = 'close' and v.created_at <= now() - interval '1 minute'
                            and v.state in ('intended', 'accepted', 'unknown')))
                and not exists (
                    select from copy_sightings s where s.copy_id = c.copy_id and s.close_alarmed_at is not null)
            order by c.id
            limit $2),
         alarmed as (
            insert into copy_sightings (copy_id, owner_id, venue_ref, close_alarmed_at)
            select copy_id, owner_id, venue_ref, now() from due
            on conflict (copy_id) do update set close_alarmed_at = now())
         select {COLUMNS} from due c"
    ))
    .bind::<Integer, _>(orders)
    .bind::<BigInt, _>(limit)
    .get_results(tx)
    .await?;
    rows.into_iter().map(CopyRow::locked).collect()
}

impl HeldRow {
    fn held(self) -> StoreResult<HeldCopy> {
        Ok(HeldCopy {
            copy: self.copy.locked()?,
            missing_since: self.missing_since,
            was_listed: self.was_listed,
        })
    }
}
