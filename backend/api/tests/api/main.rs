//! The API as its clients meet it: a real server on a free port, a real
//! database, the real roles. One executable, so that it is linked once.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a failed set-up is a failed test"
)]

mod accounts;
mod alerts;
mod api_keys;
mod contracts;
mod copies;
mod copy_settings;
mod decisions;
mod demo;
mod directory;
mod exchange_keys;
mod group_rules;
mod groups;
mod guard;
mod health;
mod imports;
mod isolation;
mod journal;
mod journal_bench;
mod limits;
mod market;
mod me;
mod mixed_bench;
mod openapi;
mod pages;
mod personal_keys;
mod positions;
mod previews;
mod prices;
mod problems;
mod rates;
mod recovery;
mod refresh;
mod repeated;
mod risk;
mod risk_corrected;
mod risk_heard;
mod risk_marks;
mod risk_stream;
mod risk_told;
mod screenshots;
mod session;
mod shares;
mod statistics;
mod stop;
mod stream;
mod subscriptions;
mod support;
mod tenancy;
mod tokens;
mod trades;
