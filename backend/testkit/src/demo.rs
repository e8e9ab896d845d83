//! The demo fleet: a simulated market, a master and three followers that trade over the real protocol.

mod accounts;
mod api;
mod master;

pub use accounts::{Fleet, Member};
pub use api::{Credentials, Unready};
pub use master::DemoMaster;
