//! Runs the demo fleet against a running Flotilla until it is stopped.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Parser;
use flotilla_testkit::broker::{Broker, Venue};
use flotilla_testkit::demo::{
    CAST, CHARTS, Credentials, Exchange, Fleet, FollowerPart, MASTERS, MasterPart, Member, Trader, Unready,
    keys_beside,
};
use flotilla_testkit::ea_v7::{AutoFollower, AutoMaster, AutoReporter, MasterManners, Terminal};
use flotilla_testkit::market::{Market, dice};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

/// Pause before an API that is not ready is asked again.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// What followers get to answer the last orders of masters that have stopped.
const FAREWELL: Duration = Duration::from_secs(1);
/// How long a follower on the road is there, and away.
const THERE: Duration = Duration::from_secs(90);
const AWAY: Duration = Duration::from_secs(40);

/// Two masters and their followers that trade in a simulated market.
#[derive(Clone, Parser)]
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
    /// Control address of the simulated exchange, where the demo has accounts.
    #[arg(long)]
    exchange: Option<String>,
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
    let stage = Stage { arguments: &arguments, market: market.clone(), seconds: seconds()? };
    let (mut masters, mut others) = (JoinSet::new(), JoinSet::new());
    for (part, (member, _)) in MASTERS.iter().zip(&fleet.masters) {
        masters.spawn(trade(stage.master(part, member)));
    }
    for (part, member) in CAST.iter().zip(&fleet.followers) {
        if let Some((_, token)) = fleet.masters.get(part.master) {
            others.spawn(follow(stage.follower(part, member, token)));
        }
    }
    others.spawn(pass_time(market.clone(), arguments.seed));
    if let Some(control) = &arguments.exchange {
        others.spawn(trade_at_exchange(Exchange::at(control), arguments.clone(), fleet, market));
    }
    told_to_stop(&mut terminate, &mut interrupt).await;
    drop(masters);
    tokio::select! {
        () = sleep(FAREWELL) => {}
        () = told_to_stop(&mut terminate, &mut interrupt) => {}
    }
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

fn seconds() -> anyhow::Result<i64> {
    #[expect(clippy::disallowed_methods, reason = "a simulated broker has a clock of its own")]
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    Ok(i64::try_from(seconds)?)
}

/// What all players need.
struct Stage<'a> {
    arguments: &'a Arguments,
    market: Market,
    seconds: i64,
}

/// A master with its EAs, one a chart.
struct MasterPlayer {
    trader: Trader,
    eas: Vec<AutoMaster>,
    /// Ends with this value.
    _reporter: AutoReporter,
}

/// A follower that may have to be started again and again.
struct FollowerPlayer {
    part: FollowerPart,
    gateway: SocketAddr,
    api_key: String,
    master_token: String,
    broker: Broker,
}

impl Stage<'_> {
    /// A ticket is never used twice, so a fleet that has lost its books begins above all earlier ones: it opens fewer
    /// than one position a second. The tickets of MT5 are longer than a JavaScript number is exact.
    fn broker(&self, member: &Member, terminal: Terminal) -> Broker {
        let (venue, last_ticket) = match terminal {
            Terminal::Mt4 => (Venue::Mt4, self.seconds),
            Terminal::Mt5 => (Venue::Hedging, self.seconds.saturating_mul(10_000_000)),
        };
        let books = member.books_beside(&self.arguments.state);
        Broker::at(self.market.clone(), last_ticket).of(venue).with_books_in(&books)
    }

    fn master(&self, part: &MasterPart, member: &Member) -> MasterPlayer {
        let broker = self.broker(member, part.terminal);
        let reporter = AutoReporter::start(self.arguments.ea, &member.api_key, broker.clone(), None);
        let eas = CHARTS.iter().map(|symbol| {
            let manners = MasterManners::in_the_field(part.terminal);
            AutoMaster::start(self.arguments.ea, &member.api_key, symbol, broker.clone(), manners)
        });
        let eas = eas.collect();
        let number = u64::from(part.terminal == Terminal::Mt4);
        let dice = dice(self.arguments.seed.wrapping_add(number));
        MasterPlayer { trader: Trader::new(broker, CHARTS, dice), eas, _reporter: reporter }
    }

    fn follower(&self, part: &FollowerPart, member: &Member, master_token: &str) -> FollowerPlayer {
        FollowerPlayer {
            part: *part,
            gateway: self.arguments.ea,
            api_key: member.api_key.clone(),
            master_token: master_token.to_owned(),
            broker: self.broker(member, part.terminal),
        }
    }
}

/// Trades once a second. Without a server that listens on every chart, nobody would see the trades: then none are made.
async fn trade(mut player: MasterPlayer) {
    let mut second = interval(Duration::from_secs(1));
    loop {
        second.tick().await;
        if player.eas.iter().all(AutoMaster::is_live) {
            player.trader.pass_second();
        }
    }
}

async fn follow(player: FollowerPlayer) {
    loop {
        let FollowerPlayer { part, gateway, api_key, master_token, broker } = &player;
        let ea = AutoFollower::start(*gateway, api_key, master_token, broker.clone(), part.manners());
        let reporter = AutoReporter::start(*gateway, api_key, broker.clone(), part.swing());
        if !part.is_away_at_times {
            std::future::pending::<()>().await;
        }
        sleep(THERE).await;
        drop((ea, reporter));
        sleep(AWAY).await;
    }
}

/// Opens accounts at the exchange, connects them, and moves its prices with the market's.
async fn trade_at_exchange(exchange: Exchange, arguments: Arguments, fleet: Fleet, market: Market) {
    let connected = async {
        let keys = keys_beside(&arguments.state)?;
        exchange.open_accounts(&keys).await?;
        exchange.follow(&market).await?;
        let owner = Credentials { email: arguments.email.clone(), password: arguments.password.clone() };
        fleet.connect(&arguments.api, &owner, &keys).await
    };
    if let Err(error) = connected.await {
        eprintln!("the demo goes on without its accounts at the exchange: {error:#}");
    }
    let mut second = interval(Duration::from_secs(1));
    loop {
        second.tick().await;
        if let Err(error) = exchange.follow(&market).await {
            eprintln!("prices of the exchange stand still: {error:#}");
            return;
        }
    }
}

/// Moves the prices.
async fn pass_time(market: Market, seed: u64) {
    let mut dice = dice(seed.wrapping_add(100));
    let mut second = interval(Duration::from_secs(1));
    loop {
        second.tick().await;
        market.step(&mut dice);
    }
}
