//! Plays a row of the table against a worker.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a row that cannot be played has failed")]

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use flotilla_testkit::ea_v7::{WAIT, Wire};
use tokio::time::timeout;

use super::script::{Does, Expected, Row, Step, unescaped};
use crate::support::{Account, World};

/// Who is to notice nothing of a row.
const BYSTANDERS: (&str, &str) = ("A", "B");
/// Longer than a log-in takes on a loaded machine, so that only who never logs in meets it.
const AUTHENTICATE_WITHIN: Duration = Duration::from_secs(5);

/// A row in play.
pub struct Play {
    pub world: World,
    accounts: BTreeMap<String, Account>,
    sockets: BTreeMap<String, Peer>,
}

/// The test's end of a socket.
struct Peer {
    wire: Wire,
    /// Lines that came before they were asked for.
    heard: VecDeque<Vec<u8>>,
}

impl Peer {
    /// The next line with its end, `None` at the end of the connection.
    async fn hear(&mut self) -> Option<Vec<u8>> {
        match self.heard.pop_front() {
            Some(line) => Some(line),
            None => timeout(WAIT, self.wire.read_bytes()).await.expect("a line or the end of the connection"),
        }
    }

    /// Waits until everything it said before has been acted upon. What it hears meanwhile is kept.
    async fn catch_up(&mut self) {
        self.wire.send("CHECK_STATUS").await.unwrap();
        loop {
            let line = timeout(WAIT, self.wire.read_bytes()).await.expect("an answer to CHECK_STATUS");
            let line = line.expect("an open connection");
            if line.starts_with(b"STATUS_") {
                return;
            }
            self.heard.push_back(line);
        }
    }
}

/// Plays `row` from its first to its last step, then the bystanders' trade and the checker.
pub async fn play(row: &Row) {
    let world = World::start_with(|config| {
        config.timing.authenticate = AUTHENTICATE_WITHIN;
        config.timing.absences = Duration::from_millis(50);
    })
    .await;
    let mut play = Play { world, accounts: BTreeMap::new(), sockets: BTreeMap::new() };
    let (master, follower) = BYSTANDERS;
    play.follow(follower, master).await;
    for step in &row.steps {
        println!("{}: {}: {}", row.title, step.number, step.text);
        play.step(step).await;
    }
    play.await_bystanders().await;
    play.world.check().await;
}

impl Play {
    async fn step(&mut self, step: &Step) {
        match &step.does {
            Does::Says(who, text) => {
                let bytes = unescaped(&self.filled_in(text).await);
                self.peer(who).wire.send_bytes(&bytes).await.unwrap();
            }
            Does::Hears(who, Expected::Line(line)) => self.expect(who, line).await,
            Does::Hears(who, Expected::Nothing) => self.expect_silence(who).await,
            Does::Hears(who, Expected::Closed) => {
                let heard = self.peer(who).hear().await;
                assert_eq!(heard.as_deref().map(String::from_utf8_lossy), None, "{who}");
            }
            Does::Stored { what, of, is } => self.await_stored(what, of, is).await,
            Does::SetUp(words) => {
                let words: Vec<_> = words.iter().map(String::as_str).collect();
                self.set_up(&words).await;
            }
        }
    }

    /// Byte for byte, line end included: this is what the EAs in the field read.
    async fn expect(&mut self, who: &str, line: &str) {
        let heard = self.peer(who).hear().await.expect("a line, not the end of the connection");
        assert_eq!(String::from_utf8_lossy(&heard), format!("{line}\n"), "{who}");
    }

    /// First everybody else's lines are acted upon, then it is asked twice: an answer may overtake a command that
    /// waits beside it, but not one that waited before the question.
    async fn expect_silence(&mut self, who: &str) {
        self.catch_up_but(who).await;
        let peer = self.peer(who);
        peer.catch_up().await;
        peer.catch_up().await;
        let heard: Vec<_> = peer.heard.iter().map(|line| String::from_utf8_lossy(line)).collect();
        assert_eq!(heard, [""; 0], "{who}");
    }

    /// Waits until everything that anybody else has said has been acted upon; strangers are not heard.
    async fn catch_up_but(&mut self, who: &str) {
        for (name, peer) in &mut self.sockets {
            if name != who && !name.starts_with('X') {
                peer.catch_up().await;
            }
        }
    }

    /// What was said before was said that much earlier.
    async fn pass_time(&mut self, seconds: i32) {
        self.catch_up_but("").await;
        self.world.pass_time(seconds).await;
    }

