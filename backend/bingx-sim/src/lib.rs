//! A simulated BingX that punishes wrong clients.
//!
//! * [`venue::Venue`] is all of it without sockets: requests in, answers and events out, at a time that is given.
//!   Equal seeds and equal requests give equal answers.
//! * [`server::Server`] puts it on loopback: a port for the live host, one for the demo host, one for the control API.
//! * What the real exchange does where nobody knows is a setting, [`profile::Profile`]: a client must not depend on it.
//!
//! It knows nothing of our own client, so that the two cannot agree on an error.

pub mod account_routes;
pub mod chance;
pub mod control;
pub mod cover;
pub mod desk;
pub mod fault;
pub mod gate;
pub mod history_routes;
pub mod http;
pub mod json;
pub mod kept_book;
pub mod ledger;
pub mod limits;
pub mod market;
pub mod matching;
pub mod profile;
pub mod quote_routes;
pub mod render;
pub mod request;
pub mod routes;
pub mod server;
pub mod stream;
pub mod topics;
pub mod trade_routes;
pub mod venue;
