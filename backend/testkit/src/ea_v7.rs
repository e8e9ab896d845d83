//! Expert Advisors of version 7 over real sockets, with the manners of the real ones.
//!
//! [`MasterEa`] and [`FollowerEa`] speak line by line, for stories that say every step.
//! [`AutoFollower`] runs by itself: it executes what it is told at its [`crate::broker::Broker`],
//! without any guard against a second order, and reconnects when the link is lost.

mod auto;
mod follower;
mod manners;
mod master;
mod terminal;
mod wire;

pub use auto::{AutoFollower, account_line};
pub use follower::{FollowerEa, OpenCommand};
pub use manners::{Manners, Refusal};
pub use master::MasterEa;
pub use terminal::Terminal;
pub use wire::{WAIT, Wire};
