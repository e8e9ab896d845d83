//! Stories of the worker: real database, real sockets, one file per story.

mod alerts;
mod bad_lines;
mod close_before_ack;
mod copy_close;
mod copy_open;
mod decisions;
mod doubts;
mod emulators;
mod follower_lists;
mod followers;
mod framing;
mod golden;
mod journal;
mod master_lists;
mod offline;
mod one_to_one;
mod pressure;
mod record;
mod roles;
mod settings;
mod stop;
mod stop_out;
mod support;
mod symbols;
mod takeover;
mod tls;
