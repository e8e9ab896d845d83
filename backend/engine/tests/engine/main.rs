//! The engine from outside: tables and properties.

mod decision;
mod doubt;
mod machine;
mod matching;
mod reconcile;
mod settle;
mod support;
mod venue;
