//! Figures about this process, for Prometheus, on a port of their own.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{interval, sleep, timeout};

/// Bounds of the buckets of every duration, in seconds.
const BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 30.0];
/// A request's head is no longer and takes no longer.
const HEAD: usize = 4 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);
const UPKEEP: Duration = Duration::from_secs(5);
const BREATHER: Duration = Duration::from_millis(200);
const VARIABLE: &str = "FLOTILLA_METRICS_ADDR";

/// Begins to measure, and to answer `GET /metrics` on `address` as soon as it is free.
///
/// # Errors
///
/// When this process measures already.
pub fn start(address: SocketAddr) -> anyhow::Result<()> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
        .context("the buckets of durations")?
        .build_recorder();
    let figures = recorder.handle();
    metrics::set_global_recorder(recorder)
        .map_err(|error| anyhow::anyhow!("measuring cannot start: {error}"))?;
    tokio::spawn(keep_up(figures.clone()));
    tokio::spawn(serve(address, figures));
    Ok(())
}

/// Waits for the address for as long as it takes: another process may be about
/// to leave it, and figures are no reason not to trade.
async fn listen(address: SocketAddr) -> TcpListener {
    let mut was_told = false;
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => {
                let address = listener.local_addr().unwrap_or(address);
                tracing::info!(%address, variable = VARIABLE, "listening");
                return listener;
            }
            Err(error) if was_told => tracing::debug!(%error, "cannot listen"),
            Err(error) => {
                was_told = true;
                tracing::warn!(%error, wanted = %address, variable = VARIABLE, "cannot listen; it is tried again");
            }
        }
        sleep(BREATHER).await;
    }
}

/// Old samples are folded even while nobody asks.
async fn keep_up(figures: PrometheusHandle) {
    let mut ticks = interval(UPKEEP);
    loop {
        ticks.tick().await;
        figures.run_upkeep();
    }
}

/// One request at a time: who scrapes is one, and a slow one harms nothing else.
async fn serve(address: SocketAddr, figures: PrometheusHandle) {
    let listener = listen(address).await;
    loop {
        match listener.accept().await {
            // A scraper that left asks again.
            Ok((stream, _)) => drop(timeout(PATIENCE, answer(stream, &figures)).await),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                sleep(BREATHER).await;
            }
        }
    }
}

async fn answer(mut stream: TcpStream, figures: &PrometheusHandle) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < HEAD {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let (status, body) = if head.starts_with(b"GET /metrics ") {
        ("200 OK", figures.render())
    } else {
        ("404 Not Found", String::new())
    };
    let text = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; version=0.0.4\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await
}
