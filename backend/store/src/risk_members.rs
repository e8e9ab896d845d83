//! Where many accounts stand, as last written. Time that has passed since can
//! only make figures too old; whoever reads must age them.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Bool, Integer, Jsonb, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::risk::change::Told;
use flotilla_domain::risk::day::DayClock;
use flotilla_domain::risk::marks::Resolved;
use flotilla_domain::risk::observation::Frame;
use flotilla_domain::risk::report::{AccountRisk, Reason};
use flotilla_domain::risk::rule::Rule;
use flotilla_domain::risk::status::{DefaultThresholds, Status};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult};
use crate::risk_marks;
use crate::risk_phases::parsed;

/// An account and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskMember {
    /// The account.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// Its phase; `None`: it has no rules, and nothing is known of it.
    pub phase: Option<MemberPhase>,
    /// Where it stands, aged.
    pub risk: AccountRisk,
    /// The masters it copies from, by name.
    pub follows: Vec<Followed>,
    /// Whether its guard, or that of one of its groups, stopped and nobody has resumed.
    pub is_stopped_by_guard: bool,
    /// When that was so.
    pub now: DateTime<Utc>,
}

/// A master from which an account copies.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Followed {
    /// The master, when it is the owner's own account.
    pub account_id: Option<AccountId>,
    /// Its name, as it is shown to who follows.
    pub name: String,
}

/// What else is known of an account with a phase.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberPhase {
    /// Template its rules were taken from.
    pub template_id: Option<String>,
    /// Balance with which it began.
    pub starting_balance: Decimal,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// Marks of rules that have none of their own.
    pub thresholds: DefaultThresholds,
    /// Its day.
    pub day: DayClock,
    /// Its last figures.
    pub last: Option<Frame>,
    /// What was last told of it, with what its day began.
    pub told: Told,
}

#[derive(QueryableByName)]
struct MemberRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Nullable<Text>)]
    template_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    day_tz: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    day_reset: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    stale_after_s: Option<i32>,
    #[diesel(sql_type = Nullable<Numeric>)]
    starting_balance: Option<Decimal>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    thresholds: Option<Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    rules: Option<Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    last: Option<Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    risk: Option<Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    told: Option<Value>,
    #[diesel(sql_type = Jsonb)]
    follows: Value,
    #[diesel(sql_type = Bool)]
    is_stopped_by_guard: bool,
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
}

/// Which accounts.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// Those of the owner that are not archived.
    Every,
    /// These, as far as they are the owner's.
    These(&'a [AccountId]),
}

/// Accounts by name, each with where it stands now.
pub async fn list(tx: &mut Tx, owner: OwnerId, which: Which<'_>) -> StoreResult<Vec<RiskMember>> {
    let ids: Option<Vec<Uuid>> = match which {
        Which::Every => None,
        Which::These(ids) => Some(ids.iter().map(|id| id.uuid()).collect()),
    };
    let rows: Vec<MemberRow> = sql_query(LIST)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<Nullable<Array<SqlUuid>>, _>(ids)
        .load(tx)
        .await?;
    let accounts: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let levels = risk_marks::levels(tx, &[owner.uuid()], &accounts).await?;
    let member = |row: MemberRow| {
        let inherited = levels.inherited(owner.uuid(), row.id);
        row.member(inherited)
    };
    rows.into_iter().map(member).collect()
}

// A state of a phase that has ended says nothing of the one that followed.
const LIST: &str = "
    select a.id, a.name, coalesce(p.currency, a.currency) as currency, p.template_id, p.day_tz, p.day_reset,
        p.stale_after_s, p.starting_balance, p.thresholds, p.rules, s.state -> 'last' as last, s.risk, s.told, clock_timestamp() as now,
        coalesce(f.masters, '[]') as follows,
        exists (
            select from guard_trips t
            where t.owner_id = $1 and t.resumed_at is null and (t.guarded_id = a.id
                or t.group_id in (select group_id from group_accounts where owner_id = $1 and account_id = a.id))
        ) as is_stopped_by_guard
    from accounts a
    left join risk_phases p on p.owner_id = a.owner_id and p.account_id = a.id and p.ended_at is null
    left join risk_states s on s.account_id = a.id and s.phase_id = p.id
    left join (
        select f.follower_account_id,
            jsonb_agg(jsonb_build_object('account_id', m.id, 'name', f.master_name)
                order by f.master_name, f.master_account_id) as masters
        from subscriptions f
        left join accounts m on m.owner_id = $1 and m.id = f.master_account_id
        where f.owner_id = $1 and f.state <> 'ended' and ($2 is null or f.follower_account_id = any($2))
        group by f.follower_account_id) f on f.follower_account_id = a.id
    where a.owner_id = $1 and ($2 is null and a.archived_at is null or a.id = any($2))
    order by a.name, a.id";

impl MemberRow {
    fn member(self, inherited: Resolved) -> StoreResult<RiskMember> {
        let stored: Option<AccountRisk> =
            self.risk.map(|risk| parsed(risk, "risk_states.risk")).transpose()?;
        let stale_after_s =
            self.stale_after_s.map(u32::try_from).transpose().map_err(|_| corrupt("stale_after_s"))?;
        let risk = match stored {
            Some(risk) => risk.aged(stale_after_s.unwrap_or_default(), self.now),
            None => nothing(self.currency),
        };
        let begun = self.starting_balance.zip(self.day_tz.zip(self.day_reset));
        let phase = match (self.rules.zip(self.thresholds), begun) {
            (Some((rules, thresholds)), Some((starting_balance, (tz, reset)))) => Some(MemberPhase {
                starting_balance,
                thresholds: inherited.under(parsed(thresholds, "risk_phases.thresholds")?).marks,
                template_id: self.template_id,
                rules: parsed(rules, "risk_phases.rules")?,
                day: DayClock::new(&tz, &reset).map_err(|_| corrupt("risk_phases.day_tz"))?,
                last: self.last.map(|last| parsed(last, "risk_states.state")).transpose()?.flatten(),
                told: self.told.map(|told| parsed(told, "risk_states.told")).transpose()?.unwrap_or_default(),
            }),
            _ => None,
        };
        let (id, name, follows) =
            (self.id.into(), self.name, parsed(self.follows, "subscriptions.master_name")?);
        let (is_stopped_by_guard, now) = (self.is_stopped_by_guard, self.now);
        Ok(RiskMember { id, name, phase, risk, follows, is_stopped_by_guard, now })
    }
}

const fn corrupt(column: &'static str) -> StoreError {
    StoreError::Corrupt(column)
}

/// Of an account of which nothing was ever heard.
#[must_use]
pub const fn nothing(currency: String) -> AccountRisk {
    AccountRisk {
        currency,
        rules: Vec::new(),
        objectives: Vec::new(),
        status: Status::Unknown,
        reason: Some(Reason::NoData),
        last_known_status: None,
        as_of: None,
        age_s: None,
        stale: false,
        fresh_until: None,
        clock_skew: false,
        largest_gap_s: 0,
    }
}
