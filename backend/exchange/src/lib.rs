//! Exchanges: requests, replies, limits and streams. BingX is the one there is.
//!
//! * What became of an order is a value, [`outcome::Outcome`]. *Unknown* is one of them, and it is answered with a
//!   question by the order's name, never with a second order.
//! * Ids are text and money is decimal, from the first byte on.
//! * Time is the server's; this machine's wall clock is not asked.
//! * [`limits`] says whose turn it is: what closes before what opens before what looks.
//!
//! Nothing here decides what to trade, and nothing here is written down: the caller keeps the journal.
#![warn(missing_docs, clippy::missing_errors_doc)]
#![deny(clippy::expect_used, clippy::float_arithmetic)]

pub mod bingx;
pub mod limits;
pub mod outcome;
