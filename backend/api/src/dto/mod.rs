//! What travels: request and response bodies, one file per route file.

pub mod accounts;
pub mod alerts;
pub mod copies;
pub mod copy_settings;
pub mod directory;
pub mod dry_runs;
pub mod figure;
pub mod groups;
pub mod health;
pub mod orphans;
pub mod patched;
pub mod prices;
pub mod rules;
pub mod session;
pub mod signals;
pub mod stop;
pub mod stream;
pub mod subscriptions;
pub mod symbol_rules;
pub mod trades;
pub mod users;
pub mod words;
