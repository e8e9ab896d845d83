//! Runs the demo fleet against a running Flotilla until it is stopped.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Parser;
use flotilla_testkit::broker::Broker;
use flotilla_testkit::demo::{Credentials, Fleet, trade};
use flotilla_testkit::ea_v7::{AutoFollower, Manners, Refusal};
use flotilla_testkit::market::{Market, dice};
use tokio::signal::unix::{SignalKind, signal};

/// One master and three followers that trade in a simulated market.
#[derive(Parser)]
struct Arguments {
    /// Base address of the API.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    api: String,
    /// Address of the EA gateway.
    #[arg(long, default_value = "127.0.0.1:5001")]
    ea: SocketAddr,
    /// Who owns the accounts; registered if unknown.
    #[arg(long)]
    email: String,
    /// Password of that user.
    #[arg(long)]
    password: String,
    /// File that keeps the accounts' keys.
    #[arg(long)]
    state: PathBuf,
    /// Seed of the market.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let owner = Credentials { email: arguments.email, password: arguments.password };
    let fleet = Fleet::prepare(&arguments.api, &owner, &arguments.state).await?;
    let market = Market::open();
    let first_ticket = tickets_after()?;
    let followers: Vec<_> = fleet
        .follower_keys
        .iter()
        .enumerate()
        .map(|(number, key)| {
            let broker = Broker::at(market.clone(), first_ticket);
            AutoFollower::start(arguments.ea, key, &fleet.master_token, broker, manners(number))
        })
        .collect();
    let master =
        trade(arguments.ea, &fleet.master_key, Broker::at(market, first_ticket), dice(arguments.seed));
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        () = master => {}
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    drop(followers);
    Ok(())
}

/// A ticket is never used twice, so a fleet that is started again begins above all earlier ones.
fn tickets_after() -> anyhow::Result<i64> {
    #[expect(clippy::disallowed_methods, reason = "a simulated broker has a clock of its own")]
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    Ok(i64::try_from(seconds)? * 1_000)
}

/// Three followers of different speed; the last is short of money now and then.
fn manners(number: usize) -> Manners {
    let order_takes = Duration::from_millis([40, 120, 300].get(number).copied().unwrap_or(200));
    let refusal =
        if number == 2 { Refusal::EveryNth(4, "not enough money".to_owned()) } else { Refusal::Never };
    Manners {
        order_takes,
        refusal,
        reconnect_after: Duration::from_secs(3),
        reports_every: Some(Duration::from_secs(2)),
        ..Manners::default()
    }
}
