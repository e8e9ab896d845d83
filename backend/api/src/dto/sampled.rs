use flotilla_domain::stats::sample::Sampled;
use serde::Serialize;
use utoipa::ToSchema;

use crate::dto::figure::Figure;

/// How long a trade was held, and what it brought.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SampledTrade)]
pub struct SampledDto {
    pub symbol: String,
    /// From entry to exit.
    pub held_s: i64,
    pub pnl: Figure,
}

impl From<&Sampled> for SampledDto {
    fn from(trade: &Sampled) -> Self {
        Self { symbol: trade.symbol.clone(), held_s: trade.held.num_seconds(), pnl: Figure(trade.pnl) }
    }
}
