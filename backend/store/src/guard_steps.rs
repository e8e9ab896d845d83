//! What guards do about an account, in the step that saw where it stands: a trip,
//! and the row and the request of the stop button, which the worker performs.

use std::collections::HashMap;

use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::alert::AlertKind;
use flotilla_domain::id::{AccountId, OwnerId, RequestId};
use flotilla_domain::risk::change::Told;
use flotilla_domain::risk::guard::{Guard, GuardAction, Trip, Verdict, title};
use flotilla_domain::risk::report::AccountRisk;
use flotilla_domain::risk::status::Status;
use serde_json::json;
use uuid::Uuid;

use crate::alerts::{self, NewAlert};
use crate::audit::{self, NewAudit};
use crate::changes::Change;
use crate::db::{Tx, wait_briefly};
use crate::error::{StoreResult, known};
use crate::guard_trips::{COLUMNS, TripRow};
use crate::guards::guard;
use crate::risk_events::NewEvent;
use crate::risk_phases::StoredPhase;
use crate::stops;

/// Where an account stands after a step, and what was told of it before.
pub(crate) struct Sight<'a> {
    pub stored: &'a StoredPhase,
    pub told: &'a Told,
    pub risk: &'a AccountRisk,
    /// Whether a line was crossed in this step.
    pub violated_anew: bool,
}

/// What guards did.
#[derive(Default)]
pub(crate) struct Acted {
    pub trips: Vec<Trip>,
    pub events: Vec<NewEvent>,
    pub alerts: Vec<NewAlert>,
    /// Alerts that ended by themselves.
    pub resolved: Vec<Change>,
    pub requests: Vec<RequestId>,
    /// A guard waits for the account to be clear of a mark: it looks at the next step, too.
    pub is_near: bool,
}

#[derive(QueryableByName)]
struct LookRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    group_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    group_name: Option<String>,
    #[diesel(sql_type = Text)]
    account_name: String,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = Nullable<Text>)]
    latched: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    standing: Option<String>,
}

/// A guard that looks at the account, and what became of it so far.
pub(crate) struct Look {
    row: LookRow,
    guard: Guard,
    latched: Option<Status>,
    /// What it did and nobody has ended.
    standing: Option<GuardAction>,
}

impl Sight<'_> {
    /// Whether a guard may have something to do: of an account that was safe and is,
    /// or is as unknown as it was, there is nothing.
    pub fn is_worth_a_look(&self) -> bool {
        self.violated_anew
            || self.told.is_near
            || self.told.status != Some(self.risk.status)
            || self.told.is_stale != self.risk.stale
            || self.told.is_blind != Some(self.risk.is_blind())
            || self.risk.worst_known().is_some_and(|known| known != Status::Safe)
    }
}

/// Whether a guard waits for the account to be clear of a mark; `None`: guards have something to write.
///
/// * `looks`: guards of the account, if it is worth a look.
pub(crate) fn is_near(sight: &Sight<'_>, looks: &[Look]) -> Option<bool> {
    if !sight.is_worth_a_look() {
        return Some(false);
    }
    let is_quiet = sight.told.is_blind == Some(sight.risk.is_blind());
    let waits = |look: &Look| matches!(look.verdict(sight), Verdict::Near);
    (is_quiet && !looks.iter().any(|look| look.is_news(sight))).then(|| looks.iter().any(waits))
}

impl Look {
    fn verdict(&self, sight: &Sight<'_>) -> Verdict {
        self.guard.judge(sight.risk, self.latched, sight.violated_anew)
    }

    /// Whether something is to be written.
    fn is_news(&self, sight: &Sight<'_>) -> bool {
        match self.verdict(sight) {
            Verdict::Crossed(_) => true,
            Verdict::Answered(status) => self.latched != Some(status),
            Verdict::Better => self.latched.is_some(),
            Verdict::Near | Verdict::Unseen => false,
        }
    }
}

