//! Stopping, resuming and closing many copies, from the worker's side.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::{AccountId, CopyId, OwnerId, RequestId, SignalId};
use flotilla_domain::stop::OperationKind;
use uuid::Uuid;

use crate::Tx;
use crate::copy_orders::flatten::{Reach, StopTarget};
use crate::error::{StoreResult, known};

/// A request that was begun and is not done, locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopRequest {
    /// The request.
    pub id: RequestId,
    /// What is asked.
    pub kind: OperationKind,
    /// Whose copies it is about, as far as they were planned when it was begun.
    pub target: StopTarget,
    /// The account it names, if it is about one.
    pub account_id: Option<AccountId>,
    /// The group it is about or the guard that asked, as the owner of copies
    /// that are skipped is told.
    pub why: Option<(ReasonCode, String)>,
    /// Whether this is the first look at it.
    pub is_new: bool,
    /// Whether it was begun so lately that a signal which was being stored then
    /// may show only now.
    pub is_recent: bool,
    /// Whether every signal that was being stored when it was begun has been.
    pub is_complete: bool,
}

/// How far a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Every copy has ended.
    pub is_done: bool,
    /// Something differs from the time before.
    pub has_changed: bool,
}

/// A copy that will not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skipped {
    /// The copy.
    pub copy_id: CopyId,
    /// Its owner.
    pub owner_id: OwnerId,
    /// The account that would have copied.
    pub follower_id: AccountId,
    /// The signal it was a copy of.
    pub signal_id: SignalId,
    /// The account that leads.
    pub master_id: AccountId,
}

#[derive(QueryableByName)]
struct RequestRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    account_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    account_ids: Option<Vec<Uuid>>,
    #[diesel(sql_type = Nullable<Text>)]
    group_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    trip_title: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    trip_id: Option<Uuid>,
    #[diesel(sql_type = Timestamptz)]
    began_at: DateTime<Utc>,
    #[diesel(sql_type = Bool)]
    is_new: bool,
    #[diesel(sql_type = Bool)]
    is_recent: bool,
    #[diesel(sql_type = Bool)]
    is_complete: bool,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Integer)]
    remaining: i32,
}

#[expect(clippy::struct_field_names, reason = "named as the columns")]
#[derive(QueryableByName)]
struct SkippedRow {
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    follower_account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    signal_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    master_account_id: Uuid,
}

/// Whether no transaction of the time when request `r` was begun still runs: it may store copies that it did not see.
/// One that runs for longer than half a minute is none of ours.
pub(crate) const IS_COMPLETE: &str =
    "coalesce(pg_snapshot_xmin(pg_current_snapshot())::text::bigint > r.began_xid
    or r.began_at < now() - interval '30 seconds', false)";

/// Begins the new requests, and lists all that are not done, the new ones first:
/// any number of old ones may wait for positions that do not close. A target that
/// is not its owner's is not found, and the request fails. Of a group it is
/// enough that its accounts were noted: it may have been deleted since.
pub async fn begin(tx: &mut Tx) -> StoreResult<Vec<RequestId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    sql_query(BEGIN).execute(tx).await?;
    let rows: Vec<Row> = sql_query(
        "select id from requests
         where state = 'running' and kind in ('stop_new', 'flatten', 'resume', 'close_account')
         order by total is not null, began_at desc
         limit 1000",
    )
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

/// Locks a request that was begun; `None` when another look has it, or it is done.
pub async fn lock(tx: &mut Tx, id: RequestId) -> StoreResult<Option<StopRequest>> {
    let rows: Vec<RequestRow> = sql_query(LOCK.replace("{IS_COMPLETE}", IS_COMPLETE))
        .bind::<SqlUuid, _>(id.uuid())
        .get_results(tx)
        .await?;
    rows.into_iter().next().map(RequestRow::request).transpose()
}

