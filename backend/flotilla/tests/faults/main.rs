//! The real process dies, is cut off and is lied to; nothing is sent twice and nothing vanishes.
//!
//! Runs with the feature `failpoints`, which ends the process at a named place.
#![cfg(feature = "failpoints")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a story that cannot be set up has failed")]

mod commits;
mod guards;
mod latches;
mod leads;
mod lists;
mod matrix;
mod pages;
mod pairs;
mod papers;
mod shares;
mod soak;
mod venues;
mod world;
