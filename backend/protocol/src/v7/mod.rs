//! Version 7, as the EAs in the field speak it.

mod client;
mod decode;
mod server;

pub use client::{AccountReport, ClientLine, Credential, PriceLine};
pub use decode::decode;
pub use server::{ServerLine, SubscribeError};

#[cfg(test)]
mod tests;
