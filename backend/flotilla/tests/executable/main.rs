//! The executable from outside: arguments, environment, exit codes, signals.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

mod audit;
mod backup;
mod canary;
mod exchange_latency;
mod https;
mod keys;
mod metrics;
mod reporter;
mod risk_latency;
mod rotation;
mod security_table;
mod server;
mod servers;
mod start;
mod support;