const BEGIN: &str = "
    with due as (
        select id from requests
        where state = 'pending' and kind in ('stop_new', 'flatten', 'resume', 'close_account')
        order by id
        limit 100
        for update skip locked)
    update requests r set
        began_at = clock_timestamp(),
        began_xid = pg_current_xact_id()::text::bigint,
        updated_at = now(),
        state = case
            when r.target_id = r.owner_id and r.kind <> 'close_account'
                or r.account_ids is not null
                or exists (select from accounts a where a.id = r.target_id and a.owner_id = r.owner_id) then 'running'
            else 'failed' end
    from due
    where r.id = due.id";

const LOCK: &str = "
    select r.id, r.owner_id, r.kind,
        case when r.account_ids is null then nullif(r.target_id, r.owner_id) end as account_id, r.account_ids,
        g.name as group_name, t.title as trip_title, r.trip_id, r.began_at,
        r.total is null as is_new, r.began_at > now() - interval '1 minute' as is_recent,
        {IS_COMPLETE} as is_complete
    from requests r
    left join groups g on r.account_ids is not null and g.owner_id = r.owner_id and g.id = r.target_id
    left join guard_trips t on t.id = r.trip_id
    where r.id = $1 and r.state = 'running'
    for update of r skip locked";

/// Skips what was planned within a stop and certainly never sent. The owner of
/// a group or a guard sees its name; others see that copying was stopped.
pub async fn skip_planned(tx: &mut Tx, request: &StopRequest) -> StoreResult<Vec<Skipped>> {
    let (target, why) = (&request.target, request.why.as_ref());
    let rows: Vec<SkippedRow> = sql_query(SKIP)
        .bind::<SqlUuid, _>(target.owner_id.uuid())
        .bind::<Nullable<Array<SqlUuid>>, _>(target.account_ids())
        .bind::<Timestamptz, _>(target.until)
        .bind::<Text, _>(ReasonCode::Stopped.as_str())
        .bind::<Text, _>(why.map_or(ReasonCode::Stopped, |(reason, _)| *reason).as_str())
        .bind::<Nullable<Text>, _>(why.map(|(_, text)| text))
        .bind::<Bool, _>(target.reach.has_own())
        .bind::<Bool, _>(target.reach.has_foreign())
        .get_results(tx)
        .await?;
    Ok(rows.into_iter().map(SkippedRow::skipped).collect())
}

// A person's stop of a master also holds for strangers who follow it: nothing was sent, so nothing of theirs is closed.
const SKIP: &str = "
    with due as (
        select c.id from copy_orders c
        where c.state = 'planned' and c.created_at <= $3
            and (c.owner_id = $1 and ($2 is null or c.follower_account_id = any($2)
                    or $7 and c.master_account_id = any($2))
                or $8 and c.master_account_id in (
                    select a.id from accounts a where a.owner_id = $1 and ($2 is null or a.id = any($2))))
        order by c.id
        for update of c),
    skipped as (
        update copy_orders c set
            state = 'skipped', desired_lots = 0, desired_version = c.desired_version + 1, updated_at = now(),
            reason_code = case when c.owner_id = $1 and $6 is not null then $5 else $4 end,
            reason_text = case when c.owner_id = $1 then $6 end
        from due
        where c.id = due.id
        returning c.*),
    noted as (
        insert into copy_events (owner_id, copy_id, from_state, to_state, cause)
        select owner_id, copy_id, 'planned', 'skipped', $4 from skipped)
    select copy_id, owner_id, follower_account_id, signal_id, master_account_id from skipped";

