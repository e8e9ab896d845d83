//! Runs the demo fleet against a running Flotilla until it is stopped.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Parser;
use flotilla_testkit::broker::Broker;
use flotilla_testkit::demo::{Credentials, DemoMaster, Fleet, Member, Unready};
use flotilla_testkit::ea_v7::{AutoFollower, Manners, Refusal};
use flotilla_testkit::market::{Market, dice};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;

/// Pause before an API that is not ready is asked again.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// What followers get to answer the last orders of a master that has stopped.
const FAREWELL: Duration = Duration::from_secs(1);

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
    /// File that keeps the accounts' keys; the brokers' books lie beside it.
    #[arg(long)]
    state: PathBuf,
    /// Seed of the market.
    #[arg(long, default_value_t = 7)]
    seed: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let fleet = tokio::select! {
        fleet = prepare(&arguments) => fleet?,
        () = told_to_stop(&mut terminate, &mut interrupt) => return Ok(()),
    };
    let market = Market::open();
    let first_ticket = tickets_after()?;
    let broker_of = |member: &Member| {
        Broker::at(market.clone(), first_ticket).with_books_in(&member.books_beside(&arguments.state))
    };
    let followers: Vec<_> = fleet
        .followers
        .iter()
        .enumerate()
        .map(|(number, member)| {
            let manners = manners(number);
            let broker = broker_of(member);
            AutoFollower::start(arguments.ea, &member.api_key, &fleet.master_token, broker, manners)
        })
        .collect();
    let broker = broker_of(&fleet.master);
    let master = DemoMaster::new(arguments.ea, &fleet.master.api_key, broker, dice(arguments.seed));
    tokio::select! {
        () = master.trade() => {}
        () = told_to_stop(&mut terminate, &mut interrupt) => {}
    }
    tokio::select! {
        () = sleep(FAREWELL) => {}
        () = told_to_stop(&mut terminate, &mut interrupt) => {}
    }
    drop(followers);
    Ok(())
}

async fn told_to_stop(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// Asks until the API is there. What it refuses for good ends the fleet.
async fn prepare(arguments: &Arguments) -> anyhow::Result<Fleet> {
    let owner = Credentials { email: arguments.email.clone(), password: arguments.password.clone() };
    loop {
        match Fleet::prepare(&arguments.api, &owner, &arguments.state).await {
            Err(error) if error.downcast_ref::<Unready>().is_some() => {
                eprintln!("{error}; asking again");
                sleep(ASK_AGAIN_AFTER).await;
            }
            settled => return settled,
        }
    }
}

/// A ticket is never used twice, so a fleet that has lost its books begins above all earlier ones: it opens fewer than
/// one position a second.
fn tickets_after() -> anyhow::Result<i64> {
    #[expect(clippy::disallowed_methods, reason = "a simulated broker has a clock of its own")]
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    Ok(i64::try_from(seconds)?)
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
        sends_snapshots: true,
        ..Manners::default()
    }
}