/// Lets the guards of the account and of its groups act.
pub(crate) async fn act(tx: &mut Tx, sight: &Sight<'_>) -> StoreResult<Acted> {
    let mut acted = Acted::default();
    if !sight.is_worth_a_look() {
        return Ok(acted);
    }
    let mut looks = list(tx, sight).await?;
    if looks.iter().any(|look| look.is_news(sight)) {
        hold(tx, sight).await?;
        looks = list(tx, sight).await?;
    }
    blindness(tx, sight, &looks, &mut acted).await?;
    for look in &looks {
        match look.verdict(sight) {
            Verdict::Unseen => {}
            Verdict::Near => acted.is_near = true,
            Verdict::Better => forget(tx, sight, look).await?,
            Verdict::Answered(status) => remember(tx, sight, (look, status)).await?,
            Verdict::Crossed(status) => {
                remember(tx, sight, (look, status)).await?;
                cross(tx, sight, (look, status), &mut acted).await?;
            }
        }
    }
    Ok(acted)
}

/// Lets nobody edit the guards that look at the account, change who is in their
/// groups, or resume, until the transaction ends. Whoever did just now is seen
/// by the next look. Whoever does not end for long is not waited for: the step
/// fails, and the account is due again.
///
/// Everybody who holds several of these takes them in this order, or one may
/// wait for the other for ever: account, its risk phase, groups, guards, trips,
/// stops, alerts, the audit trail; of several of a kind the smaller id first.
async fn hold(tx: &mut Tx, sight: &Sight<'_>) -> StoreResult<()> {
    const GUARDS: &str = "select id from guards where owner_id = $1 and (account_id = $2
        or group_id in (select group_id from group_accounts where owner_id = $1 and account_id = $2))";
    wait_briefly(tx).await?;
    let groups = "select id from groups where owner_id = $1
            and id in (select group_id from group_accounts where owner_id = $1 and account_id = $2)
         order by id for key share"
        .to_owned();
    let guards = format!("{GUARDS} order by id for share");
    let trips = format!(
        "select id from guard_trips where owner_id = $1 and guard_id in ({GUARDS}) and resumed_at is null
         order by guard_id for no key update"
    );
    for held in [groups, guards, trips] {
        sql_query(held)
            .bind::<SqlUuid, _>(sight.stored.owner_id.uuid())
            .bind::<SqlUuid, _>(sight.stored.account_id.uuid())
            .execute(tx)
            .await?;
    }
    Ok(())
}

/// Writes to the audit trail what guards did; the last thing a transaction does.
pub(crate) async fn append(tx: &mut Tx, stored: &StoredPhase, trips: &[Trip]) -> StoreResult<()> {
    for trip in trips {
        let (target_kind, target_id) = match (trip.group_id, trip.guarded_id) {
            (Some(group), _) => ("group", group.uuid()),
            (None, account) => ("account", account.unwrap_or(trip.account_id).uuid()),
        };
        let (action, target_id) = ("guard_tripped", Some(target_id));
        let new = NewAudit { actor: None, action, target_kind, target_id, detail: json!(trip) };
        audit::append(tx, stored.owner_id, new).await?;
    }
    Ok(())
}

async fn list(tx: &mut Tx, sight: &Sight<'_>) -> StoreResult<Vec<Look>> {
    Ok(list_all(tx, &[sight.stored]).await?.remove(&sight.stored.account_id).unwrap_or_default())
}

/// The guards that look at these accounts, by account.
pub(crate) async fn list_all(
    tx: &mut Tx,
    phases: &[&StoredPhase],
) -> StoreResult<HashMap<AccountId, Vec<Look>>> {
    if phases.is_empty() {
        return Ok(HashMap::new());
    }
    let (owners, accounts): (Vec<Uuid>, Vec<Uuid>) =
        phases.iter().map(|stored| (stored.owner_id.uuid(), stored.account_id.uuid())).unzip();
    let rows: Vec<LookRow> = sql_query(
        "select a.id as account_id, g.id, g.group_id, n.name as group_name, a.name as account_name, g.status, g.action,
            l.status as latched, t.action as standing
         from unnest($1, $2) as x(owner_id, account_id)
         join accounts a on a.owner_id = x.owner_id and a.id = x.account_id
         cross join lateral (
            select id from guards where owner_id = a.owner_id and account_id = a.id
            union all
            select d.id from group_accounts m join guards d on d.owner_id = m.owner_id and d.group_id = m.group_id
            where m.owner_id = a.owner_id and m.account_id = a.id) y
         join guards g on g.id = y.id and g.action is not null
         left join groups n on n.owner_id = g.owner_id and n.id = g.group_id
         left join guard_latches l on l.guard_id = g.id and l.account_id = a.id
         left join guard_trips t on t.guard_id = g.id and t.resumed_at is null
         order by g.id",
    )
    .bind::<Array<SqlUuid>, _>(owners)
    .bind::<Array<SqlUuid>, _>(accounts)
    .load(tx)
    .await?;
    let look = |row: LookRow| -> StoreResult<Look> {
        let known_status = |text: &str| known::<Status>("guard_latches.status", text);
        let latched = row.latched.as_deref().map(known_status).transpose()?;
        let standing = row.standing.as_deref().map(|text| known("guard_trips.action", text)).transpose()?;
        Ok(Look { guard: guard(&row.status, &row.action)?, latched, standing, row })
    };
    let mut looks: HashMap<AccountId, Vec<Look>> = HashMap::new();
    for row in rows {
        looks.entry(AccountId::from_uuid(row.account_id)).or_default().push(look(row)?);
    }
    Ok(looks)
}

