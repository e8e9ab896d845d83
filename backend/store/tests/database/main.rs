//! What the database itself promises: tenants apart, an audit trail that only
//! grows, migrations that can be taken back.
#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod alerts;
mod audit;
mod catalogue;
mod claims;
mod context;
mod copies;
mod erasures;
mod exchange_keys;
mod excursions;
mod groups;
mod guards;
mod journal;
mod logins;
mod mails;
mod migrations;
mod partners;
mod pool;
mod risk;
mod risk_again;
mod risk_batches;
mod risk_cash;
mod risk_cost;
mod risk_days;
mod risk_forgotten;
mod risk_once;
mod stops;
mod tenants;
mod venue_orders;
mod wishes;
