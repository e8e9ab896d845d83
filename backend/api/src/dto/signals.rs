use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use flotilla_domain::id::{AccountId, SignalId};
use flotilla_store::signal_list::SignalView;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::figure::Figure;
use crate::dto::words::{SideWord, SignalKindWord};

/// One event of a master's trade.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Signal)]
pub struct SignalDto {
    #[schema(value_type = Uuid)]
    pub id: SignalId,
    #[schema(value_type = Uuid)]
    pub account_id: AccountId,
    pub kind: SignalKindWord,
    /// Ticket at the master's terminal.
    #[schema(example = "9007199254740993")]
    pub ticket: String,
    pub symbol: String,
    pub side: Option<SideWord>,
    /// Size of an entry, or of the part that left.
    pub lots: Option<Figure>,
    /// What the master holds after a part of it left.
    pub rest_lots: Option<Figure>,
    pub price: Option<Figure>,
    pub stop_loss: Option<Figure>,
    pub take_profit: Option<Figure>,
    /// Profit of an exit, account currency.
    pub profit: Option<Figure>,
    pub received_at: DateTime<Utc>,
    /// Number of copies per state.
    pub copies: BTreeMap<String, i64>,
}

impl From<SignalView> for SignalDto {
    fn from(view: SignalView) -> Self {
        let signal = view.signal;
        Self {
            id: signal.id,
            account_id: signal.account_id,
            kind: signal.kind.into(),
            ticket: signal.ticket.to_string(),
            symbol: signal.symbol.to_string(),
            side: signal.side.map(Into::into),
            lots: signal.lots.map(Figure),
            rest_lots: signal.rest_lots.map(Figure),
            price: signal.price.map(Figure),
            stop_loss: signal.stop_loss.map(Figure),
            take_profit: signal.take_profit.map(Figure),
            profit: signal.profit.map(Figure),
            received_at: signal.received_at,
            copies: view.copies,
        }
    }
}
