//! What the tests of the other crates stand on: a database per test, rows to fill it with, EA emulators, the demo fleet.
//!
//! Never part of a production executable. Failing to set a test up is a panic with a reason, not an error to handle.

pub mod broker;
pub mod db;
pub mod demo;
pub mod ea_v7;
pub mod invariants;
pub mod ledger;
pub mod market;
pub mod pause;
pub mod proxy;
pub mod wire_log;
