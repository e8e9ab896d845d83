//! One file per command.

pub mod all;
pub mod audit;
mod heads;
pub mod keys;
pub mod migrate;
pub mod openapi;
pub mod serve;
mod start;
mod stop;
pub mod work;
