//! PostgreSQL: the one door to SQL.
//!
//! Row structs stay in here; the outside sees domain types. Every call names
//! its owner twice: in the transaction's context, which row-level security
//! reads, and in the query.

pub mod changes;
pub mod copy_events;
pub mod copy_orders;
pub mod db;
pub mod ea_login;
pub mod error;
pub mod evidence;
pub mod figures;
pub mod followers_projection;
pub mod journal_projection;
pub mod migrate;
pub mod requests;
pub mod schema;
pub mod sessions;
pub mod signals;
pub mod wire_subscriptions;

pub use db::{Db, Scope, Tx};
pub use error::{StoreError, StoreResult};
