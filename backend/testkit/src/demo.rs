//! The demo fleet: a simulated market, a master and three followers that trade over the real protocol.

mod accounts;
mod master;

pub use accounts::{Credentials, Fleet};
pub use master::trade;
