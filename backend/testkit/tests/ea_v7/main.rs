//! The emulated EAs behave on the wire as the real ones, held against a gateway of a few lines.

mod broker;
mod follower;
mod master;
mod peer;
