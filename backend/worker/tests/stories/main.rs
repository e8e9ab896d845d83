//! Stories of the worker: real database, real sockets, one file per story.

mod bad_lines;
mod close_before_ack;
mod copy_close;
mod copy_open;
mod emulators;
mod framing;
mod golden;
mod offline;
mod one_to_one;
mod pressure;
mod record;
mod roles;
mod settings;
mod support;
mod symbols;
mod takeover;
