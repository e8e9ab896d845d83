//! Copying a master's trades to followers.

pub mod coins;
pub mod contract_name;
pub mod decision;
pub mod evidence;
pub mod mapping;
pub mod mode;
pub mod order;
pub mod pace;
pub mod reason;
pub mod resolution;
pub mod settings;
pub mod sizing;
pub mod venue_order;
pub mod volume;

pub use crate::text_enum::UnknownWord;
