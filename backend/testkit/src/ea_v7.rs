//! Expert Advisors of version 7 over real sockets, with the manners of the real ones.
//!
//! [`MasterEa`] and [`FollowerEa`] speak line by line, for stories that say every step. [`AutoMaster`] and
//! [`AutoFollower`] run by themselves: a master signals what happens at its [`crate::broker::Broker`], a follower
//! executes there what it is told, without any guard against a second order, and both connect again when they notice
//! that the link is lost. [`Terminal`], [`Manners`] and [`MasterManners`] are their personalities, [`Pace`] is their
//! clock. [`AutoReporter`] stands beside either and tells what the account is worth.

mod auto_follower;
mod auto_master;
mod follower;
mod link;
mod manners;
mod master;
mod pace;
mod reporter;
mod terminal;
mod wire;

pub use auto_follower::{AutoFollower, account_line};
pub use auto_master::{AutoMaster, MasterManners};
pub use follower::{FollowerEa, OpenCommand};
pub use manners::{LotMode, Manners, Refusal};
pub use master::MasterEa;
pub use pace::Pace;
pub use reporter::{AutoReporter, Swing};
pub use terminal::Terminal;
pub use wire::{WAIT, Wire};
