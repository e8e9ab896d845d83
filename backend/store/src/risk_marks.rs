//! Marks that groups and owners set, for the accounts that set none.

use std::collections::HashMap;

use diesel::sql_types::{Array, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
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

/// Makes the worker look at all accounts of an owner soon: other marks hold for
/// them. Call it after the commit of that.
pub async fn look_again(tx: &mut Tx, owner: OwnerId) -> StoreResult<usize> {
    Ok(sql_query("update risk_states set due_at = least(due_at, now()) where owner_id = $1")
        .bind::<SqlUuid, _>(owner.uuid())
        .execute(tx)
        .await?)
}
