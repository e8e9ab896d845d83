//! Words and rules of Flotilla, without clock, database or socket.
//!
//! # Glossary
//!
//! * **user**: a login identity with a platform [`user::Role`].
//! * **owner**: the user to whom rows belong, the tenant ([`id::OwnerId`]).
//! * **account**: one trading account of an owner; [`account::CopyRole`] says whether it leads, follows or only records.
//! * **group**: accounts of one owner that are stopped, and later judged, together ([`group`]).
//! * **signal**: one event of a master trade ([`signal`]).
//! * **copy**: what one follower should do and did about one master trade ([`copy::order`]).
//! * **trade**: one row of the journal, from entry to exit ([`trade`]).
//! * **statistics**: what closed trades say about who traded ([`stats`]).
//! * **risk**: how far an account or a group is from the lines it must not cross ([`risk`]).
//! * **exchange key**: what an account trades with at an exchange ([`exchange_key`]).
//! * **share**: a link that shows chosen figures of an owner to strangers ([`share`]).
//! * **alert**: what an owner is told about in the inbox ([`alert`]).
//! * **venue**: an exchange, or fills made up from its prices ([`venue`]).
//! * **evidence**: what a follower or venue said about a copy ([`copy::evidence`]); it beats state.
#![warn(missing_docs, clippy::missing_errors_doc)]
#![deny(clippy::expect_used, clippy::float_arithmetic)]

pub mod account;
pub mod alert;
pub mod audit;
pub mod copy;
pub mod exchange_key;
pub mod floating;
pub mod grant;
pub mod group;
pub mod id;
pub mod import;
pub mod lot_size;
pub mod lots;
pub mod mail;
pub mod money;
pub mod number;
pub mod permission;
pub mod price;
pub mod risk;
pub mod share;
pub mod side;
pub mod signal;
pub mod stats;
pub mod stop;
pub mod symbol;
mod text_enum;
pub mod ticket;
pub mod trade;
pub mod user;
pub mod venue;
pub mod venue_trades;
