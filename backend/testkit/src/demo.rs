//! The demo fleet: a simulated market, two masters and followers of every kind that trade over the real protocol.

mod accounts;
mod api;
mod cast;
mod exchange;
mod trader;

pub use accounts::{Fleet, Member};
pub use api::{Credentials, Unready};
pub use cast::{CAST, CHARTS, FollowerPart, MASTERS, MasterPart, Restriction};
pub use exchange::{EXCHANGE_CAST, Exchange, ExchangeKey, ExchangePart, keys_beside};
pub use trader::Trader;
