use chrono::{DateTime, Utc};
use flotilla_domain::copy::coins::QuantityUnit;
use flotilla_domain::copy::order::CopyState;
use flotilla_domain::id::{AccountId, CopyId, RequestId, SignalId};
use flotilla_domain::ticket::Ticket;
use flotilla_store::copies::{CopyEvent, CopyView};
use flotilla_store::orphans::Orphan;
use garde::Validate;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::dto::bounds::TicketNumber;
use crate::dto::figure::Figure;
use crate::dto::venue_orders::VenueOrderDto;
use crate::dto::words::{
    CopyStateWord, FloatingUnknownWord, QuantityUnitWord, ReasonCodeWord, ResolutionActionWord, SideWord,
};
use crate::floating::{FloatingFigures, Priced};

/// What one follower should do and did about one master trade.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Copy)]
pub struct CopyDto {
    #[schema(value_type = Uuid)]
    pub id: CopyId,
    #[schema(value_type = Uuid)]
    pub signal_id: SignalId,
    #[schema(value_type = Uuid)]
    pub master_account_id: AccountId,
    #[schema(value_type = Uuid)]
    pub follower_account_id: AccountId,
    pub follower_name: String,
    pub symbol: String,
    pub side: SideWord,
    pub state: CopyStateWord,
    /// Why it is where it is.
    pub reason: Option<ReasonDto>,
    #[schema(example = "1001")]
    pub master_ticket: String,
    /// Ticket at the follower's terminal, once known.
    pub follower_ticket: Option<String>,
    pub master_lots: Figure,
    /// Price of the master's entry. A v7 follower does not report its own.
    pub master_price: Figure,
    /// Lots that should be open now.
    pub desired_lots: Figure,
    pub open_lots: Figure,
    /// Lots that were opened, once there is evidence. Stays when the copy is closed.
    pub opened_lots: Option<Figure>,
    /// What was opened, in `quantity_unit`, once there is evidence.
    pub quantity: Option<Figure>,
    /// `lots`, or `coins` at an exchange.
    pub quantity_unit: QuantityUnitWord,
    pub open_price: Option<Figure>,
    pub close_price: Option<Figure>,
    pub stop_loss: Option<Figure>,
    pub take_profit: Option<Figure>,
    /// Result in the follower's currency.
    pub pnl: Option<Figure>,
    /// What the open position would bring now, in the follower's currency,
    /// without swap and fees; null where something it depends on is not known.
    pub floating_pnl: Option<Figure>,
    /// The master's price of entry stands for the follower's own.
    pub floating_pnl_estimated: bool,
    /// What is missing to know it.
    pub floating_pnl_unknown: Option<FloatingUnknownWord>,
    pub latency_ms: LatencyDto,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Reason)]
pub struct ReasonDto {
    pub code: ReasonCodeWord,
    /// The EA's own words, if it said any; of `group_stopped` the group's name at that moment.
    pub text: Option<String>,
}

/// Milliseconds between the steps of a copy.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Latency)]
pub struct LatencyDto {
    /// From reading the master's line to the commit. Known for one's own masters.
    pub read_to_commit: Option<Figure>,
    pub commit_to_send: Option<Figure>,
    pub send_to_ack: Option<Figure>,
}

impl CopyDto {
    pub fn with_floating(copy: CopyView, floating: FloatingFigures) -> Self {
        let ms = |us: Option<i32>| us.map(|us| Figure(rust_decimal::Decimal::new(us.into(), 3)));
        Self {
            id: copy.id,
            signal_id: copy.signal_id,
            master_account_id: copy.master_id,
            follower_account_id: copy.follower_id,
            follower_name: copy.follower_name,
            symbol: copy.symbol,
            side: copy.side.into(),
            state: copy.state.into(),
            reason: copy.reason.map(|code| ReasonDto { code: code.into(), text: copy.reason_text }),
            master_ticket: copy.master_ticket.to_string(),
            follower_ticket: copy.venue_ref,
            master_lots: Figure(copy.master_lots),
            master_price: Figure(copy.master_price),
            desired_lots: Figure(copy.desired_lots),
            open_lots: Figure(copy.open_lots),
            opened_lots: copy.opened_lots.map(Figure),
            quantity: copy.coins.or(copy.opened_lots).map(Figure),
            quantity_unit: if copy.coins.is_some() { QuantityUnit::Coins } else { QuantityUnit::Lots }.into(),
            open_price: copy.open_price.map(Figure),
            close_price: copy.close_price.map(Figure),
            stop_loss: copy.stop_loss.map(Figure),
            take_profit: copy.take_profit.map(Figure),
            pnl: copy.pnl.map(Figure),
            floating_pnl: floating.profit,
            floating_pnl_estimated: floating.is_estimated,
            floating_pnl_unknown: floating.unknown,
            latency_ms: LatencyDto {
                read_to_commit: ms(copy.read_to_commit_us),
                commit_to_send: ms(copy.sent_us),
                send_to_ack: ms(copy.ack_us),
            },
            created_at: copy.created_at,
            updated_at: copy.updated_at,
        }
    }
}

