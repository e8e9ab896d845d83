//! The inbox: raised by whoever sees the fact, read by the owner.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::alert::{AlertKind, AlertLevels, Severity};
use flotilla_domain::id::{AccountId, AlertId, CopyId, OwnerId};
use flotilla_domain::mail::MailKind;
use serde_json::Value;
use uuid::Uuid;

use crate::alert_levels;
use crate::alert_mails;
use crate::changes::{Change, ChangeKind};
use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::schema::alerts;
use crate::transaction_time::begun_at;

/// How long alerts that were read are kept, in days.
const KEEP_READ_DAYS: i32 = 30;
/// How long any alert is kept, in days.
const KEEP_DAYS: i32 = 180;
/// Characters that are kept of a text in `detail`.
const MAX_TEXT: usize = 300;

/// A fact worth telling.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAlert {
    /// Whose inbox.
    pub owner_id: OwnerId,
    /// What happened.
    pub kind: AlertKind,
    /// The account it is about.
    pub account_id: Option<AccountId>,
    /// The copy it is about.
    pub copy_id: Option<CopyId>,
    /// Named parameters of the sentence, an object of texts and numbers; never
    /// secrets. Long texts are cut.
    pub detail: Value,
    /// Names the fact, as in `open_refused:<follower>`. While an alert of this
    /// key is unread, the fact is counted there.
    pub dedupe_key: String,
}

/// An entry of the inbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Identifier.
    pub id: AlertId,
    /// What happened.
    pub kind: AlertKind,
    /// How soon somebody should look.
    pub severity: Severity,
    /// The account it is about.
    pub account_id: Option<AccountId>,
    /// The copy it is about.
    pub copy_id: Option<CopyId>,
    /// Named parameters of the sentence.
    pub detail: Value,
    /// How often it was seen while unread.
    pub times_seen: i32,
    /// When it was seen first.
    pub first_at: DateTime<Utc>,
    /// When it was seen last.
    pub last_at: DateTime<Utc>,
    /// When the condition ended by itself.
    pub resolved_at: Option<DateTime<Utc>>,
    /// When its owner read it.
    pub read_at: Option<DateTime<Utc>>,
    /// When its condition came up: first, or again after it had ended.
    pub came_at: DateTime<Utc>,
}

/// Which alerts are wanted; `None` does not restrict.
#[derive(Debug, Clone, Copy, Default)]
pub struct AlertFilter {
    /// Not read yet.
    pub unread_only: bool,
    /// Of this kind.
    pub kind: Option<AlertKind>,
    /// After this place in the list: `last_at` and id of an entry.
    pub after: Option<(DateTime<Utc>, AlertId)>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = alerts)]
struct AlertRow {
    id: Uuid,
    kind: String,
    severity: String,
    account_id: Option<Uuid>,
    copy_id: Option<Uuid>,
    detail: Value,
    times_seen: i32,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    resolved_at: Option<DateTime<Utc>>,
    read_at: Option<DateTime<Utc>>,
    came_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
pub(crate) struct RaisedRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    account_id: Option<Uuid>,
}

/// Raises an alert, or counts the fact on the unread one of the same key.
/// Hint at the change after the commit. One that is raised anew is mailed to its
/// owner, if it is urgent enough and he has a proven address.
///
/// Two transactions that raise the same key wait for one another: raise last,
/// and several in one call of [`raise_all`].
pub async fn raise(tx: &mut Tx, new: &NewAlert) -> StoreResult<Change> {
    let changes = raise_all(tx, std::slice::from_ref(new)).await?;
    changes.into_iter().next().ok_or(StoreError::NotFound("alert"))
}

/// Raises several, one statement, in an order in which transactions do not
/// block one another for ever. Facts of one key become one alert with the
/// detail of the last.
pub async fn raise_all(tx: &mut Tx, new: &[NewAlert]) -> StoreResult<Vec<Change>> {
    raise_each(tx, new.iter().map(|alert| (alert, 1))).await
}

