//! EA lines to typed messages and back, over byte buffers.
//!
//! Bytes come in (terminals send an ANSI code page), text is decoded lossily,
//! and a line that cannot be read costs only itself. Numbers are plain
//! decimals in both directions; what a master wrote is what followers read.
#![warn(missing_docs, clippy::missing_errors_doc)]
#![deny(clippy::expect_used, clippy::float_arithmetic)]

pub mod error;
mod field;
pub mod line;
pub mod v7;

pub use error::DecodeError;
