//! The copy engine: what follows from evidence, time and desired state.
//!
//! Sans-I/O: every function takes what was read and answers what should be
//! written or sent. It waits for nothing and asks no clock.
//!
//! * [`ingest`]: what a master's line means, given the earlier ones of its ticket.
//! * [`lead`]: what fills of a master at an exchange mean.
//! * [`dispatch`]: desired against observed state → a command, or none.
//! * [`matching`]: which copy an answer speaks of.
//! * [`settle`]: a copy and a piece of evidence → a transition.
//! * [`deadline`]: what time alone does to a copy.
//! * [`reconcile`]: what a list of open tickets says, of a follower and of a master.
//! * [`decision`]: what a person decides about a copy in doubt.
//! * [`stop_out`]: what an alert says and when it begins anew.
//! * [`takeover`]: what a newer session does to the claims of an older one.
//! * [`paper`]: at which price an account without a broker is filled.
//! * [`venue`]: what an exchange says about an order, and what that does to its copy.
//! * [`exits`]: stops and targets of copies there, against those that stand.
#![warn(missing_docs, clippy::missing_errors_doc)]
#![deny(clippy::expect_used, clippy::float_arithmetic)]

pub mod cause;
pub mod deadline;
pub mod decision;
pub mod dispatch;
pub mod exits;
pub mod ingest;
pub mod lead;
pub mod matching;
pub mod paper;
pub mod part;
pub mod reconcile;
pub mod refusal;
pub mod settle;
pub mod stop_out;
pub mod takeover;
pub mod transition;
pub mod venue;

pub use cause::Cause;
pub use transition::Transition;
