//! Live updates: one hub per process, one task per socket.

pub mod hub;
pub mod snapshot;
pub mod socket;
pub mod topic;
