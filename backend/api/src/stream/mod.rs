//! Live updates: one hub per process, one task per socket.

pub mod event;
pub mod hub;
mod prices;
pub mod risks;
pub mod snapshot;
pub mod socket;
pub mod told;
pub mod topic;
