//! How long mixed work of many users takes, and what the API adds to its query of accounts. Says something on a quiet
//! machine only.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use flotilla_api::Config;
use flotilla_store::accounts;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout_at};

use crate::stream::Socket;
use crate::support::{Person, TestApp};

const USERS: usize = 50;
const TRADES_OF_AN_ACCOUNT: u32 = 500;
/// Between an answer and the same user's next request.
const PAUSE: Duration = Duration::from_millis(100);
/// How long each side of the comparison is measured.
const ALONE_S: u64 = 15;
/// Stands before the microsecond at which an account was renamed.
const RENAMED: &str = "at ";

/// How `pgbench` sends what `GET /api/v1/accounts` asks: the same statements in the same scope.
#[derive(Clone, Copy)]
enum Sending {
    /// Each statement waits for the answer to the one before, as `pgbench` does by itself.
    InTurn,
    /// In the API's two round trips: everything up to the list in a pipeline, then the end.
    AtOnce,
}

/// The transaction of `Db::read_at_once` around the statement of the store itself. `pgbench` 15 prepares the whole
/// script at its first statement, which must not be in the pipeline: nothing may come before the isolation level.
fn script(owner: &str, sending: Sending) -> String {
    let list = [("$1", ":owner"), ("$2", ":silence"), ("$3", ":after"), ("$4", ":rows")]
        .into_iter()
        .fold(accounts::list_statement(), |list, (parameter, variable)| list.replace(parameter, variable));
    let in_turn = format!(
        "SELECT set_config('flotilla.owner', '{owner}', true), set_config('flotilla.actor', '{owner}', true);\n"
    );
    let at_once = format!("SET LOCAL flotilla.owner = '{owner}';\nSET LOCAL flotilla.actor = '{owner}';\n");
    let (start, scope, end) = match sending {
        // As one statement, which is a round trip less.
        Sending::InTurn => ("", in_turn, ""),
        Sending::AtOnce => ("\\startpipeline\n", at_once, "\\endpipeline\n"),
    };
    format!(
        "\\if :first\nSELECT 1;\n\\set first 0\n\\endif\n{start}\
         BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n{scope}{list};\n{end}COMMIT;\n"
    )
}

/// What one kind of work took, and how often it failed.
#[derive(Default)]
struct Work {
    took: Vec<Duration>,
    failed: usize,
}

type Report = BTreeMap<&'static str, Work>;

struct User<'a> {
    person: Person<'a>,
    account: String,
    group: String,
}