/// Counts what has not ended and writes how far the request is. It is not done
/// before every signal that was being stored when it was begun has been.
pub async fn save_progress(tx: &mut Tx, request: &StopRequest) -> StoreResult<Progress> {
    let remaining: BTreeMap<Uuid, i32> =
        if request.kind.closes() { count(tx, &request.target).await? } else { BTreeMap::new() };
    let written = sql_query(WRITE)
        .bind::<SqlUuid, _>(request.id.uuid())
        .bind::<SqlUuid, _>(request.target.owner_id.uuid())
        .bind::<Array<SqlUuid>, _>(remaining.keys().copied().collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(remaining.values().copied().collect::<Vec<_>>())
        .execute(tx)
        .await?;
    let is_done = remaining.is_empty() && request.is_complete;
    let has_changed = written > 0 || is_done || request.is_new;
    if has_changed {
        sql_query(SUM_UP).bind::<SqlUuid, _>(request.id.uuid()).bind::<Bool, _>(is_done).execute(tx).await?;
    }
    Ok(Progress { is_done, has_changed })
}

async fn count(tx: &mut Tx, target: &StopTarget) -> StoreResult<BTreeMap<Uuid, i32>> {
    let rows: Vec<CountRow> = sql_query(COUNT)
        .bind::<SqlUuid, _>(target.owner_id.uuid())
        .bind::<Nullable<Array<SqlUuid>>, _>(target.account_ids())
        .bind::<Timestamptz, _>(target.until)
        .bind::<Bool, _>(target.reach.has_own())
        .get_results(tx)
        .await?;
    Ok(rows.into_iter().map(|row| (row.account_id, row.remaining)).collect())
}

const COUNT: &str = "
    select follower_account_id as account_id, count(*)::integer as remaining
    from (
        select o.* from accounts a join copy_orders o on o.follower_account_id = a.id
        where a.owner_id = $1 and o.state in ('planned', 'claimed', 'received')
        union all
        select o.* from accounts a join copy_orders o on o.follower_account_id = a.id
        where a.owner_id = $1 and o.state in ('open', 'unconfirmed', 'closing', 'attention')) c
    where c.owner_id = $1
        and ($2 is null or c.follower_account_id = any($2) or $4 and c.master_account_id = any($2))
        and c.desired_lots = 0 and c.created_at <= $3
    group by 1";

// An account that is not counted any more has nothing left.
const WRITE: &str = "
    insert into request_accounts as w (request_id, owner_id, account_id, total, remaining)
    select $1, $2, coalesce(v.account_id, p.account_id), coalesce(v.remaining, 0), coalesce(v.remaining, 0)
    from unnest($3, $4) as v (account_id, remaining)
    full join (select account_id from request_accounts where request_id = $1) p on p.account_id = v.account_id
    on conflict (request_id, account_id) do update set
        total = greatest(w.total, w.total - w.remaining + excluded.remaining),
        remaining = excluded.remaining
    where w.remaining <> excluded.remaining";

const SUM_UP: &str = "
    update requests r set
        total = coalesce(s.total, 0),
        done = coalesce(s.total - s.remaining, 0),
        state = case when $2 then 'done' else 'running' end,
        updated_at = now()
    from (select sum(total)::integer as total, sum(remaining)::integer as remaining
        from request_accounts where request_id = $1) s
    where r.id = $1";

impl RequestRow {
    fn request(self) -> StoreResult<StopRequest> {
        let (account, group) = (self.account_id, self.account_ids);
        let of_group = self.group_name.map(|name| (ReasonCode::GroupStopped, name));
        let why = self.trip_title.map(|title| (ReasonCode::GuardStopped, title)).or(of_group);
        let reach = match (self.trip_id, account) {
            (Some(_), None) => Reach::None,
            (Some(_), Some(_)) => Reach::Own,
            (None, _) => Reach::Any,
        };
        let accounts = group.or_else(|| account.map(|account| vec![account]));
        Ok(StopRequest {
            id: self.id.into(),
            kind: known("requests.kind", &self.kind)?,
            target: StopTarget {
                owner_id: self.owner_id.into(),
                accounts: accounts.map(|ids| ids.into_iter().map(Into::into).collect()),
                reach,
                until: self.began_at,
            },
            account_id: account.map(Into::into),
            why,
            is_new: self.is_new,
            is_recent: self.is_recent,
            is_complete: self.is_complete,
        })
    }
}

impl SkippedRow {
    fn skipped(self) -> Skipped {
        Skipped {
            copy_id: self.copy_id.into(),
            owner_id: self.owner_id.into(),
            follower_id: self.follower_account_id.into(),
            signal_id: self.signal_id.into(),
            master_id: self.master_account_id.into(),
        }
    }
}
