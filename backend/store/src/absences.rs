//! Terminals that are gone while copies are open.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Double, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::alert::AlertKind;
use flotilla_domain::id::{AccountId, OwnerId};
use uuid::Uuid;

use crate::Tx;
use crate::alerts::RaisedRow;
use crate::changes::Change;
use crate::error::{StoreResult, known};

/// A terminal that has been silent or away for too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// Of a follower or of a master.
    pub kind: AlertKind,
    /// Who has copies that wait for it.
    pub owner_id: OwnerId,
    /// The account that is gone.
    pub gone_id: AccountId,
    /// The account of this owner it concerns: itself or, of a foreign master,
    /// one that follows it.
    pub account_id: AccountId,
    /// Name under which the owner knows it.
    pub name: String,
    /// Copies that wait for it.
    pub open_copies: i32,
    /// Since when.
    pub since: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct AbsenceRow {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    gone_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Integer)]
    open_copies: i32,
    #[diesel(sql_type = Timestamptz)]
    since: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct NowRow {
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
}

/// When the running transaction began, by the database's clock.
pub async fn now(tx: &mut Tx) -> StoreResult<DateTime<Utc>> {
    let row: NowRow = sql_query("select now() as now").get_result(tx).await?;
    Ok(row.now)
}

/// Lists absences of at least `after_s` seconds that have become so after
/// `looked_at` less those seconds, while copies wait, and that were not told.
///
/// A line is noted within some seconds; who has not been heard of for ten is
/// silent from then on.
pub async fn list(tx: &mut Tx, after_s: f64, looked_at: DateTime<Utc>) -> StoreResult<Vec<Absence>> {
    let rows: Vec<AbsenceRow> =
        sql_query(LIST).bind::<Double, _>(after_s).bind::<Timestamptz, _>(looked_at).get_results(tx).await?;
    rows.into_iter().map(AbsenceRow::absence).collect()
}

const LIST: &str = "
    with gone as (
        select s.account_id, s.owner_id, a.copy_role, a.name, s.since
        from (
            select account_id, owner_id,
                least(disconnected_at, last_seen_at + interval '10 seconds') as since
            from sessions) s
        join accounts a on a.id = s.account_id
        where s.since <= now() - make_interval(secs => $1) and s.since > $2 - make_interval(secs => $1)),
    followers as (
        select 'follower_offline' as kind, g.owner_id, g.account_id as gone_id, g.account_id, g.name,
            (select count(*)::integer from copy_orders c where c.follower_account_id = g.account_id
                and c.state in ('open', 'unconfirmed', 'closing', 'attention')) as open_copies,
            g.since
        from gone g
        where g.copy_role = 'follower'),
    followed as (
        select g.account_id as gone_id, g.owner_id as master_owner_id, g.name, g.since, f.owner_id,
            f.follower_account_id, f.master_name, w.open_copies
        from gone g
        join master_followers w on w.master_account_id = g.account_id and w.open_copies > 0
        join subscriptions f on f.id = w.subscription_id
        where g.copy_role = 'master'),
    masters as (
        select 'master_offline' as kind, master_owner_id as owner_id, gone_id, gone_id as account_id, name,
            sum(open_copies)::integer as open_copies, since
        from followed group by 2, 3, 5, 7
        union all
        select 'master_offline', owner_id, gone_id, min(follower_account_id::text)::uuid, min(master_name),
            sum(open_copies)::integer, since
        from followed where owner_id <> master_owner_id group by 2, 3, 7)
    select * from (select * from followers union all select * from masters) told
    where open_copies > 0 and not exists (
        select from alerts x
        where x.owner_id = told.owner_id and x.kind = told.kind and x.resolved_at is null
            and x.dedupe_key = told.kind || ':' || told.gone_id)";

/// Notes on alerts about absences whose terminal speaks again that they are over.
pub async fn resolve_ended(tx: &mut Tx) -> StoreResult<Vec<Change>> {
    let rows: Vec<RaisedRow> = sql_query(
        "update alerts x set resolved_at = now()
         from sessions s
         where x.kind in ('follower_offline', 'master_offline') and x.resolved_at is null
            and s.account_id = split_part(x.dedupe_key, ':', 2)::uuid
            and s.sockets > 0 and s.last_seen_at > now() - interval '10 seconds'
         returning x.id, x.owner_id, x.account_id",
    )
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(RaisedRow::change).collect())
}

impl AbsenceRow {
    fn absence(self) -> StoreResult<Absence> {
        Ok(Absence {
            kind: known("alerts.kind", &self.kind)?,
            owner_id: self.owner_id.into(),
            gone_id: self.gone_id.into(),
            account_id: self.account_id.into(),
            name: self.name,
            open_copies: self.open_copies,
            since: self.since,
        })
    }
}