/// Like [`raise_all`], but tells of no fact that an owner was ever told of.
pub async fn raise_untold(tx: &mut Tx, new: &[NewAlert]) -> StoreResult<Vec<Change>> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let told: Vec<(Uuid, String)> = alerts::table
        .filter(alerts::owner_id.eq_any(new.iter().map(|alert| alert.owner_id.uuid()).collect::<Vec<_>>()))
        .filter(
            alerts::dedupe_key.eq_any(new.iter().map(|alert| alert.dedupe_key.as_str()).collect::<Vec<_>>()),
        )
        .select((alerts::owner_id, alerts::dedupe_key))
        .load(tx)
        .await?;
    let told: HashSet<(Uuid, String)> = told.into_iter().collect();
    let is_untold = |alert: &&NewAlert| !told.contains(&(alert.owner_id.uuid(), alert.dedupe_key.clone()));
    raise_each(tx, new.iter().filter(is_untold).map(|alert| (alert, 1))).await
}

/// Like [`raise_all`], of facts that happened so many times.
pub async fn raise_counted(tx: &mut Tx, new: &[(NewAlert, i32)]) -> StoreResult<Vec<Change>> {
    raise_each(tx, new.iter().map(|(alert, times)| (alert, *times))).await
}

async fn raise_each<'a>(
    tx: &mut Tx,
    new: impl Iterator<Item = (&'a NewAlert, i32)> + Send,
) -> StoreResult<Vec<Change>> {
    let mut by_key: BTreeMap<(OwnerId, &str), (&NewAlert, i32)> = BTreeMap::new();
    for (alert, times) in new {
        let entry = by_key.entry((alert.owner_id, &alert.dedupe_key)).or_insert((alert, 0));
        *entry = (alert, entry.1.saturating_add(times));
    }
    if by_key.is_empty() {
        return Ok(Vec::new());
    }
    let alerts: Vec<&NewAlert> = by_key.values().map(|(alert, _)| *alert).collect();
    let seen: Vec<i32> = by_key.values().map(|(_, seen)| *seen).collect();
    let rows: Vec<RaisedRow> = sql_query(RAISE)
        .bind::<Array<SqlUuid>, _>(alerts.iter().map(|new| new.owner_id.uuid()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(alerts.iter().map(|new| new.kind.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(alerts.iter().map(|new| new.kind.severity().as_str()).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(
            alerts.iter().map(|new| new.account_id.map(AccountId::uuid)).collect::<Vec<_>>(),
        )
        .bind::<Array<Nullable<SqlUuid>>, _>(
            alerts.iter().map(|new| new.copy_id.map(CopyId::uuid)).collect::<Vec<_>>(),
        )
        .bind::<Array<Jsonb>, _>(alerts.iter().map(|new| storable(&new.detail)).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(alerts.iter().map(|new| new.dedupe_key.as_str()).collect::<Vec<_>>())
        .bind::<Array<Integer>, _>(seen)
        .bind::<Array<Text>, _>(alert_mails::severities())
        .bind::<Nullable<Text>, _>(alert_mails::usual_level())
        .bind::<Integer, _>(MailKind::Alerts.tried_for_s())
        .get_results(tx)
        .await?;
    Ok(rows.into_iter().map(RaisedRow::change).collect())
}

// What is new, or came back, came when it was seen last. Each transaction adds a mail of its own for an owner: it waits for
// nobody else's, and is committed with what it tells of.
const RAISE: &str = "
    with raised as (
        insert into alerts as a
            (owner_id, kind, severity, account_id, copy_id, detail, dedupe_key, times_seen)
        select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (owner_id, dedupe_key) where read_at is null do update set
            copy_id = excluded.copy_id,
            detail = excluded.detail,
            times_seen = least(a.times_seen, 1000000000) + excluded.times_seen,
            last_at = greatest(a.last_at, excluded.last_at),
            came_at = case when a.resolved_at is null then a.came_at else greatest(a.last_at, excluded.came_at) end,
            resolved_at = null
        returning a.id, a.owner_id, a.account_id, a.severity, a.came_at = a.last_at as is_new),
    mailed as (
        insert into outbox (user_id, kind, address, ends_at)
        select u.id, 'alerts', u.email, now() + make_interval(secs => $11)
        from (
            select owner_id, max(array_position($9, severity)) as severity
            from raised where is_new group by owner_id) r
        join users u on u.id = r.owner_id and u.is_active and u.email_verified
        left join alert_levels l on l.owner_id = r.owner_id
        where r.severity >= array_position($9, case when l.owner_id is null then $10 else l.mail end))
    select id, owner_id, account_id from raised";

/// Who is told of what concerns the server as a whole: its administrators, or `otherwise` where it has none.
pub async fn list_operators(tx: &mut Tx, otherwise: &[OwnerId]) -> StoreResult<Vec<OwnerId>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        id: Uuid,
    }
    let rows: Vec<Row> = sql_query("select id from users where role = 'admin' and is_active order by id")
        .get_results(tx)
        .await?;
    let operators: Vec<OwnerId> = rows.into_iter().map(|row| row.id.into()).collect();
    Ok(if operators.is_empty() { otherwise.to_vec() } else { operators })
}

/// Notes that a condition has ended: alerts of this kind about this account
/// stay until they are read, and say so.
pub async fn resolve(tx: &mut Tx, kind: AlertKind, account: AccountId) -> StoreResult<Vec<Change>> {
    let rows: Vec<RaisedRow> = sql_query(
        "update alerts set resolved_at = now()
         where kind = $1 and account_id = $2 and resolved_at is null
         returning id, owner_id, account_id",
    )
    .bind::<Text, _>(kind.as_str())
    .bind::<SqlUuid, _>(account.uuid())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(RaisedRow::change).collect())
}

/// Notes that copies which would not close are closed.
pub async fn resolve_overdue_closes(tx: &mut Tx) -> StoreResult<Vec<Change>> {
    let rows: Vec<RaisedRow> = sql_query(
        "update alerts a set resolved_at = now()
         from copy_orders c
         where a.kind = $1 and a.resolved_at is null and c.copy_id = a.copy_id
            and c.state not in ('open', 'closing')
         returning a.id, a.owner_id, a.account_id",
    )
    .bind::<Text, _>(AlertKind::CloseOverdue.as_str())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(RaisedRow::change).collect())
}

/// As [`resolve`], of the alerts of this kind with these keys.
pub async fn resolve_keys(tx: &mut Tx, kind: AlertKind, keys: &[String]) -> StoreResult<Vec<Change>> {
    let rows: Vec<RaisedRow> = sql_query(
        "update alerts set resolved_at = now()
         where kind = $2 and dedupe_key = any($1) and resolved_at is null
         returning id, owner_id, account_id",
    )
    .bind::<Array<Text>, _>(keys)
    .bind::<Text, _>(kind.as_str())
    .get_results(tx)
    .await?;
    Ok(rows.into_iter().map(RaisedRow::change).collect())
}

/// Alerts from the owner's level of the inbox on, those seen last first.
pub async fn list(tx: &mut Tx, owner: OwnerId, filter: AlertFilter, limit: i64) -> StoreResult<Vec<Alert>> {
    let levels = alert_levels::get(tx, owner).await?;
    let mut query = alerts::table
        .filter(alerts::owner_id.eq(owner.uuid()))
        .filter(alerts::severity.eq_any(words_from(levels)))
        .order((alerts::last_at.desc(), alerts::id.desc()))
        .limit(limit)
        .select(AlertRow::as_select())
        .into_boxed();
    if filter.unread_only {
        query = query.filter(alerts::read_at.is_null());
    }
    if let Some(kind) = filter.kind {
        query = query.filter(alerts::kind.eq(kind.as_str()));
    }
    if let Some((at, id)) = filter.after {
        // Rows compare column by column, exactly as they are sorted.
        query = query.filter(
            sql::<Bool>("(last_at, id) < (")
                .bind::<Timestamptz, _>(at)
                .sql(", ")
                .bind::<SqlUuid, _>(id.uuid())
                .sql(")"),
        );
    }
    let rows: Vec<AlertRow> = query.load(tx).await?;
    rows.into_iter().map(AlertRow::alert).collect()
}

/// Those of `ids` that are the owner's.
pub async fn find_all(tx: &mut Tx, owner: OwnerId, ids: &[Uuid]) -> StoreResult<Vec<Alert>> {
    let rows: Vec<AlertRow> = alerts::table
        .filter(alerts::owner_id.eq(owner.uuid()))
        .filter(alerts::id.eq_any(ids))
        .order(alerts::last_at)
        .select(AlertRow::as_select())
        .load(tx)
        .await?;
    rows.into_iter().map(AlertRow::alert).collect()
}

/// Marks one alert as read; one that was read keeps its time.
pub async fn mark_read(tx: &mut Tx, owner: OwnerId, id: AlertId) -> StoreResult<Alert> {
    diesel::update(alerts::table)
        .filter(alerts::owner_id.eq(owner.uuid()))
        .filter(alerts::id.eq(id.uuid()))
        .filter(alerts::read_at.is_null())
        .set(alerts::read_at.eq(begun_at().nullable()))
        .execute(tx)
        .await?;
    find_all(tx, owner, &[id.uuid()]).await?.pop().ok_or(StoreError::NotFound("alert"))
}

/// Marks as read what the inbox shows and was seen last at or before `until`, so
/// that nothing is which came while its owner looked, nor what is hidden from
/// him. Returns which ones.
pub async fn mark_all_read(
    tx: &mut Tx,
    owner: OwnerId,
    until: Option<DateTime<Utc>>,
) -> StoreResult<Vec<AlertId>> {
    let levels = alert_levels::get(tx, owner).await?;
    let shown = unread(owner).filter(alerts::severity.eq_any(words_from(levels)));
    let ids: Vec<Uuid> = match until {
        None => {
            diesel::update(shown)
                .set(alerts::read_at.eq(begun_at().nullable()))
                .returning(alerts::id)
                .get_results(tx)
                .await?
        }
        Some(until) => {
            diesel::update(shown.filter(alerts::last_at.le(until)))
                .set(alerts::read_at.eq(begun_at().nullable()))
                .returning(alerts::id)
                .get_results(tx)
                .await?
        }
    };
    Ok(ids.into_iter().map(Into::into).collect())
}

/// How many the owner has not read, from his level of the inbox on.
pub async fn count_unread(tx: &mut Tx, owner: OwnerId) -> StoreResult<i64> {
    let levels = alert_levels::get(tx, owner).await?;
    Ok(unread(owner).filter(alerts::severity.eq_any(words_from(levels))).count().get_result(tx).await?)
}

/// Severities that the inbox shows.
fn words_from(levels: AlertLevels) -> Vec<&'static str> {
    levels.inbox.and_above().map(Severity::as_str).collect()
}

/// Forgets what was read a month ago, and everything that nobody saw for half a year.
pub async fn prune(tx: &mut Tx) -> StoreResult<usize> {
    Ok(sql_query(
        "delete from alerts
         where read_at < now() - make_interval(days => $1) or last_at < now() - make_interval(days => $2)",
    )
    .bind::<Integer, _>(KEEP_READ_DAYS)
    .bind::<Integer, _>(KEEP_DAYS)
    .execute(tx)
    .await?)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn unread(owner: OwnerId) -> _ {
    let owner: Uuid = owner.uuid();
    alerts::table.filter(alerts::owner_id.eq(owner)).filter(alerts::read_at.is_null())
}

/// What terminals say may be long or hold characters that the database refuses;
/// an alert must not stop the transaction that raises it.
fn storable(detail: &Value) -> Value {
    let named = detail.as_object().into_iter().flatten().map(|(name, value)| {
        let value = match value {
            Value::String(text) => {
                Value::String(text.chars().filter(|sign| !sign.is_control()).take(MAX_TEXT).collect())
            }
            other => other.clone(),
        };
        (name.clone(), value)
    });
    Value::Object(named.collect())
}

impl Alert {
    /// Whether its condition came up just now, or came back, and was not seen again since.
    #[must_use]
    pub fn is_news(&self) -> bool {
        self.came_at == self.last_at && self.read_at.is_none() && self.resolved_at.is_none()
    }
}

impl RaisedRow {
    pub(crate) fn change(self) -> Change {
        let account = self.account_id.unwrap_or_else(Uuid::nil);
        let (owner, account) = (self.owner_id.into(), account.into());
        Change { kind: ChangeKind::Alert, owner, account, id: self.id }
    }
}

impl AlertRow {
    fn alert(self) -> StoreResult<Alert> {
        Ok(Alert {
            id: self.id.into(),
            kind: known("alerts.kind", &self.kind)?,
            severity: known("alerts.severity", &self.severity)?,
            account_id: self.account_id.map(Into::into),
            copy_id: self.copy_id.map(Into::into),
            detail: self.detail,
            times_seen: self.times_seen,
            first_at: self.first_at,
            last_at: self.last_at,
            resolved_at: self.resolved_at,
            read_at: self.read_at,
            came_at: self.came_at,
        })
    }
}
