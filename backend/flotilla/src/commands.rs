//! One file per command.

pub mod all;
pub mod audit;
pub mod backup;
pub mod doctor;
mod heads;
pub mod keys;
pub mod migrate;
pub mod openapi;
pub mod restore;
mod sealed;
pub mod serve;
mod start;
mod stop;
pub mod work;
