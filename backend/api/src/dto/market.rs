use chrono::{DateTime, Utc};
use flotilla_domain::venue::VenueEnvironment;
use flotilla_store::venue_contracts::AgedPrice;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::dto::figure::Figure;
use crate::dto::words::ExchangeEnvironmentWord;

/// Which market.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MarketQuery {
    /// Real money or demo; `live` where it is left out.
    #[param(inline)]
    pub environment: Option<ExchangeEnvironmentWord>,
}

/// The last price of a contract.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MarketPrice)]
pub struct MarketPriceDto {
    pub symbol: String,
    pub environment: ExchangeEnvironmentWord,
    pub last_price: Figure,
    /// When the exchange said so.
    pub at: DateTime<Utc>,
    /// Milliseconds since then.
    pub age_ms: i64,
}

impl MarketPriceDto {
    pub fn new(symbol: String, environment: VenueEnvironment, found: AgedPrice) -> Self {
        let age = found.now.signed_duration_since(found.price.at);
        Self {
            symbol,
            environment: environment.into(),
            last_price: found.price.price.into(),
            at: found.price.at,
            age_ms: age.num_milliseconds().max(0),
        }
    }
}
