//! Holds many idle sessions of one master and says what each costs the worker.
//!
//! ```text
//! idle-sessions <gateway> <api key of a master> <sessions> <process id of the worker>
//! ```
//!
//! A master's key may hold any number of sockets. The worker's memory is read
//! from `/proc` before the first and after the last session.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use flotilla_testkit::ea_v7::MasterEa;
use tokio::time::{Instant, sleep};

/// For what a log-in leaves behind to be given back.
const SETTLE: Duration = Duration::from_secs(3);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((gateway, key, sessions, process)) = read(&arguments) else {
        eprintln!("idle-sessions <gateway> <api key of a master> <sessions> <process id of the worker>");
        return ExitCode::FAILURE;
    };
    let before = resident_kib(process);
    let began = Instant::now();
    let mut held = Vec::with_capacity(sessions);
    while held.len() < sessions {
        held.push(MasterEa::connect(gateway, &key).await);
    }
    println!("{sessions} sessions in {:.1} s", began.elapsed().as_secs_f64());
    sleep(SETTLE).await;
    let Some((before, after)) = before.zip(resident_kib(process)) else {
        eprintln!("there is no such process");
        return ExitCode::FAILURE;
    };
    let each =
        after.saturating_sub(before).saturating_mul(10) / u64::try_from(sessions.max(1)).unwrap_or(u64::MAX);
    println!("before {before} KiB, after {after} KiB: {}.{} KiB a session", each / 10, each % 10);
    ExitCode::SUCCESS
}

fn read(arguments: &[String]) -> Option<(SocketAddr, String, usize, u32)> {
    let [gateway, key, sessions, process] = arguments else { return None };
    Some((gateway.parse().ok()?, key.clone(), sessions.parse().ok()?, process.parse().ok()?))
}

/// Memory of a process that is not swapped out.
fn resident_kib(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