    async fn await_stored(&mut self, what: &str, of: &str, is: &str) {
        let account = self.account(of).await;
        let is = if what == "partner" { self.account(is).await.id.to_string() } else { is.to_owned() };
        let (_, query) = STORED.iter().find(|(name, _)| *name == what).expect("a known question");
        self.world.await_text(query, account.id, &is).await;
    }

    async fn set_up(&mut self, words: &[&str]) {
        match *words {
            [who, "connects"] => self.connect(who).await,
            [who, "logs", "in"] => self.log_in(who).await,
            [who, "vanishes"] => drop(self.sockets.remove(who)),
            [who, "leaves"] => self.leave(who).await,
            [who, "follows", master] => self.follow(who, master).await,
            [who, "holds", ticket, "for", master, master_ticket] => {
                self.hold(who, ticket, master.trim_end_matches("'s"), master_ticket).await;
            }
            [who, "opens", range] => self.open_range(who, range).await,
            [who, "copies", mode] => {
                let master = self.account(who).await;
                self.world.set_mode(&master, mode).await;
            }
            [who, "is", "inactive"] => {
                self.change("update accounts set is_active = false where id = $1", who).await;
            }
            [who, "unfollows", "on", "the", "web"] => {
                self.change(UNFOLLOW, who).await;
                let follower = self.account(who).await;
                self.world.hint_account(&follower).await;
            }
            ["an", "hour", "passes", "for", who] => {
                let update = "update sessions set disconnected_at = disconnected_at - interval '1 hour' where account_id = $1";
                self.change(update, who).await;
            }
            [who, "leaves", "with", "its", "partner"] => {
                self.change("update accounts set close_with_partner = true where id = $1", who).await;
            }
            ["the", "server", "restarts"] => self.restart().await,
            ["the", "time", "between", "two", "snapshots", "passes"] => self.pass_time(31).await,
            ["the", "master's", "trades", "are", "old", "enough"] => self.pass_time(60).await,
            _ => panic!("nobody knows how to do this: {}", words.join(" ")),
        }
    }

    async fn connect(&mut self, who: &str) {
        let wire = Wire::connect(self.world.address).await.unwrap();
        self.sockets.insert(who.to_owned(), Peer { wire, heard: VecDeque::new() });
    }

    async fn log_in(&mut self, who: &str) {
        let key = self.account(who).await.key;
        self.connect(who).await;
        self.peer(who).wire.send(&format!("AUTH:{key}")).await.unwrap();
        self.expect(who, "AUTH_OK").await;
    }

    /// Both log in, unless they have, and one subscribes to the other.
    async fn follow(&mut self, who: &str, master: &str) {
        for name in [master, who] {
            if !self.sockets.contains_key(name) {
                self.log_in(name).await;
            }
        }
        let token = self.account(master).await.token;
        self.peer(who).wire.send(&format!("SUBSCRIBE:{token}")).await.unwrap();
        self.expect(who, "SUBSCRIBE_OK").await;
    }

    /// An acknowledged copy of a buy of 0.10 XAUUSD.
    async fn hold(&mut self, who: &str, ticket: &str, master: &str, master_ticket: &str) {
        if !self.sockets.contains_key(who) {
            self.follow(who, master).await;
        }
        let fields = format!("BUY|XAUUSD|2030.50|0.10|2020.00|2040.00|{master_ticket}");
        self.peer(master).wire.send(&format!("SIGNAL_OPEN|{fields}")).await.unwrap();
        self.expect(who, &format!("CMD_OPEN|{fields}")).await;
        let ack = format!("ACK_OPEN|{master_ticket}|{ticket}|0.10|BUY");
        self.peer(who).wire.send(&ack).await.unwrap();
        let state = format!(
            "select coalesce(max(state), '') from copy_orders where follower_account_id = $1 and venue_ref = '{ticket}'"
        );
        let follower = self.account(who).await;
        self.world.await_text(&state, follower.id, "open").await;
    }

    async fn open_range(&mut self, who: &str, range: &str) {
        let peer = self.peer(who);
        for ticket in tickets(range) {
            let line = format!("SIGNAL_OPEN|BUY|XAUUSD|2030.50|0.10|0.00|0.00|{ticket}");
            peer.wire.send(&line).await.unwrap();
            // All together they take longer than an answer may.
            if ticket % 25 == 0 {
                peer.catch_up().await;
            }
        }
    }

