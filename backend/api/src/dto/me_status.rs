use chrono::{DateTime, Utc};
use flotilla_domain::account::Account;
use flotilla_domain::exchange_key::ExchangeKey;
use flotilla_domain::id::AccountId;
use flotilla_domain::risk::group::{Member, Rates, aggregate};
use flotilla_domain::risk::status::Status;
use flotilla_store::risk_members::RiskMember;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::accounts::AccountDto;
use crate::dto::figure::Figure;
use crate::dto::risk::RoomDto;
use crate::dto::words::{
    CopyRoleWord, ExchangeEnvironmentWord, KeyFaultWord, KeyStatusWord, PlatformWord, RiskStatusWord,
};

/// Everything that a status bar needs.
#[derive(Serialize, ToSchema)]
#[schema(as = MyStatus)]
pub struct MyStatusDto {
    /// Those that are not archived.
    pub accounts: Vec<AccountStatusDto>,
    /// Open positions of all accounts, ours and foreign.
    pub open_positions: usize,
    pub exchange_connections: Vec<ConnectionDto>,
    /// The limit with the least room, of all accounts; null where none has rules.
    pub worst_rule: Option<WorstRuleDto>,
    /// Null under another owner's grant: an inbox is one's own.
    pub unread_alerts: Option<i64>,
    /// When that was so.
    pub at: DateTime<Utc>,
}

/// An account in a line.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountStatus)]
pub struct AccountStatusDto {
    #[schema(value_type = Uuid)]
    pub id: AccountId,
    pub name: String,
    pub platform: PlatformWord,
    pub copy_role: CopyRoleWord,
    pub is_active: bool,
    pub online: bool,
    pub last_seen_at: Option<DateTime<Utc>>,
    pub currency: String,
    pub balance: Option<Figure>,
    pub equity: Option<Figure>,
    /// When balance and equity were reported.
    pub figures_at: Option<DateTime<Utc>>,
    pub open_positions: usize,
    /// By its rules; one without is `unknown`.
    pub risk_status: RiskStatusWord,
}

/// An account's connection to its exchange.
#[derive(Serialize, ToSchema)]
#[schema(as = ExchangeConnection)]
pub struct ConnectionDto {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub environment: ExchangeEnvironmentWord,
    pub status: KeyStatusWord,
    pub last_checked_at: Option<DateTime<Utc>>,
    pub last_error: Option<KeyFaultWord>,
}

/// The limit that decides, and whose it is.
#[derive(Serialize, ToSchema)]
#[schema(as = WorstRule)]
pub struct WorstRuleDto {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub account_name: String,
    /// Of its amounts.
    pub currency: String,
    /// Of the account.
    pub status: RiskStatusWord,
    /// Null: nothing is known of its limits.
    pub room: Option<RoomDto>,
}

impl AccountStatusDto {
    pub fn of(account: Account, open_positions: usize, members: &[RiskMember]) -> Self {
        let member = members.iter().find(|member| member.id == account.id);
        let account = AccountDto::from(account);
        Self {
            id: account.id,
            name: account.name,
            platform: account.platform,
            copy_role: account.copy_role,
            is_active: account.is_active,
            online: account.online,
            last_seen_at: account.last_seen_at,
            currency: account.currency,
            balance: account.balance,
            equity: account.equity,
            figures_at: account.figures_at,
            open_positions,
            risk_status: member.map_or(Status::Unknown, |member| member.risk.status).into(),
        }
    }
}

impl From<ExchangeKey> for ConnectionDto {
    fn from(key: ExchangeKey) -> Self {
        Self {
            account_id: key.account_id,
            environment: key.environment.into(),
            status: key.status.into(),
            last_checked_at: key.last_checked_at,
            last_error: key.trouble.map(|trouble| trouble.fault.into()),
        }
    }
}

impl WorstRuleDto {
    /// Of the weakest account that has rules, by the order that groups have.
    pub fn of(members: &[RiskMember], now: DateTime<Utc>) -> Option<Self> {
        let judged = members.iter().filter(|member| member.phase.is_some());
        let each: Vec<_> = judged.map(|member| Member { id: member.id, risk: &member.risk }).collect();
        let weakest = aggregate(&each, &Rates::default(), now).weakest?.account;
        let member = members.iter().find(|member| member.id == weakest)?;
        Some(Self {
            account_id: member.id,
            account_name: member.name.clone(),
            currency: member.risk.currency.clone(),
            status: member.risk.status.into(),
            room: member.risk.weakest().map(Into::into),
        })
    }
}