/// While figures are missing nothing new is copied; the owner hears of it, and when it ended.
async fn blindness(tx: &mut Tx, sight: &Sight<'_>, looks: &[Look], acted: &mut Acted) -> StoreResult<()> {
    let (account, is_blind) = (sight.stored.account_id, sight.risk.is_blind());
    if sight.told.is_blind == Some(is_blind) {
        return Ok(());
    }
    if !is_blind {
        acted.resolved = alerts::resolve(tx, AlertKind::GuardBlind, account).await?;
        return Ok(());
    }
    if !looks.iter().any(|look| look.guard.action().holds()) {
        return Ok(());
    }
    acted.alerts.push(blind(sight.stored.owner_id, account));
    Ok(())
}

/// Nothing is copied because a guard knows too little of an account.
pub(crate) fn blind(owner_id: OwnerId, account: AccountId) -> NewAlert {
    NewAlert {
        owner_id,
        kind: AlertKind::GuardBlind,
        account_id: Some(account),
        copy_id: None,
        detail: json!({}),
        dedupe_key: format!("{}:{account}", AlertKind::GuardBlind),
    }
}

async fn forget(tx: &mut Tx, sight: &Sight<'_>, look: &Look) -> StoreResult<()> {
    if look.latched.is_none() {
        return Ok(());
    }
    sql_query("delete from guard_latches where guard_id = $1 and account_id = $2")
        .bind::<SqlUuid, _>(look.row.id)
        .bind::<SqlUuid, _>(sight.stored.account_id.uuid())
        .execute(tx)
        .await?;
    Ok(())
}

// Whoever has left the group meanwhile leaves nothing behind.
const REMEMBER: &str = "
    insert into guard_latches (guard_id, account_id, owner_id, group_id, status)
    select $1, $2, $3, $4, $5
    where $4 is null or exists (
        select from group_accounts where owner_id = $3 and group_id = $4 and account_id = $2)
    on conflict (guard_id, account_id) do update set status = excluded.status";

async fn remember(tx: &mut Tx, sight: &Sight<'_>, (look, status): (&Look, Status)) -> StoreResult<()> {
    if look.latched == Some(status) {
        return Ok(());
    }
    sql_query(REMEMBER)
        .bind::<SqlUuid, _>(look.row.id)
        .bind::<SqlUuid, _>(sight.stored.account_id.uuid())
        .bind::<SqlUuid, _>(sight.stored.owner_id.uuid())
        .bind::<Nullable<SqlUuid>, _>(look.row.group_id)
        .bind::<Text, _>(status.as_str())
        .execute(tx)
        .await?;
    Ok(())
}

