//! One file per command.

pub mod audit;
mod heads;
pub mod keys;
pub mod migrate;
