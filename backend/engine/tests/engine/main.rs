//! The engine from outside: tables and properties.

mod machine;
mod matching;
mod settle;
mod support;
