//! Version 7, as the EAs in the field speak it.

mod client;
mod decode;
mod report;
mod server;

pub use client::{AccountReport, ClientLine, Credential, PositionReport, PriceLine, SymbolReport, Watched};
pub use decode::decode;
pub use server::{ServerLine, SubscribeError};

#[cfg(test)]
mod report_tests;
#[cfg(test)]
mod tests;
