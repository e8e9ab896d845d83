//! PostgreSQL: the one door to SQL.
//!
//! Row structs stay in here; the outside sees domain types. Every call names
//! its owner twice: in the transaction's context, which row-level security
//! reads, and in the query.

pub mod absences;
pub mod accounts;
pub mod alerts;
pub mod api_keys;
pub mod audit;
pub mod changes;
pub mod close_requests;
pub mod copies;
pub mod copy_events;
pub mod copy_orders;
pub mod db;
pub mod devices;
pub mod directory;
pub mod directory_projection;
pub mod dry_runs;
pub mod ea_login;
pub mod error;
pub mod evidence;
pub mod figures;
pub mod floating;
pub mod follower_decisions;
pub mod followers;
pub mod followers_projection;
pub mod grants;
pub mod groups;
mod guard_steps;
pub mod guard_trips;
pub mod guards;
pub mod journal_projection;
pub mod key_addresses;
pub mod lags;
mod lot_sizes;
pub mod master_lists;
pub mod masters;
pub mod migrate;
pub mod operations;
pub mod orphans;
pub mod pair_closes;
pub mod partners;
mod prepared;
pub mod prices;
pub mod refresh_tokens;
pub mod requests;
pub mod resolutions;
pub mod risk_events;
pub mod risk_history;
pub mod risk_members;
pub mod risk_phases;
pub mod risk_records;
pub mod risk_resets;
mod risk_steps;
pub mod risk_violations;
pub mod schema;
pub mod sessions;
pub mod signal_list;
pub mod signals;
pub mod snapshots;
pub mod stop_requests;
pub mod stops;
mod subscription_settings;
pub mod subscriptions;
pub mod symbol_specs;
pub mod trades;
mod transaction_time;
pub mod users;
pub mod wire_subscriptions;
pub mod workers;
pub mod ws_tickets;

pub use db::{AsyncFunc, Db, PoolUse, Scope, Tx};
pub use error::{StoreError, StoreResult};