/// The account came where the guard acts. What stands is not done again, unless
/// the guard would now do more: what it closed were the copies of that moment. But
/// whoever is to resume is told of each account of a group that came there. A
/// guard that only tells does so beside what it did before, which stands.
async fn cross(
    tx: &mut Tx,
    sight: &Sight<'_>,
    (look, status): (&Look, Status),
    acted: &mut Acted,
) -> StoreResult<()> {
    let action = look.guard.action();
    if let Some(kind) = action.operation() {
        if look.standing.is_some_and(|standing| standing >= action) {
            acted.alerts.extend(another(sight, (look, status)));
            return Ok(());
        }
        if look.standing.is_some() {
            replace(tx, look).await?;
        }
        // Another member of the group may have been first.
        let Some(trip) = insert(tx, sight, (look, status)).await? else {
            acted.alerts.extend(another(sight, (look, status)));
            return Ok(());
        };
        let (owner, place) = (sight.stored.owner_id, trip.place());
        stops::insert_of_guard(tx, owner, &trip).await?;
        acted.requests.push(stops::ask_of_guard(tx, owner, (kind, place), trip.id).await?);
        acted.events.push(NewEvent::guard_tripped(&trip));
        acted.trips.push(trip);
    }
    acted.alerts.push(alert(sight, (look, status)));
    Ok(())
}

async fn replace(tx: &mut Tx, look: &Look) -> StoreResult<()> {
    sql_query(
        "update guard_trips set resumed_at = clock_timestamp() where guard_id = $1 and resumed_at is null",
    )
    .bind::<SqlUuid, _>(look.row.id)
    .execute(tx)
    .await?;
    Ok(())
}

async fn insert(
    tx: &mut Tx,
    sight: &Sight<'_>,
    (look, status): (&Look, Status),
) -> StoreResult<Option<Trip>> {
    let (stored, row, weakest) = (sight.stored, &look.row, sight.risk.weakest_known());
    let title = title(row.group_name.as_deref(), &row.account_name, weakest.map(|rule| &rule.rule));
    let guarded = row.group_id.is_none().then(|| stored.account_id.uuid());
    let rows: Vec<TripRow> = sql_query(format!(
        "insert into guard_trips as t (owner_id, guard_id, group_id, guarded_id, scope_name, account_id,
            account_name, rule_id, rule_kind, status, action, title)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (guard_id) where resumed_at is null do nothing
         returning {COLUMNS}, null as resumed_by_name"
    ))
    .bind::<SqlUuid, _>(stored.owner_id.uuid())
    .bind::<SqlUuid, _>(row.id)
    .bind::<Nullable<SqlUuid>, _>(row.group_id)
    .bind::<Nullable<SqlUuid>, _>(guarded)
    .bind::<Text, _>(row.group_name.as_ref().unwrap_or(&row.account_name))
    .bind::<SqlUuid, _>(stored.account_id.uuid())
    .bind::<Text, _>(&row.account_name)
    .bind::<Nullable<Text>, _>(weakest.map(|rule| rule.rule.0.as_str()))
    .bind::<Nullable<Text>, _>(weakest.map(|rule| rule.kind.as_str()))
    .bind::<Text, _>(status.as_str())
    .bind::<Text, _>(look.guard.action().as_str())
    .bind::<Text, _>(title)
    .get_results(tx)
    .await?;
    rows.into_iter().next().map(TripRow::trip).transpose()
}

/// Of an account that comes where its group's guard has acted before. One that stood there when it joined is told of then.
fn another(sight: &Sight<'_>, (look, status): (&Look, Status)) -> Option<NewAlert> {
    let stood = sight.told.status.is_some_and(|told| told.rank() >= look.guard.status().rank());
    if look.row.group_id.is_none() || stood && !sight.violated_anew {
        return None;
    }
    let told = alert(sight, (look, status));
    Some(NewAlert { dedupe_key: format!("{}:{}", told.dedupe_key, sight.stored.account_id), ..told })
}

fn alert(sight: &Sight<'_>, (look, status): (&Look, Status)) -> NewAlert {
    let row = &look.row;
    let detail = json!({
        "scope": if row.group_id.is_some() { "group" } else { "account" },
        "name": row.group_name.as_ref().unwrap_or(&row.account_name),
        "account": row.account_name,
        "rule": sight.risk.weakest_known().map(|rule| &rule.rule),
        "status": status,
        "action": look.guard.action(),
    });
    NewAlert {
        owner_id: sight.stored.owner_id,
        kind: AlertKind::GuardTripped,
        account_id: Some(sight.stored.account_id),
        copy_id: None,
        detail,
        dedupe_key: format!("{}:{}", AlertKind::GuardTripped, row.id),
    }
}
