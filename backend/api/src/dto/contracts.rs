use chrono::{DateTime, Utc};
use flotilla_domain::copy::contract_name::units_of_lot;
use flotilla_domain::symbol::Symbol;
use flotilla_domain::venue::{VenueContract, VenueEnvironment};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::dto::figure::Figure;
use crate::dto::words::ExchangeEnvironmentWord;
use crate::error::{ApiError, ApiResult};
use crate::page::Page;

/// Longest text that is looked for.
const LONGEST_SEARCH: usize = 32;

/// Which contracts, and for what.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ContractsQuery {
    /// A master's name of an instrument, to which contracts are suggested.
    #[param(example = "XAUUSD.m", pattern = "^[A-Za-z0-9._#+&/!$^@-]{1,32}$")]
    pub r#for: Option<String>,
    /// Part of a contract's name.
    #[param(example = "XAU", max_length = 32, pattern = r"^[^\x00]*$")]
    pub search: Option<String>,
    /// At most 200; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next_cursor` of the page before.
    #[param(min_length = 1, max_length = 512, pattern = "^[A-Za-z0-9_-]+$")]
    pub cursor: Option<String>,
}

impl ContractsQuery {
    /// The master's instrument.
    ///
    /// # Errors
    ///
    /// 422 for what is no name of one.
    pub fn instrument(&self) -> ApiResult<Option<Symbol>> {
        let name = self.r#for.as_deref().map(str::parse::<Symbol>);
        name.transpose()
            .map_err(|_| ApiError::field("for", "invalid", "this is not the name of an instrument"))
    }

    /// What is looked for, in capitals.
    ///
    /// # Errors
    ///
    /// 422 for what is longer than any name.
    pub fn searched(&self) -> ApiResult<String> {
        let text = self.search.as_deref().unwrap_or_default().trim();
        if text.chars().count() > LONGEST_SEARCH {
            return Err(ApiError::field("search", "too_long", "use at most 32 characters"));
        }
        Ok(text.to_uppercase())
    }
}

/// Contracts of an account's exchange.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Contracts)]
pub struct ContractsDto {
    /// Whose contracts these are: those of the account's connection, `live` before there is one.
    pub environment: ExchangeEnvironmentWord,
    /// Units of one lot of the instrument, where all brokers have it alike.
    #[schema(required = true)]
    pub units_per_lot: Option<Figure>,
    /// Contracts that the instrument may mean, likeliest first. It is for the owner to choose.
    pub suggestions: Vec<ContractDto>,
    /// By name.
    pub items: Vec<ContractDto>,
    /// Names the next page; null on the last one.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
}

/// What may be traded at an exchange. Quantities are in `base`, prices in `quote`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Contract)]
pub struct ContractDto {
    #[schema(example = "XAU-USDT")]
    pub symbol: String,
    pub base: String,
    pub quote: String,
    /// Decimals of a quantity.
    pub quantity_precision: u32,
    /// Decimals of a price.
    pub price_precision: u32,
    pub min_quantity: Figure,
    /// Smallest value of an order.
    pub min_notional: Figure,
    pub max_long_leverage: Option<Figure>,
    pub max_short_leverage: Option<Figure>,
    /// As a fraction.
    pub taker_fee_rate: Option<Figure>,
    /// Whether positions may be opened.
    pub is_open: bool,
    /// Null where none is known.
    pub last_price: Option<Figure>,
    /// When the exchange said so.
    pub price_at: Option<DateTime<Utc>>,
}

impl ContractsDto {
    pub fn new(
        environment: VenueEnvironment,
        instrument: Option<&Symbol>,
        suggestions: Vec<VenueContract>,
        page: Page<ContractDto>,
    ) -> Self {
        let units = instrument.and_then(|name| units_of_lot(name.as_str()));
        Self {
            environment: environment.into(),
            units_per_lot: units.map(Figure),
            suggestions: suggestions.into_iter().map(ContractDto::from).collect(),
            items: page.items,
            next_cursor: page.next_cursor,
        }
    }
}

impl From<VenueContract> for ContractDto {
    fn from(contract: VenueContract) -> Self {
        Self {
            symbol: contract.symbol,
            base: contract.base,
            quote: contract.quote,
            quantity_precision: contract.quantity_precision,
            price_precision: contract.price_precision,
            min_quantity: contract.min_quantity.into(),
            min_notional: contract.min_notional.into(),
            max_long_leverage: contract.max_long_leverage.map(Figure),
            max_short_leverage: contract.max_short_leverage.map(Figure),
            taker_fee_rate: contract.taker_fee_rate.map(Figure),
            is_open: contract.is_open,
            last_price: contract.last_price.map(|last| last.price.into()),
            price_at: contract.last_price.map(|last| last.at),
        }
    }
}