impl<'a> User<'a> {
    /// Somebody with four accounts, of which two follow one, two groups and trades.
    async fn with_rows(app: &'a TestApp, nth: usize) -> Self {
        let person = app.sign_up(&format!("person{nth}")).await;
        let master = person.open("master", "master").await;
        let followers =
            [person.open_id("gold", "follower").await, person.open_id("silver", "follower").await];
        let account = person.open_id("journal", "none").await;
        let group = person.group("Funded").await;
        let other = person.group("Own").await;
        for follower in followers {
            person.follow(&follower, &master).await;
            person.add(&group, &follower).await;
        }
        person.add(&other, &account).await;
        let owner = &person.id;
        app.sql(&format!(
            "insert into account_figures (account_id, owner_id, balance, equity, at)
             select id, owner_id, 10000, 10012.5, now() from accounts where owner_id = '{owner}';
             insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_price, exit_price,
                entry_at, exit_at, pnl, pnl_source, status, external_id)
             select a.owner_id, a.id, 'ea', (array['XAUUSD', 'EURUSD', 'BTC-USDT', 'MNQZ6'])[1 + n % 4],
                case when n % 3 = 0 then 'SHORT' else 'LONG' end, 0.1, 2000 + n % 50, 2000 + n % 61,
                now() - n * interval '2 hours', now() - n * interval '2 hours' + interval '1 hour', (n % 401) - 199,
                'broker', 'closed', n::text
             from accounts a cross join generate_series(1, {TRADES_OF_AN_ACCOUNT}) as n where a.owner_id = '{owner}'"
        ))
        .await;
        Self { person, account, group }
    }

    fn reads(&self) -> Vec<(&'static str, String)> {
        let Self { account, group, .. } = self;
        vec![
            ("GET accounts", "/api/v1/accounts".to_owned()),
            ("GET account", format!("/api/v1/accounts/{account}")),
            ("GET groups", "/api/v1/groups".to_owned()),
            ("GET group", group.clone()),
            ("GET risk of a group", format!("{group}/risk")),
            ("GET trades", "/api/v1/trades".to_owned()),
            ("GET trades, losses", "/api/v1/trades?result=loss&sort=pnl".to_owned()),
            ("GET stats", "/api/v1/stats".to_owned()),
            ("GET portfolio", "/api/v1/portfolio".to_owned()),
        ]
    }

    /// Reads everything and renames an account, again and again.
    async fn work(&self, nth: usize, began: Instant, until: Instant) -> Report {
        let mut report = Report::new();
        let reads = self.reads();
        // Not all in step.
        sleep(PAUSE * u32::try_from(nth).unwrap() / 50).await;
        for turn in nth.. {
            if Instant::now() >= until {
                break;
            }
            let (name, request) = match reads.get(turn % (reads.len() + 1)) {
                Some((name, path)) => (*name, self.person.request("GET", path)),
                None => ("PATCH account", self.rename(began)),
            };
            let asked = Instant::now();
            let answer = self.person.app.send(request).await;
            let work = report.entry(name).or_default();
            if (200..300).contains(&answer.status) {
                work.took.push(asked.elapsed());
            } else {
                work.failed += 1;
            }
            sleep(PAUSE).await;
        }
        report
    }

    fn rename(&self, began: Instant) -> reqwest::RequestBuilder {
        let name = format!("{RENAMED}{}", began.elapsed().as_micros());
        let path = format!("/api/v1/accounts/{}", self.account);
        self.person.request("PATCH", &path).json(&json!({ "name": name }))
    }

    /// Hears of what is renamed.
    async fn listen(&self, began: Instant, until: Instant) -> Report {
        let (mut opened, mut heard) = (Work::default(), Work::default());
        let asked = Instant::now();
        let mut socket = Socket::listening(&self.person, &["accounts", "copies", "trades"]).await;
        socket.hear_of("account.updated").await;
        opened.took.push(asked.elapsed());
        let mut last = Duration::ZERO;
        while let Ok(message) = timeout_at(until, socket.hear()).await {
            let Some(message) = message else {
                heard.failed += 1;
                break;
            };
            if let Some(renamed) = renamed_at(&message).filter(|renamed| *renamed > last) {
                last = renamed;
                heard.took.push(began.elapsed().saturating_sub(renamed));
            }
        }
        Report::from([("WS opened to first message", opened), ("WS PATCH sent to message", heard)])
    }
}

fn renamed_at(message: &Value) -> Option<Duration> {
    let name = message["data"]["name"].as_str()?.strip_prefix(RENAMED)?;
    name.parse().ok().map(Duration::from_micros)
}

