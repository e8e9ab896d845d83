//! PostgreSQL: the one door to SQL.
//!
//! Row structs stay in here; the outside sees domain types. Every call names
//! its owner twice: in the transaction's context, which row-level security
//! reads, and in the query.

pub mod changes;
pub mod db;
pub mod error;
pub mod migrate;
pub mod schema;

pub use db::{Db, Scope, Tx};
pub use error::{StoreError, StoreResult};
