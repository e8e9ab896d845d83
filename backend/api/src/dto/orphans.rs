use chrono::{DateTime, Utc};
use flotilla_store::orphans::Orphan;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::figure::Figure;
use crate::dto::words::SideWord;

/// A position of an account's terminal that no copy owns.
#[derive(Serialize, ToSchema)]
#[schema(as = Orphan)]
pub struct OrphanDto {
    #[schema(example = "9007199254740993")]
    pub ticket: String,
    /// Where the answer to an order named one.
    pub master_ticket: Option<String>,
    /// Where the answer to an order named one. A list of positions tells tickets only.
    pub side: Option<SideWord>,
    pub lots: Option<Figure>,
    pub first_seen_at: DateTime<Utc>,
    pub last_seen_at: DateTime<Utc>,
}

impl From<Orphan> for OrphanDto {
    fn from(orphan: Orphan) -> Self {
        Self {
            ticket: orphan.ticket.to_string(),
            master_ticket: orphan.master_ticket.map(|ticket| ticket.to_string()),
            side: orphan.side.map(Into::into),
            lots: orphan.lots.map(Figure),
            first_seen_at: orphan.first_seen_at,
            last_seen_at: orphan.last_seen_at,
        }
    }
}
