//! One file per command.

pub mod keys;
pub mod migrate;