async fn mixed(users: &[User<'_>], seconds: u64) -> Report {
    let began = Instant::now();
    let until = began + Duration::from_secs(seconds);
    let work = users.iter().enumerate().map(|(nth, user)| async move {
        let (asked, heard) = tokio::join!(user.work(nth, began, until), user.listen(began, until));
        [asked, heard]
    });
    let mut report = Report::new();
    for (name, work) in join_all(work).await.into_iter().flatten().flatten() {
        let all = report.entry(name).or_default();
        all.took.extend(work.took);
        all.failed += work.failed;
    }
    report
}

fn print(report: Report) {
    for (name, Work { mut took, failed }) in report {
        took.sort();
        let at = |percent: usize| took.get(took.len() * percent / 100).copied().unwrap_or_default();
        println!(
            "{name:<28} p50 {:>9.1?}  p95 {:>9.1?}  {} times, {failed} failed",
            at(50),
            at(95),
            took.len()
        );
    }
}

/// `GET /api/v1/accounts` a second, over connections that stay open, by a client that does as little as `pgbench`.
async fn accounts_a_second(user: &User<'_>, connections: usize) -> f64 {
    let (address, token) = (user.person.app.address, &user.person.token);
    let request = format!(
        "GET /api/v1/accounts HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\naccept: */*\r\n\r\n"
    );
    let began = Instant::now();
    let until = began + Duration::from_secs(ALONE_S);
    let counts = join_all((0..connections).map(|_| repeat(address, request.as_bytes(), until))).await;
    f64::from(counts.into_iter().sum::<u32>()) / began.elapsed().as_secs_f64()
}

async fn repeat(address: std::net::SocketAddr, request: &[u8], until: Instant) -> u32 {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut answer = Vec::with_capacity(64 * 1024);
    let mut count = 0;
    while Instant::now() < until {
        answer.clear();
        stream.write_all(request).await.unwrap();
        while !is_whole(&answer) {
            assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "the API closed the connection");
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
        count += 1;
    }
    count
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).expect("a length");
    answer.len() >= end + 4 + length.trim().parse::<usize>().unwrap()
}

/// Newest first; Debian's wrapper in the PATH looks for clusters of its own.
fn pgbench() -> Option<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = installed.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&path));
    folders.into_iter().map(|folder| folder.join("pgbench")).find(|program| program.is_file())
}

/// Transactions a second; `None` when it fails, which is printed.
async fn pgbench_a_second(
    program: &Path,
    user: &User<'_>,
    connections: usize,
    sending: Sending,
) -> Option<f64> {
    let (url, owner) = (&user.person.app.db.app_url, user.person.id.as_str());
    let path = std::env::temp_dir().join(format!("flotilla-accounts-{}.sql", std::process::id()));
    std::fs::write(&path, script(owner, sending)).unwrap();
    println!("the query of accounts: {} at {url}", path.display());
    let mut command = Command::new(program);
    command.args(["-n", "-M", "prepared", "-j", "1"]);
    command.args(["-c", &connections.to_string(), "-T", &ALONE_S.to_string()]);
    command.args(["-D", &format!("owner={owner}"), "-D", "rows=51", "-D", "silence=30", "-D", "first=1"]);
    command.args(["-D", "after=00000000-0000-0000-0000-000000000000"]);
    let done = command.arg("-f").arg(path).arg(url).output().await.unwrap();
    let told = String::from_utf8_lossy(&done.stdout);
    let rate: Option<f64> =
        told.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    if rate.is_none() || !done.status.success() {
        println!("pgbench failed: {told}{}", String::from_utf8_lossy(&done.stderr));
        return None;
    }
    rate
}

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// `scripts/bench-mixed` runs it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "prints how long it takes, which says nothing on a busy machine"]
async fn fifty_users_for_a_minute() {
    let (seconds, connections) = (number("FOR_S", 60), number("CONNECTIONS", 8));
    let app =
        TestApp::pooled(connections, |config| Config { threads: 2, limit_factor: 1000, ..config }).await;
    let mut users = Vec::new();
    for nth in 0..USERS {
        users.push(User::with_rows(&app, nth).await);
    }
    app.sql("vacuum analyze").await;

    println!("{USERS} users for {seconds} s, {connections} database connections");
    print(mixed(&users, u64::try_from(seconds).unwrap()).await);

    let user = &users[0];
    let api = accounts_a_second(user, connections).await;
    println!("GET accounts alone, {connections} connections: {api:.0} a second");
    let Some(program) = pgbench() else { return println!("pgbench is not installed: not compared") };
    for (sending, how) in [(Sending::InTurn, "in turn"), (Sending::AtOnce, "as the API sends")] {
        if let Some(rate) = pgbench_a_second(&program, user, connections, sending).await {
            let percent = api / rate * 100.0;
            println!(
                "pgbench, {how}, {connections} connections: {rate:.0} a second; the API has {percent:.0} % of it"
            );
        }
    }
}
