//! The worker: EA gateway, dispatcher, settlement and projections.
//!
//! Facts flow one way: a line becomes a signal and its copies in one commit,
//! a claim is committed before its line is written, answers are settled in
//! batches, and hints leave after each commit. Rules are in `flotilla-engine`;
//! what is stored, in `flotilla-store`.

mod absences;
mod addresses;
mod alarms;
mod config;
mod dispatch;
mod dry_runs;
mod duties;
mod ea;
mod error;
mod failpoint;
mod figures;
mod flight;
mod gateway;
mod inbox;
mod ingest;
pub mod lease;
mod lists;
mod mail;
mod measure;
mod pairs;
mod patience;
mod planning;
mod prices;
mod project;
mod refusals;
mod resets;
mod resolve;
mod risk;
mod settle;
mod stop_out;
mod stops;
mod supervise;
mod sweep;
mod turns;
mod venue;
mod volume;
mod watch;

pub use config::{Config, Limits, Timing};
pub use error::WorkerError;
pub use failpoint::Point;
pub use mail::{MailConfig, MailError, MailTrouble, MailWay, Relay, RelayTls, Transport, probe_mail};
pub use supervise::{Listeners, run};

/// Settings of what trades at exchanges.
pub mod exchange {
    pub use crate::venue::config::{
        Egress, ExchangeConfig, Hosts, ORDERS_PER_SECOND, STREAMS_PER_ADDRESS, VenueTiming,
    };
}
