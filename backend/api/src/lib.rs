//! REST, OpenAPI and WebSocket.
//!
//! The API never trades: it writes desired state and requests, the worker acts.
//! Whoever may do what is the type of a handler's argument ([`auth::Allowed`]);
//! failures meet HTTP in [`error`] alone.

mod address;
mod app;
mod arrivals;
mod auth;
mod body;
mod clock;
mod config;
mod conversion;
mod cookie;
mod device;
mod dto;
mod error;
mod floating;
mod headers;
mod idempotency;
mod imports;
mod key_standings;
mod limits;
mod measured;
pub mod openapi;
mod origin;
mod page;
mod passwords;
mod recording;
mod risk_templates;
mod routes;
mod session_alerts;
mod shared;
mod standing;
mod stream;
mod turns;
mod upload;
mod visitors;
mod vitals;

pub use app::{RunError, run};
pub use config::{Config, Registration, Stores};
