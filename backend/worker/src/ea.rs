//! The gateway to which Expert Advisors connect.

mod chart;
pub(crate) mod connection;
pub(crate) mod failed_logins;
mod follower;
mod framing;
mod handshake;
pub(crate) mod listener;
mod market;
mod master;
mod pace;
mod positions;
mod reporter;
pub(crate) mod socket;
pub(crate) mod sockets;
pub(crate) mod takeovers;
pub(crate) mod ticker;
pub(crate) mod tls;
mod writer;
