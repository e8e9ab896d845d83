//! The simulator, judged by wrong clients and by ours.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod lists;
mod markets;
mod random;
mod recorded;
mod rules;
mod sockets;
mod support;
mod traps;
mod turns;
mod wrong;
