//! Groups of accounts.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::group::{Group, GroupError, MOST_GROUPS, Member, RequiredRules};
use flotilla_domain::id::{AccountId, GroupId, OwnerId};
use flotilla_domain::risk::marks::Marks;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult};
use crate::risk_phases::parsed;
use crate::schema::{accounts, group_accounts, groups, subscriptions};
use crate::transaction_time::begun_at;
use crate::{group_rates, guard_trips, guards};

#[derive(Queryable, Selectable)]
#[diesel(table_name = groups)]
struct GroupRow {
    id: Uuid,
    owner_id: Uuid,
    name: String,
    base_currency: String,
    version: i32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    required_rules: Option<Value>,
    required_template_id: Option<String>,
    required_template_size: Option<i32>,
    thresholds: Option<Value>,
}

/// What an owner edits.
#[derive(Debug, Clone)]
pub struct GroupEdit {
    /// Shown name.
    pub name: String,
    /// Currency; `None` leaves it.
    pub base_currency: Option<String>,
    /// The version the edit is based on.
    pub version: i32,
}

/// Groups of an owner, oldest first; `after` leaves out this group and those before it.
pub async fn list(
    tx: &mut Tx,
    owner: OwnerId,
    after: Option<GroupId>,
    limit: i64,
) -> StoreResult<Vec<Group>> {
    let rows = groups::table
        .filter(groups::owner_id.eq(owner.uuid()))
        .filter(groups::id.gt(after.map_or(Uuid::nil(), Uuid::from)))
        .order(groups::id)
        .limit(limit)
        .select(GroupRow::as_select())
        .load(tx)
        .await?;
    with_accounts(tx, owner, rows).await
}

/// One group.
pub async fn get(tx: &mut Tx, owner: OwnerId, id: GroupId) -> StoreResult<Group> {
    find_all(tx, owner, &[id.uuid()]).await?.pop().ok_or(StoreError::NotFound("group"))
}

/// Those of `ids` that are the owner's.
pub async fn find_all(tx: &mut Tx, owner: OwnerId, ids: &[Uuid]) -> StoreResult<Vec<Group>> {
    let rows = groups::table
        .filter(groups::owner_id.eq(owner.uuid()))
        .filter(groups::id.eq_any(ids))
        .order(groups::id)
        .select(GroupRow::as_select())
        .load(tx)
        .await?;
    with_accounts(tx, owner, rows).await
}

/// Makes others who edit, stop or delete the group, or change who is in it,
/// wait until the transaction ends.
pub async fn lock(tx: &mut Tx, owner: OwnerId, id: GroupId) -> StoreResult<()> {
    let found: Option<Uuid> = groups::table
        .find(id.uuid())
        .filter(groups::owner_id.eq(owner.uuid()))
        .select(groups::id)
        .for_update()
        .first(tx)
        .await
        .optional()?;
    found.map(|_| ()).ok_or(StoreError::NotFound("group"))
}

/// Creates an empty group; returns its identifier.
///
/// # Errors
///
/// [`GroupError::NameTaken`], [`GroupError::TooMany`].
pub async fn insert(
    tx: &mut Tx,
    owner: OwnerId,
    name: &str,
    base_currency: &str,
) -> StoreResult<Result<GroupId, GroupError>> {
    let present: i64 = groups::table.filter(groups::owner_id.eq(owner.uuid())).count().get_result(tx).await?;
    if present >= MOST_GROUPS {
        return Ok(Err(GroupError::TooMany));
    }
    let inserted = diesel::insert_into(groups::table)
        .values((
            groups::owner_id.eq(owner.uuid()),
            groups::name.eq(name),
            groups::base_currency.eq(base_currency),
        ))
        .returning(groups::id)
        .get_result::<Uuid>(tx)
        .await;
    unless_taken(inserted.map(Into::into))
}

/// Edits a group that nobody edited since.
///
/// # Errors
///
/// [`GroupError::Stale`], [`GroupError::NameTaken`].
pub async fn save(
    tx: &mut Tx,
    owner: OwnerId,
    id: GroupId,
    edit: &GroupEdit,
) -> StoreResult<Result<(), GroupError>> {
    lock(tx, owner, id).await?;
    let saved = diesel::update(groups::table.find(id.uuid()))
        .filter(groups::owner_id.eq(owner.uuid()))
        .filter(groups::version.eq(edit.version))
        .set((
            groups::name.eq(&edit.name),
            edit.base_currency.as_ref().map(|currency| groups::base_currency.eq(currency)),
            groups::version.eq(groups::version + 1),
            groups::updated_at.eq(begun_at()),
        ))
        .execute(tx)
        .await;
    Ok(unless_taken(saved)?.and_then(|rows| if rows == 0 { Err(GroupError::Stale) } else { Ok(()) }))
}

