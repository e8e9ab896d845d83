//! One file per command.

pub mod all;
pub mod audit;
pub mod doctor;
mod heads;
pub mod keys;
pub mod migrate;
pub mod openapi;
mod sealed;
pub mod serve;
mod start;
mod stop;
pub mod work;
