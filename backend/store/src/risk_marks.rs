//! Marks that groups and owners set, for the accounts that set none.

use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, GroupId, OwnerId};
use flotilla_domain::risk::marks::{MarkingGroup, Marks, Resolved};
use serde_json::Value;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::StoreResult;
use crate::risk_phases::parsed;

#[derive(QueryableByName)]
struct MarksRow {
    #[diesel(sql_type = SqlUuid)]
    of: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    group_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Jsonb)]
    marks: Value,
}

/// What the groups of some accounts, and their owners, set.
#[derive(Debug, Default)]
pub(crate) struct Levels {
    groups: HashMap<Uuid, Vec<MarkingGroup>>,
    owners: HashMap<Uuid, Marks>,
}

const LIST: &str = "
    select a.account_id as of, g.id as group_id, g.name, g.thresholds as marks
    from group_accounts a join groups g on g.owner_id = a.owner_id and g.id = a.group_id
    where a.owner_id = any($1) and a.account_id = any($2) and g.thresholds is not null
    union all
    select owner_id, null, null, thresholds from risk_defaults
    where owner_id = any($1) and thresholds is not null
    order by name";

/// Of any number of accounts, by one query. `owners`: theirs.
pub(crate) async fn levels(tx: &mut Tx, owners: &[Uuid], accounts: &[Uuid]) -> StoreResult<Levels> {
    let rows: Vec<MarksRow> = sql_query(LIST)
        .bind::<Array<SqlUuid>, _>(owners)
        .bind::<Array<SqlUuid>, _>(accounts)
        .load(tx)
        .await?;
    let mut levels = Levels::default();
    for row in rows {
        let marks: Marks = parsed(row.marks, "groups.thresholds")?;
        match row.group_id.zip(row.name) {
            Some((id, name)) => {
                let group = MarkingGroup { id: id.into(), name, marks };
                levels.groups.entry(row.of).or_default().push(group);
            }
            None => {
                levels.owners.insert(row.of, marks);
            }
        }
    }
    Ok(levels)
}

impl Levels {
    /// What holds for an account that sets no marks of its own.
    pub(crate) fn inherited(&self, owner: Uuid, account: Uuid) -> Resolved {
        let groups = self.groups.get(&account).map_or([].as_slice(), Vec::as_slice);
        Resolved::inherited(groups, self.owners.get(&owner).copied().unwrap_or_default())
    }
}

/// What holds for an account that sets no marks of its own.
pub async fn inherited(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<Resolved> {
    let levels = levels(tx, &[owner.uuid()], &[account.uuid()]).await?;
    Ok(levels.inherited(owner.uuid(), account.uuid()))
}

/// Accounts for which marks decide when a guard of theirs stops copying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Guarded {
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub accounts: i64,
    /// Those of them of which a guard also closes what is open.
    #[diesel(sql_type = BigInt)]
    pub closing: i64,
}

/// Where marks are set: of an owner unless it names one of these.
#[derive(Debug, Clone, Copy, Default)]
pub struct MarksPlace {
    /// Those of a group.
    pub group: Option<GroupId>,
    /// Those of an account.
    pub account: Option<AccountId>,
}

/// Guards that act at a crossed line alone do not go by marks. Nor do accounts go by marks of a group that set all of
/// their own, or by those of their owner where they or their groups set all.
const GUARDED: &str = "
    with watched as (
        select coalesce(g.account_id, m.account_id) as account_id, bool_or(g.action = 'close_all') as closes
        from guards g
        left join group_accounts m on m.owner_id = g.owner_id and m.group_id = g.group_id
        where g.owner_id = $1 and g.status in ('caution', 'critical') and g.action in ('stop_new', 'close_all')
        group by 1)
    select count(*) as accounts, count(*) filter (where w.closes) as closing
    from watched w
    join accounts a on a.owner_id = $1 and a.id = w.account_id and a.archived_at is null
    join risk_phases p on p.owner_id = $1 and p.account_id = a.id and p.ended_at is null
    where ($2 is null or a.id = $2)
        and ($3 is null or exists (
            select from group_accounts m where m.owner_id = $1 and m.group_id = $3 and m.account_id = a.id))
        and ($2 is not null or exists (
            select from unnest(array['money', 'count']) as c (class)
            where p.thresholds ->> c.class is null
                and ($3 is not null or not exists (
                    select from group_accounts m
                    join groups g on g.owner_id = m.owner_id and g.id = m.group_id
                    where m.owner_id = $1 and m.account_id = a.id and g.thresholds ->> c.class is not null))))";

/// Of how many accounts guards may act when other marks are set in a place.
pub async fn count_guarded(tx: &mut Tx, owner: OwnerId, place: MarksPlace) -> StoreResult<Guarded> {
    Ok(sql_query(GUARDED)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<Nullable<SqlUuid>, _>(place.account.map(AccountId::uuid))
        .bind::<Nullable<SqlUuid>, _>(place.group.map(GroupId::uuid))
        .get_result(tx)
        .await?)
}

/// Makes the worker look at all accounts of an owner soon: other marks hold for
/// them. Call it after the commit of that.
pub async fn look_again(tx: &mut Tx, owner: OwnerId) -> StoreResult<usize> {
    make_due(tx, owner, None).await
}

/// Makes accounts of an owner due, all or these. They are locked by their number, as by whoever writes where several
/// stand: nobody waits for somebody who waits for him.
pub(crate) async fn make_due(tx: &mut Tx, owner: OwnerId, accounts: Option<&[Uuid]>) -> StoreResult<usize> {
    Ok(sql_query(
        "with locked as (
            select account_id from risk_states
            where owner_id = $1 and ($2 is null or account_id = any($2))
            order by account_id
            for no key update)
         update risk_states r set due_at = least(r.due_at, now())
         from locked where r.account_id = locked.account_id and r.owner_id = $1",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Nullable<Array<SqlUuid>>, _>(accounts)
    .execute(tx)
    .await?)
}