/// Sets the rules that every account of a group must have; `None`: nothing is
/// required. Part of an edit: call it after [`save`].
pub async fn require(
    tx: &mut Tx,
    owner: OwnerId,
    id: GroupId,
    required: Option<&RequiredRules>,
) -> StoreResult<()> {
    let template = required.and_then(|required| required.template.as_ref());
    diesel::update(groups::table.find(id.uuid()))
        .filter(groups::owner_id.eq(owner.uuid()))
        .set((
            groups::required_rules.eq(required.map(|required| json!(required.rules))),
            groups::required_template_id.eq(template.map(|(id, _)| id)),
            groups::required_template_size.eq(template.and_then(|(_, size)| *size)),
        ))
        .execute(tx)
        .await?;
    Ok(())
}

/// Sets the marks of accounts that set none of their own. Part of an edit: call
/// it after [`save`].
pub async fn set_marks(tx: &mut Tx, owner: OwnerId, id: GroupId, marks: Marks) -> StoreResult<()> {
    let stored = (!marks.is_empty()).then(|| json!(marks));
    diesel::update(groups::table.find(id.uuid()))
        .filter(groups::owner_id.eq(owner.uuid()))
        .set(groups::thresholds.eq(stored))
        .execute(tx)
        .await?;
    Ok(())
}

/// Deletes a group; its accounts stay.
///
/// # Errors
///
/// [`GroupError::Stopped`].
pub async fn delete(tx: &mut Tx, owner: OwnerId, id: GroupId) -> StoreResult<Result<(), GroupError>> {
    let deleted = diesel::delete(groups::table.find(id.uuid()))
        .filter(groups::owner_id.eq(owner.uuid()))
        .execute(tx)
        .await
        .map_err(StoreError::from);
    match deleted {
        Ok(0) => Err(StoreError::NotFound("group")),
        Ok(_) => Ok(Ok(())),
        Err(error) if error.is_constraint("stops_group") => Ok(Err(GroupError::Stopped)),
        Err(error) => Err(error),
    }
}

/// Puts an account into a group; false: it is in it already.
pub async fn add(tx: &mut Tx, owner: OwnerId, group: GroupId, account: AccountId) -> StoreResult<bool> {
    let added = diesel::insert_into(group_accounts::table)
        .values((
            group_accounts::group_id.eq(group.uuid()),
            group_accounts::account_id.eq(account.uuid()),
            group_accounts::owner_id.eq(owner.uuid()),
        ))
        .on_conflict_do_nothing()
        .execute(tx)
        .await?;
    Ok(added > 0)
}

/// Fills a group that was just created.
pub async fn fill(tx: &mut Tx, owner: OwnerId, group: GroupId, members: &[AccountId]) -> StoreResult<()> {
    let rows = members.iter().map(|account| {
        (
            group_accounts::group_id.eq(group.uuid()),
            group_accounts::account_id.eq(account.uuid()),
            group_accounts::owner_id.eq(owner.uuid()),
        )
    });
    diesel::insert_into(group_accounts::table).values(rows.collect::<Vec<_>>()).execute(tx).await?;
    Ok(())
}

/// A master of the owner and the owner's accounts that copy from it, as far as
/// they are not archived; until the transaction ends none of them is.
pub async fn list_of_master(tx: &mut Tx, owner: OwnerId, master: AccountId) -> StoreResult<Vec<AccountId>> {
    let copies = subscriptions::table
        .filter(subscriptions::owner_id.eq(owner.uuid()))
        .filter(subscriptions::master_account_id.eq(master.uuid()))
        .filter(subscriptions::state.eq_any(["active", "close_only"]))
        .select(subscriptions::follower_account_id);
    let ids: Vec<Uuid> = accounts::table
        .filter(accounts::owner_id.eq(owner.uuid()))
        .filter(accounts::archived_at.is_null())
        .filter(accounts::id.eq(master.uuid()).or(accounts::id.eq_any(copies)))
        .order(accounts::id)
        .select(accounts::id)
        .for_share()
        .load(tx)
        .await?;
    Ok(ids.into_iter().map(Into::into).collect())
}

