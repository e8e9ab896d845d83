//! Runs the simulator until it is told to end. Prints where it listens as one line of JSON.

use clap::Parser;
use flotilla_bingx_sim::json::{object, text};
use flotilla_bingx_sim::server::{Server, Start};

/// A simulated BingX on loopback.
#[derive(Debug, Parser)]
struct Arguments {
    /// Equal seeds and equal requests give equal answers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Time at the start, Unix milliseconds; the machine's clock where it is left out.
    #[arg(long)]
    now_ms: Option<i64>,
    /// Port of the live host, REST and WebSocket; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    live: u16,
    /// Port of the demo host.
    #[arg(long, default_value_t = 0)]
    demo: u16,
    /// Port of the control API.
    #[arg(long, default_value_t = 0)]
    control: u16,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks for the time; everything else is given it"
    )]
    let now_ms = arguments.now_ms.unwrap_or_else(|| chrono::Utc::now().timestamp_millis());
    let ports = [arguments.live, arguments.demo, arguments.control];
    let server = Server::start(Start { seed: arguments.seed, now_ms, ports }).await?;
    let places =
        object([("live", text(server.live)), ("demo", text(server.demo)), ("control", text(server.control))]);
    println!("{places}");
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
