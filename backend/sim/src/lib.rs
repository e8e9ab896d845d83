//! A world small enough to be shaken millions of times: masters, followers with terminals of their own, connections
//! that lose what is under way, terminals that list what they hold or for a moment see nothing, a worker whose memory is gone after a crash, and a store whose commits may fail or leave
//! their outcome unknown.
//!
//! The decisions are those of `flotilla-engine`; only storing and sending are played here. A [`World`] takes one
//! [`Step`] after the other and says which invariant the step has broken.

mod follower;
mod lists;
mod master;
mod network;
mod store;
mod terminal;
mod world;

pub use network::{Answer, Order};
pub use store::Guards;
pub use world::{Step, World};

/// Followers of every master.
pub const FOLLOWERS: usize = 2;
/// Masters.
pub const MASTERS: usize = 2;
/// Charts of every master, each with connections and lists of its own.
pub const CHARTS: usize = 2;
