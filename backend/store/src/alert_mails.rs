//! Mails that name alerts: one for all that an owner has not read, and not too many of them.
//!
//! Whoever raises alerts adds a row to the outbox each time. When the turn of one comes, it takes
//! those that wait along: what they were wanted for is committed, so it is seen by what is read after.

use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::alert::{AlertKind, AlertLevels, Severity};
use flotilla_domain::id::{MailId, UserId};
use serde_json::Value;

use crate::db::Tx;
use crate::error::{StoreResult, known};

/// After so many within a day, the next ones are an hour apart instead of ten minutes.
const MANY_A_DAY: i64 = 20;

/// Alerts that a mail names.
#[derive(Debug, Clone, PartialEq)]
pub struct Unread {
    /// The most urgent ones, the newest of them first.
    pub alerts: Vec<MailedAlert>,
    /// How many there are in all.
    pub total: i64,
}

/// An alert as a mail names it.
#[derive(Debug, Clone, PartialEq)]
pub struct MailedAlert {
    /// What happened.
    pub kind: AlertKind,
    /// Named parameters of the sentence.
    pub detail: Value,
    /// Name of the account it is about, if that is the owner's.
    pub account: Option<String>,
    /// Whether the condition ended by itself.
    pub is_over: bool,
}

#[derive(QueryableByName)]
struct MailedRow {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Jsonb)]
    detail: Value,
    #[diesel(sql_type = Nullable<Text>)]
    account: Option<String>,
    #[diesel(sql_type = Bool)]
    is_over: bool,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// Words of all severities, the least urgent first.
pub(crate) fn severities() -> Vec<&'static str> {
    Severity::ALL.iter().map(|severity| severity.as_str()).collect()
}

/// From which severity on owners get mails who never chose.
pub(crate) fn usual_level() -> Option<&'static str> {
    AlertLevels::default().mail.map(Severity::as_str)
}

/// Whether a mail that was claimed may leave now. If not, it is put off. Either way it stands for
/// all mails of alerts to this user that wait.
pub async fn take_turn(tx: &mut Tx, id: MailId, user: UserId) -> StoreResult<bool> {
    sql_query(MERGE).bind::<SqlUuid, _>(id.uuid()).bind::<SqlUuid, _>(user.uuid()).execute(tx).await?;
    let put_off = sql_query(PUT_OFF)
        .bind::<SqlUuid, _>(id.uuid())
        .bind::<SqlUuid, _>(user.uuid())
        .bind::<BigInt, _>(MANY_A_DAY)
        .execute(tx)
        .await?;
    Ok(put_off == 0)
}

// Those that were tried may be on their way: they are left alone.
const MERGE: &str = "
    with merged as (
        delete from outbox
        where user_id = $2 and kind = 'alerts' and id <> $1
            and sent_at is null and failed_at is null and attempts = 0
        returning created_at, ends_at)
    update outbox o
    set created_at = least(o.created_at, m.created_at), ends_at = greatest(o.ends_at, m.ends_at)
    from (select min(created_at) as created_at, max(ends_at) as ends_at from merged) m
    where o.id = $1";

const PUT_OFF: &str = "
    update outbox o set attempts = 0, due_at = later.due_at
    from (select greatest(
        (select max(coalesce(x.sent_at, x.failed_at))
            + case when count(*) >= $3 then interval '1 hour' else interval '10 minutes' end
         from outbox x
         where x.user_id = $2 and x.kind = 'alerts'
            and coalesce(x.sent_at, x.failed_at) > now() - interval '1 day'),
        (select max(now() + interval '10 minutes')
         from outbox x
         where x.user_id = $2 and x.kind = 'alerts' and x.id < $1
            and x.sent_at is null and x.failed_at is null and x.attempts > 0)) as due_at) later
    where o.id = $1 and later.due_at > now()";

/// What a mail names: what was raised since it was wanted, is not read, and is as urgent as its
/// owner wants mails of now.
pub async fn list_unread(tx: &mut Tx, id: MailId, limit: i64) -> StoreResult<Unread> {
    let rows: Vec<MailedRow> = sql_query(UNREAD)
        .bind::<SqlUuid, _>(id.uuid())
        .bind::<Array<Text>, _>(severities())
        .bind::<Nullable<Text>, _>(usual_level())
        .bind::<BigInt, _>(limit)
        .get_results(tx)
        .await?;
    let total = rows.as_slice().first().map_or(0, |row| row.total);
    let alerts = rows.into_iter().map(MailedRow::alert).collect::<StoreResult<_>>()?;
    Ok(Unread { alerts, total })
}

const UNREAD: &str = "
    select a.kind, a.detail, x.name as account, a.resolved_at is not null as is_over, count(*) over () as total
    from outbox o
    join alerts a on a.owner_id = o.user_id and a.read_at is null and a.first_at >= o.created_at
    left join alert_levels l on l.owner_id = a.owner_id
    left join accounts x on x.id = a.account_id and x.owner_id = a.owner_id
    where o.id = $1
        and array_position($2, a.severity)
            >= array_position($2, case when l.owner_id is null then $3 else l.mail end)
    order by array_position($2, a.severity) desc, a.last_at desc, a.id desc
    limit $4";

impl MailedRow {
    fn alert(self) -> StoreResult<MailedAlert> {
        let kind = known("alerts.kind", &self.kind)?;
        Ok(MailedAlert { kind, detail: self.detail, account: self.account, is_over: self.is_over })
    }
}
