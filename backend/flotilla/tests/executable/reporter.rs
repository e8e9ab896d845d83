//! The reporter EAs in `ea/`: their sources as they are, compiled as C++ against `ea/shim`, at an account that the
//! test moves.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use flotilla_domain::risk::status::DefaultThresholds;
use flotilla_security::api_key::ApiKey;
use flotilla_testkit::db::TestDb;
use secrecy::ExposeSecret as _;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_postgres::Client as Sql;
use uuid::Uuid;

use crate::server::{EA, Server};
use crate::support::{Folder, flotilla};

/// Both sources, which say the same over different sockets.
const SOURCES: [&str; 2] = ["FlotillaReporter.mq5", "FlotillaReporter.mq4"];
/// Longer than anything awaited takes; never a measure of speed.
const PATIENCE: Duration = Duration::from_mins(1);
/// Set where no C++ compiler can be had: then these tests say that they were skipped.
const WITHOUT_COMPILER: &str = "FLOTILLA_WITHOUT_CXX";

fn ea(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ea").join(file)
}

/// An EA that runs; it ends with this value.
struct Terminal(Child);

impl Terminal {
    /// Compiles `source` and attaches it to a chart; `None`: there is no compiler, and somebody said so.
    fn start(source: &str, server: SocketAddr, key: &str, folder: &Folder) -> Option<Self> {
        if std::env::var_os(WITHOUT_COMPILER).is_some() {
            eprintln!("SKIPPED: {source} was not compiled, because {WITHOUT_COMPILER} is set");
            return None;
        }
        let program = folder.file(&source.replace('.', "-"));
        let compiled = Command::new(std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned()))
            .args(["-std=c++17", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", "-o"])
            .arg(&program)
            .arg(format!("-DEA=\"{}\"", ea(source).display()))
            .args([ea("shim/main.cpp"), ea("shim/terminal.cpp")])
            .output()
            .unwrap_or_else(|error| {
                panic!("a C++ compiler is needed (g++, or CXX, or {WITHOUT_COMPILER}=1): {error}")
            });
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        let mut command = Command::new(program);
        command.args([server.ip().to_string(), server.port().to_string(), key.to_owned()]);
        Some(Self(command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()))
    }

    /// What it is worth goes down and up again.
    fn swing(&mut self, low: i64, high: i64, last: i64) {
        for equity in [low, high, last] {
            self.step(&format!("equity {equity}"));
        }
    }

    /// Lets something happen to the account.
    fn step(&mut self, step: &str) {
        writeln!(self.0.stdin.as_ref().unwrap(), "{step}").unwrap();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An account with a phase in dollars, whose total loss may be 1,000.
struct Account {
    id: Uuid,
    key: String,
}

async fn add_account(sql: &Sql) -> Account {
    let email = format!("{}@example.com", Uuid::new_v4().simple());
    let user = "insert into users (email, name, password_hash) values ($1, 'Ada', '') returning id";
    let owner: Uuid = sql.query_one(user, &[&email]).await.unwrap().get(0);
    let account = "insert into accounts (owner_id, name, platform, copy_role) values ($1, 'f', 'mt5', 'follower') returning id";
    let id: Uuid = sql.query_one(account, &[&owner]).await.unwrap().get(0);
    let key = ApiKey::generate();
    let api_key = "insert into api_keys (account_id, owner_id, prefix, key_hash, sealed_key) values ($1, $2, $3, $4, '')";
    sql.execute(api_key, &[&id, &owner, &key.prefix(), &key.hash().as_slice()]).await.unwrap();
    let phase = "insert into risk_phases (owner_id, account_id, currency, starting_balance, started_at, day_tz, day_reset,
            thresholds, rules, reason)
        values ($1, $2, 'USD', 10000, now() - interval '1 minute', 'UTC',
            to_char((now() + interval '12 hours') at time zone 'UTC', 'HH24:MI'), $3::text::jsonb,
            '[{\"id\": \"total\", \"kind\": \"max_total_loss\", \"limit\": {\"type\": \"amount\", \"value\": \"1000\"}}]', 'bought')";
    let thresholds = serde_json::to_string(&DefaultThresholds::default()).unwrap();
    sql.execute(phase, &[&owner, &id, &thresholds]).await.unwrap();
    Account { id, key: key.text().expose_secret().to_owned() }
}

/// Waits until an observation of the account is like this.
async fn await_observation(sql: &Sql, account: &Account, is_like: &str) {
    let began = Instant::now();
    while !has(sql, account, is_like).await {
        assert!(began.elapsed() < PATIENCE, "no observation with {is_like}");
        sleep(Duration::from_millis(50)).await;
    }
}

async fn has(sql: &Sql, account: &Account, is_like: &str) -> bool {
    let select = format!("select exists (select from risk_observations where account_id = $1 and {is_like})");
    sql.query_one(&select, &[&account.id]).await.unwrap().get(0)
}

/// Ends the day of every account at the next whole minute but one, and waits for figures of exactly then. A machine
/// that is too busy to tell the terminals before gets another minute.
async fn await_reset(sql: &Sql, accounts: &[Account]) {
    for _ in 0..3 {
        let edit = "update risk_phases set day_reset =
            to_char((now() + interval '75 seconds') at time zone 'UTC', 'HH24:MI')";
        sql.execute(edit, &[]).await.unwrap();
        let left =
            "select extract(epoch from date_trunc('minute', now() + interval '75 seconds') - now())::float8,
            'at = ''' || date_trunc('minute', now() + interval '75 seconds') || ''''";
        let row = sql.query_one(left, &[]).await.unwrap();
        let (left, is_of_the_reset): (f64, String) = (row.get(0), row.get(1));
        sleep(Duration::from_secs_f64(left + 5.0)).await;
        let mut told = 0;
        for account in accounts {
            told += usize::from(has(sql, account, &is_of_the_reset).await);
        }
        if told == accounts.len() {
            return;
        }
    }
    panic!("no figures of exactly the reset");
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_reach_the_gateway_with_extremes_after_a_restart_and_exactly_at_the_reset() {
    let (db, folder) = (TestDb::new().await, Folder::new("reporter"));
    let sql = db.admin().await;
    let server = Server::start(flotilla(&["work"]), &db, &folder);
    let gateway = server.address(EA);
    let (mut accounts, mut terminals) = (Vec::new(), Vec::new());
    for source in SOURCES {
        let account = add_account(&sql).await;
        let Some(terminal) = Terminal::start(source, gateway, &account.key, &folder) else { return };
        accounts.push(account);
        terminals.push(terminal);
    }

    for (terminal, account) in terminals.iter_mut().zip(&accounts) {
        await_observation(&sql, account, "figures ->> 'equity' = '10000.00'").await;
        for step in [
            "equity 10400",
            "equity 9300",
            "equity 9995.50",
            "pending 2",
            "open 51 XAUUSD SELL 0.10 2030.50 2040.50 1790000000",
        ] {
            terminal.step(step);
        }
    }
    for account in &accounts {
        let swing = "figures ->> 'high' = '10400.00' and figures ->> 'low' = '9300.00'";
        await_observation(&sql, account, swing).await;
        let position = "figures #>> '{positions,0,lots}' = '-0.1000' and (figures #>> '{positions,0,risk}')::numeric = 100
            and (figures #>> '{positions,0,opened_at}')::timestamptz = to_timestamp(1790000000)
            and figures ->> 'pending' = '2'";
        await_observation(&sql, account, position).await;
    }

    for (terminal, account) in terminals.iter_mut().zip(&accounts) {
        terminal.step("cash -500");
        await_observation(&sql, account, "figures ->> 'equity' = '9495.50'").await;
    }
    let paid = "select count(*) from risk_cash_flows where source = 'reported' and amount = -500";
    let paid: i64 = sql.query_one(paid, &[]).await.unwrap().get(0);
    let moved: i64 = sql.query_one("select count(*) from risk_cash_flows", &[]).await.unwrap().get(0);
    assert_eq!((paid, moved), (2, 2));

    assert!(server.terminate().0.success());
    let mut again = flotilla(&["work"]);
    again.env(EA, gateway.to_string());
    let other_folder = Folder::new("reporter-again");
    let server = Server::start(again, &db, &other_folder);
    assert_eq!(server.address(EA), gateway);
    for (terminal, account) in terminals.iter_mut().zip(&accounts) {
        terminal.step("equity 8900");
        await_observation(&sql, account, "figures ->> 'equity' = '8900.00'").await;
    }
    let violations: i64 = sql.query_one("select count(*) from risk_violations", &[]).await.unwrap().get(0);
    assert_eq!(violations, 2);

    await_reset(&sql, &accounts).await;
}

/// Lines that a terminal sent, the next one awaited.
struct Heard {
    stream: tokio::io::BufReader<tokio::net::TcpStream>,
}

impl Heard {
    fn new(stream: TcpStream) -> Self {
        stream.set_nonblocking(true).unwrap();
        Self::of(tokio::net::TcpStream::from_std(stream).unwrap())
    }

    fn of(stream: tokio::net::TcpStream) -> Self {
        Self { stream: tokio::io::BufReader::new(stream) }
    }

    async fn line(&mut self) -> String {
        use tokio::io::AsyncBufReadExt as _;
        let mut line = String::new();
        timeout(PATIENCE, self.stream.read_line(&mut line)).await.unwrap().unwrap();
        line.trim_end().to_owned()
    }

    async fn say(&mut self, lines: &str) {
        use tokio::io::AsyncWriteExt as _;
        self.stream.get_mut().write_all(lines.as_bytes()).await.unwrap();
    }
}

impl Heard {
    /// The next figures with this equity.
    async fn figures_with(&mut self, equity: &str) -> Vec<String> {
        loop {
            let line = self.figures().await;
            if field(&line, 2) == equity {
                return line;
            }
        }
    }

    /// What it waits for with each line is passed over until the next figures.
    async fn figures(&mut self) -> Vec<String> {
        loop {
            let line = self.line().await;
            if line.starts_with("ACCOUNT|") {
                return line.split('|').map(str::to_owned).collect();
            }
        }
    }
}

/// A field of a line.
fn field(line: &[String], place: usize) -> String {
    line.get(place).cloned().unwrap_or_default()
}

/// The connection is lost before a reset and comes back after it: the line of the reset, and the one behind it.
/// `None`: the machine was too busy to tell it of the reset in time.
async fn tell_after_a_reset(
    terminal: &mut Terminal,
    listener: &tokio::net::TcpListener,
) -> Option<(String, [Vec<String>; 2])> {
    let accept = async || Heard::of(listener.accept().await.unwrap().0);
    terminal.step("equity 9900");
    let mut heard = accept().await;
    heard.say("AUTH_OK\n").await;
    // Near enough that the reporter does not try to connect before it.
    let (first, began) = (heard.figures().await, Instant::now());
    let reset = field(&first, 9).parse::<i64>().unwrap() + 4_000;
    heard.say(&format!("RESET_AT|{reset}\n")).await;
    terminal.step("equity 9700");
    let next = heard.figures().await;
    heard.stream.get_ref().set_zero_linger().unwrap();
    drop(heard);

    terminal.swing(9_000, 9_800, 9_500);
    let is_in_time =
        field(&next, 9).parse::<i64>().unwrap() < reset && began.elapsed() < Duration::from_secs(3);
    sleep_until(began + Duration::from_secs(5)).await;
    terminal.swing(9_400, 9_600, 9_550);
    sleep(Duration::from_millis(300)).await;
    let mut heard = accept().await;
    heard.say("AUTH_OK\n").await;
    let (mut kept, mut line) = (None, heard.figures().await);
    // Those of before the reset that may have been lost are told again, each with its time; that of the reset is the last.
    while field(&line, 9) != field(&line, 10) {
        kept = Some(std::mem::replace(&mut line, heard.figures().await));
    }
    let kept = kept.filter(|kept| is_in_time && field(kept, 9) == reset.to_string())?;
    Some((reset.to_string(), [kept, line]))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_before_a_reset_is_told_apart_when_the_connection_is_back() {
    let folder = Folder::new("reporter-reset");
    for source in SOURCES {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let Some(mut terminal) =
            Terminal::start(source, listener.local_addr().unwrap(), "sk_live_key", &folder)
        else {
            return;
        };
        let mut told = None;
        for _ in 0..5 {
            told = tell_after_a_reset(&mut terminal, &listener).await;
            if told.is_some() {
                break;
            }
        }
        let (reset, [before, after]) = told.expect("a machine that is not too busy");

        let parts = |line: &[String]| [2, 7, 8].map(|place| field(line, place));
        assert_eq!(
            parts(&before),
            ["9500.00", "9800.00", "9000.00"].map(str::to_owned),
            "{source}: {before:?}"
        );
        assert_eq!(
            parts(&after),
            ["9550.00", "9600.00", "9400.00"].map(str::to_owned),
            "{source}: {after:?}"
        );
        let [(was, told), (is, told_then)] = [&before, &after].map(|line| (field(line, 9), field(line, 10)));
        assert_eq!((&was, &told, &is), (&reset, &told_then, &told_then));
        assert!(is > was);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn how_far_equity_went_is_told_again_with_its_time_when_the_connection_is_lost() {
    let folder = Folder::new("reporter-lost");
    for source in SOURCES {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let Some(mut terminal) =
            Terminal::start(source, listener.local_addr().unwrap(), "sk_live_key", &folder)
        else {
            return;
        };
        let accept = async || {
            let mut heard = Heard::of(listener.accept().await.unwrap().0);
            heard.say("AUTH_OK\n").await;
            heard
        };
        let mut heard = accept().await;
        heard.figures().await;
        terminal.swing(10_000, 9_000, 9_800);
        let far = heard.figures_with("9800.00").await;
        terminal.swing(9_800, 9_700, 9_850);
        let near = heard.figures_with("9850.00").await;
        heard.stream.get_ref().set_zero_linger().unwrap();
        drop(heard);

        let (mut heard, mut again) = (accept().await, Vec::new());
        let next = loop {
            let line = heard.figures().await;
            if field(&line, 9) == field(&line, 10) {
                break line;
            }
            again.push(line);
        };
        assert_eq!([&far, &near].map(|line| field(line, 8)), ["9000.00", "9700.00"]);
        for lost in [&far, &near] {
            assert!(again.iter().any(|line| line[..10] == lost[..10]), "{source}: {lost:?} in {again:?}");
        }
        assert!(again.iter().all(|line| field(line, 10) == field(&next, 10)), "{source}: {again:?}");
        assert_eq!([7, 8].map(|place| field(&next, place)), ["9850.00", "9850.00"], "{source}: {next:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_server_says_it_only_reports() {
    let folder = Folder::new("reporter-commands");
    for source in SOURCES {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let Some(mut terminal) =
            Terminal::start(source, listener.local_addr().unwrap(), "sk_live_key", &folder)
        else {
            return;
        };
        terminal.step("open 51 XAUUSD SELL 0.10 2030.50 2040.50 1790000000");
        let (stream, _) = tokio::task::spawn_blocking(move || listener.accept().unwrap()).await.unwrap();
        let mut heard = Heard::new(stream);
        assert_eq!(heard.line().await, "AUTH:sk_live_key");
        assert_eq!(heard.line().await, "REPORT_ONLY");
        let commands = [
            "AUTH_OK",
            "CMD_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|7",
            "CMD_CLOSE|XAUUSD|51|7",
            "CMD_SYNC_CLOSE|51|gone",
            "CMD_CLOSE_ALL|all",
            "CMD_STOP",
            "STATUS_INACTIVE",
            "SUBSCRIBE_OK",
            "SNAPSHOT_OK",
            "",
            "RESET_AT|",
            "RESET_AT|soon",
        ];
        heard.say(&commands.map(|command| command.to_owned() + "\n").concat()).await;

        let mut verbs = Vec::new();
        while verbs.iter().filter(|verb| *verb == "ACCOUNT").count() < 3 {
            let line = heard.line().await;
            terminal.step(&format!("equity {}", 9_000 + verbs.len()));
            let positions =
                line.starts_with("POSITION|").then(|| line.starts_with("POSITION|51|XAUUSD|SELL|0.1000|"));
            assert_ne!(positions, Some(false), "{line}");
            verbs.push(line.split('|').next().unwrap_or_default().to_owned());
        }

        let first =
            ["SYMBOL", "POSITIONS_BEGIN", "POSITION", "POSITIONS_END", "ACCOUNT", "ACCOUNT", "ACCOUNT"];
        assert_eq!(verbs, first, "{source}");
    }
}

#[test]
fn no_reporter_has_a_function_that_trades() {
    let words = [
        "OrderSend",
        "OrderClose",
        "OrderModify",
        "OrderDelete",
        "OrderCheck",
        "OrderCalc",
        "PositionClose",
        "PositionModify",
        "PositionOpen",
        "CTrade",
        "MqlTrade",
        "Trade.mqh",
        "TRADE_ACTION",
        "#include",
        "SendNotification",
        "WebRequest",
        "ShellExecute",
        "FileOpen",
        "GlobalVariableSet",
    ];
    let allowed = [
        "WSAStartup",
        "WSACleanup",
        "gethostbyname",
        "socket",
        "connect",
        "ioctlsocket",
        "recv",
        "send",
        "closesocket",
        "RtlMoveMemory",
    ];
    for source in SOURCES {
        let text = std::fs::read_to_string(ea(source)).unwrap();
        for word in words {
            assert!(!text.to_lowercase().contains(&word.to_lowercase()), "{source} holds {word}");
        }
        let imports = text.split("#import").skip(1).flat_map(str::lines).take_while(|line| *line != "#endif");
        for import in imports.filter(|line| line.ends_with(");")) {
            assert!(
                allowed.iter().any(|name| import.contains(&format!(" {name}("))),
                "{source} imports {import}"
            );
        }
    }
    let shim = std::fs::read_to_string(ea("shim/mql.h")).unwrap();
    assert!(words.iter().filter(|word| **word != "#include").all(|word| !shim.contains(word)));
}