/// Takes an account out of a group.
pub async fn remove(tx: &mut Tx, owner: OwnerId, group: GroupId, account: AccountId) -> StoreResult<()> {
    let removed = diesel::delete(group_accounts::table.find((group.uuid(), account.uuid())))
        .filter(group_accounts::owner_id.eq(owner.uuid()))
        .execute(tx)
        .await?;
    if removed == 0 { Err(StoreError::NotFound("account of the group")) } else { Ok(()) }
}

/// Takes an account out of every group.
pub async fn remove_from_all(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<()> {
    diesel::delete(group_accounts::table)
        .filter(group_accounts::owner_id.eq(owner.uuid()))
        .filter(group_accounts::account_id.eq(account.uuid()))
        .execute(tx)
        .await?;
    Ok(())
}

/// The groups an account is in.
pub async fn list_of_account(tx: &mut Tx, owner: OwnerId, account: AccountId) -> StoreResult<Vec<GroupId>> {
    let ids: Vec<Uuid> = group_accounts::table
        .filter(group_accounts::owner_id.eq(owner.uuid()))
        .filter(group_accounts::account_id.eq(account.uuid()))
        .order(group_accounts::group_id)
        .select(group_accounts::group_id)
        .load(tx)
        .await?;
    Ok(ids.into_iter().map(Into::into).collect())
}

/// The accounts of a group.
pub(crate) async fn list_account_ids(tx: &mut Tx, owner: OwnerId, group: GroupId) -> StoreResult<Vec<Uuid>> {
    Ok(group_accounts::table
        .filter(group_accounts::owner_id.eq(owner.uuid()))
        .filter(group_accounts::group_id.eq(group.uuid()))
        .order(group_accounts::account_id)
        .select(group_accounts::account_id)
        .load(tx)
        .await?)
}

async fn with_accounts(tx: &mut Tx, owner: OwnerId, rows: Vec<GroupRow>) -> StoreResult<Vec<Group>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut guards = guards::of_groups(tx, owner, &ids).await?;
    let mut trips = guard_trips::standing_of_groups(tx, owner, &ids).await?;
    let mut rates = group_rates::list(tx, owner, &ids).await?;
    let members: Vec<(Uuid, Uuid, String)> = group_accounts::table
        .inner_join(accounts::table.on(accounts::id.eq(group_accounts::account_id)))
        .filter(group_accounts::owner_id.eq(owner.uuid()))
        .filter(group_accounts::group_id.eq_any(ids))
        .order((accounts::name, accounts::id))
        .select((group_accounts::group_id, accounts::id, accounts::name))
        .load(tx)
        .await?;
    let mut by_group: HashMap<Uuid, Vec<Member>> = HashMap::new();
    for (group, id, name) in members {
        by_group.entry(group).or_default().push(Member { id: id.into(), name });
    }
    let group = |row: GroupRow| {
        let (guard, trip) = (guards.remove(&row.id), trips.remove(&row.id));
        let rates = rates.remove(&row.id).unwrap_or_default();
        Ok(Group { guard, trip, rates, ..row.group(&mut by_group)? })
    };
    rows.into_iter().map(group).collect()
}

fn unless_taken<T>(written: QueryResult<T>) -> StoreResult<Result<T, GroupError>> {
    match written.map_err(StoreError::from) {
        Ok(value) => Ok(Ok(value)),
        Err(error) if error.is_constraint("groups_name") => Ok(Err(GroupError::NameTaken)),
        Err(error) => Err(error),
    }
}

impl GroupRow {
    fn group(self, by_group: &mut HashMap<Uuid, Vec<Member>>) -> StoreResult<Group> {
        let template = self.required_template_id.map(|id| (id, self.required_template_size));
        let rules = self.required_rules.map(|rules| parsed(rules, "groups.required_rules")).transpose()?;
        let marks = self.thresholds.map(|marks| parsed(marks, "groups.thresholds")).transpose()?;
        Ok(Group {
            accounts: by_group.remove(&self.id).unwrap_or_default(),
            id: self.id.into(),
            owner_id: self.owner_id.into(),
            name: self.name,
            base_currency: self.base_currency,
            guard: None,
            trip: None,
            required: rules.map(|rules| RequiredRules { rules, template }),
            marks: marks.unwrap_or_default(),
            rates: Vec::new(),
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}
