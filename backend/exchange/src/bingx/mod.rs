//! BingX perpetual contracts.

pub mod client;
pub mod clock;
pub mod contract;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod id;
pub mod model;
mod number;
pub mod order;
pub mod quotes;
pub mod reads;
pub mod reply;
pub mod sign;
pub mod stream;
mod trade;
pub mod transport;

pub use trade::{Found, LeverageSide};
