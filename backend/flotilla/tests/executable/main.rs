//! The executable from outside: arguments, environment, exit codes, signals.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failed step is a failed test")]

mod audit;
mod keys;
mod security_table;
mod servers;
mod start;
mod support;