/// A copy with every step it took.
#[derive(Serialize, ToSchema)]
#[schema(as = CopyDetail)]
pub struct CopyDetailDto {
    #[serde(flatten)]
    pub copy: CopyDto,
    /// Oldest first, at least one.
    pub events: Vec<CopyEventDto>,
    /// Of a copy in doubt: positions of the account that no copy owns, newest first.
    pub candidates: Vec<CandidateDto>,
    /// Of a copy at an exchange: its orders there, oldest first.
    pub orders: Vec<VenueOrderDto>,
}

/// A position that may be the copy's.
#[derive(Serialize, ToSchema)]
#[schema(as = Candidate)]
pub struct CandidateDto {
    #[schema(example = "5001")]
    pub ticket: String,
    pub first_seen_at: DateTime<Utc>,
    /// Whether it was first reported after the order may have been sent.
    pub is_likely: bool,
}

/// What is done with a copy in doubt.
#[derive(Deserialize, Validate, ToSchema)]
pub struct ResolveCopy {
    /// `link`: the position is the copy's and is managed from now on. `close`: the same, and it is closed.
    /// `leave`: the copy is settled, the terminal stays as it is.
    #[garde(skip)]
    pub action: ResolutionActionWord,
    /// One of the copy's candidates. Needed to link and, unless the copy has a position, to close.
    #[garde(skip)]
    #[schema(value_type = Option<TicketNumber>)]
    pub ticket: Option<Ticket>,
}

/// The worker performs it; the copy tells how it went.
#[derive(Serialize, ToSchema)]
pub struct Resolving {
    #[schema(value_type = Uuid)]
    pub request_id: RequestId,
}

/// One step of a copy.
#[derive(Serialize, ToSchema)]
#[schema(as = CopyEvent)]
pub struct CopyEventDto {
    pub at: DateTime<Utc>,
    /// Null for the first.
    pub from: Option<CopyStateWord>,
    pub to: CopyStateWord,
    /// Stable word for what made it happen.
    #[schema(example = "ack_open")]
    pub cause: String,
    /// The other side's words, if it said any.
    pub detail: Option<String>,
    /// The line that is the evidence, if there is one.
    pub evidence: Option<String>,
}

impl CopyDetailDto {
    pub fn new(
        copy: Priced<CopyView>,
        events: Vec<CopyEvent>,
        candidates: Vec<CandidateDto>,
        orders: Vec<VenueOrderDto>,
    ) -> Self {
        Self { copy: copy.into(), events: events.into_iter().map(Into::into).collect(), candidates, orders }
    }
}

impl CandidateDto {
    pub fn new(orphan: &Orphan, claimed_at: Option<DateTime<Utc>>) -> Self {
        Self {
            ticket: orphan.ticket.to_string(),
            first_seen_at: orphan.first_seen_at,
            is_likely: claimed_at.is_some_and(|claimed_at| orphan.first_seen_at >= claimed_at),
        }
    }
}

impl From<CopyEvent> for CopyEventDto {
    fn from(event: CopyEvent) -> Self {
        Self {
            at: event.at,
            from: event.from.map(Into::into),
            to: event.to.into(),
            cause: event.cause,
            detail: event.detail,
            evidence: event.evidence,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CopyQuery {
    /// At most 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(min_length = 1, max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    pub cursor: Option<String>,
    /// One or more, separated by commas.
    #[param(value_type = Option<Vec<CopyStateWord>>, style = Form, explode = false)]
    pub state: Option<CopyStates>,
    #[param(value_type = Option<ReasonCodeWord>)]
    pub reason: Option<ReasonCodeWord>,
    /// The instrument, under the master's name.
    #[param(example = "XAUUSD", pattern = r"^[^\x00]*$")]
    pub symbol: Option<String>,
}

/// States separated by commas.
#[derive(Debug, Default)]
pub struct CopyStates(pub Vec<CopyState>);

impl<'de> Deserialize<'de> for CopyStates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = String::deserialize(deserializer)?;
        let known = |word: &str| word.parse().map_err(|_| D::Error::unknown_variant(word, &[]));
        words.split(',').map(known).collect::<Result<_, _>>().map(Self)
    }
}