    /// Its connection ends, and the server has noticed.
    async fn leave(&mut self, who: &str) {
        self.sockets.remove(who);
        let account = self.account(who).await;
        let sockets = "select sockets::text from sessions where account_id = $1";
        self.world.await_text(sockets, account.id, "0").await;
    }

    async fn restart(&mut self) {
        self.world.stop().await;
        self.sockets.clear();
        self.world.run().await;
        let (master, follower) = BYSTANDERS;
        self.follow(follower, master).await;
    }

    /// Two whom nobody has spoken to trade as if nothing had happened.
    async fn await_bystanders(&mut self) {
        let (master, follower) = BYSTANDERS;
        self.hold(follower, "51", master, "1").await;
    }

    async fn change(&mut self, statement: &str, who: &str) {
        let account = self.account(who).await;
        assert_eq!(self.world.sql.execute(statement, &[&account.id]).await.unwrap(), 1);
    }

    fn peer(&mut self, who: &str) -> &mut Peer {
        self.sockets.get_mut(who).unwrap_or_else(|| panic!("{who} is not connected"))
    }

    /// The account of a name, made when it is first asked for. A further socket has the same one.
    async fn account(&mut self, who: &str) -> Account {
        let name = who.trim_end_matches('\'');
        if let Some(account) = self.accounts.get(name) {
            return account.clone();
        }
        let account = match name {
            "A" | "M" | "N" => self.world.master().await,
            "B" | "F" | "G" => self.world.follower().await,
            _ => panic!("{name} has no account"),
        };
        self.accounts.insert(name.to_owned(), account.clone());
        account
    }

    /// Keys, tokens and lists of tickets in the place of their names.
    async fn filled_in(&mut self, text: &str) -> String {
        let Some((before, rest)) = text.split_once('{') else { return text.to_owned() };
        let (name, after) = rest.split_once('}').unwrap();
        let value = match name.split_once('.').unwrap() {
            (who, "key") => self.account(who).await.key,
            (who, "token") => self.account(who).await.token,
            _ => tickets(name).map(|ticket| ticket.to_string()).collect::<Vec<_>>().join(","),
        };
        format!("{before}{value}{}", Box::pin(self.filled_in(after)).await)
    }
}

/// `1..3` is 1, 2, 3.
fn tickets(range: &str) -> impl Iterator<Item = i64> {
    let (first, last) = range.split_once("..").unwrap();
    first.parse().unwrap()..=last.parse().unwrap()
}

const UNFOLLOW: &str = "update subscriptions set state = 'ended', ended_by = 'web', ended_at = now()
    where follower_account_id = $1";

/// What `db … F:` asks, oldest first where there are several.
const STORED: &[(&str, &str)] = &[
    (
        "copies",
        "select coalesce(string_agg(state || coalesce('(' || reason_code || ')', ''), ' ' order by id), '')
         from copy_orders where follower_account_id = $1",
    ),
    (
        "results",
        "select coalesce(string_agg(
             case when pnl is null then 'unknown' else pnl || ' at ' || trim_scale(close_price) end, ', ' order by id), '')
         from copy_orders where follower_account_id = $1",
    ),
    (
        "words",
        "select coalesce(string_agg(reason_text, ', ' order by id), '')
         from copy_orders where follower_account_id = $1",
    ),
    (
        "orphans",
        "select coalesce(string_agg(ticket::text, ' ' order by ticket), '')
         from orphans where account_id = $1 and gone_at is null",
    ),
    ("alerts", "select coalesce(string_agg(kind, ' ' order by id), '') from alerts where account_id = $1"),
    ("evidence", "select count(*)::text from evidence where account_id = $1"),
    (
        "signals",
        "select coalesce(string_agg(kind || ' ' || ticket, ', ' order by id), '')
         from signals where master_account_id = $1",
    ),
    (
        "trades",
        "select coalesce(string_agg(status || ' ' || coalesce(pnl::text, '-'), ', ' order by id), '')
         from trades where account_id = $1",
    ),
    ("open trades", "select count(*)::text from trades where account_id = $1 and status = 'open'"),
    (
        "specs",
        "select coalesce(string_agg(symbol || ' ' || trim_scale(contract_size) || ' ' || digits, ', ' order by symbol), '')
         from symbol_specs where account_id = $1",
    ),
    (
        "prices",
        "select coalesce(string_agg(chart_symbol || ' ' || trim_scale(bid) || ' ' || trim_scale(ask), ', '), '')
         from prices where account_id = $1",
    ),
    ("partner", "select coalesce(partner_account_id::text, '') from masters where account_id = $1"),
];
