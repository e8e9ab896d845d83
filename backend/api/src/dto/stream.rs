use chrono::{DateTime, Utc};
use flotilla_domain::id::AccountId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::accounts::AccountDto;
use crate::dto::alerts::{AlertDto, UnreadDto};
use crate::dto::copies::CopyDto;
use crate::dto::groups::{DeletedGroupDto, GroupDto};
use crate::dto::guard::GuardTripDto;
use crate::dto::prices::PriceDto;
use crate::dto::risk::AccountRiskDto;
use crate::dto::risk_events::{RiskResetDto, RiskStaleDto, RiskTransitionDto, RiskViolationToldDto};
use crate::dto::risk_groups::GroupRiskDto;
use crate::dto::signals::SignalDto;
use crate::dto::stop::OperationDto;
use crate::dto::trades::TradeDto;

/// Opens one WebSocket, once.
#[derive(Serialize, ToSchema)]
pub struct WsTicketDto {
    pub ticket: String,
    /// Seconds.
    #[schema(example = 30)]
    pub expires_in: i64,
}

/// What a client says over the WebSocket.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StreamRequest {
    /// Must be the first message, within ten seconds.
    Auth { ticket: String },
    /// Replaces the topics of this socket: `accounts`, `account:<id>`, `groups`,
    /// `group:<id>`, `copies`, `trades`, `prices:<account>`, `alerts`, `stop`.
    Subscribe { topics: Vec<String> },
}

/// What the server says over the WebSocket.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StreamMessage {
    /// The topic this belongs to; `*` for all of them.
    pub topic: String,
    /// Grows by one with each message of this socket.
    pub seq: u64,
    pub at: DateTime<Utc>,
    #[serde(flatten)]
    pub event: StreamEvent,
}

/// What happened, as `type` and `data`.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "type", content = "data")]
pub enum StreamEvent {
    #[serde(rename = "account.updated")]
    AccountUpdated(Box<AccountDto>),
    #[serde(rename = "account.presence")]
    AccountPresence(PresenceDto),
    /// A group, or who is in it.
    #[serde(rename = "group.updated")]
    GroupUpdated(Box<GroupDto>),
    #[serde(rename = "group.deleted")]
    GroupDeleted(DeletedGroupDto),
    #[serde(rename = "signal.received")]
    SignalReceived(Box<SignalDto>),
    #[serde(rename = "copy.updated")]
    CopyUpdated(Box<CopyDto>),
    #[serde(rename = "trade.updated")]
    TradeUpdated(Box<TradeDto>),
    /// Trades of an account came or went: a file was imported, or some were deleted.
    #[serde(rename = "trades.changed")]
    TradesChanged(TradesChangedDto),
    #[serde(rename = "price")]
    Price(Box<PriceDto>),
    /// It came up, or came back after its condition had ended. Also told when only the owner's pages tell of it, not
    /// his inbox.
    #[serde(rename = "alert.created")]
    AlertCreated(Box<AlertDto>),
    /// It was read, seen again, or its condition ended.
    #[serde(rename = "alert.updated")]
    AlertUpdated(Box<AlertDto>),
    /// How many are unread: first, and after each change.
    #[serde(rename = "alerts.unread")]
    AlertsUnread(UnreadDto),
    /// How far a stop is. Where copying is stopped may have changed too.
    #[serde(rename = "stop.updated")]
    StopUpdated(Box<OperationDto>),
    /// Where an account stands: first, and after each change.
    #[serde(rename = "risk.account")]
    RiskAccount(Box<AccountRiskDto>),
    /// Where a group stands: first, and after each change, at most four times a
    /// second unless a member becomes critical or worse.
    #[serde(rename = "risk.group")]
    RiskGroup(Box<GroupRiskDto>),
    #[serde(rename = "risk.transition")]
    RiskTransition(Box<RiskTransitionDto>),
    #[serde(rename = "risk.violation")]
    RiskViolation(Box<RiskViolationToldDto>),
    #[serde(rename = "risk.stale")]
    RiskStale(RiskStaleDto),
    #[serde(rename = "risk.reset")]
    RiskReset(RiskResetDto),
    /// A guard stopped copying; its data's `id` names the trip, which may be told twice.
    #[serde(rename = "guard.tripped")]
    GuardTripped(Box<GuardTripDto>),
    /// A person ended that.
    #[serde(rename = "guard.resumed")]
    GuardResumed(Box<GuardTripDto>),
    /// Every four seconds, whatever else is told, of topic `*`. A browser hears no ping: whoever hears nothing for
    /// twenty seconds has lost the connection.
    #[serde(rename = "alive")]
    Alive {},
    /// Messages were lost: refetch and subscribe again.
    #[serde(rename = "resync")]
    Resync {},
    /// `not_found`: the topic is unknown or not yours. Of topic `*`, before the socket ends with code 1013:
    /// `too_many_sockets` of one user are open, or `rate_limited`: too many topics were named within a short time.
    #[serde(rename = "refused")]
    Refused { code: &'static str },
}

/// Trades to read again, and what they add up to.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TradesChanged)]
pub struct TradesChangedDto {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
}

/// Whether an account's EA is connected.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Presence)]
pub struct PresenceDto {
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub online: bool,
    pub last_seen_at: Option<DateTime<Utc>>,
}
