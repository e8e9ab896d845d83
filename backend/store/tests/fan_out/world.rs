//! A master whose followers are planned for.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use flotilla_domain::copy::coins::Unfit;
use flotilla_domain::copy::mapping::Suffix;
use flotilla_domain::copy::sizing::Purse;
use flotilla_domain::id::{AccountId, CopyId, NodeId, OwnerId, SignalId};
use flotilla_domain::lots::Lots;
use flotilla_domain::side::Side;
use flotilla_domain::signal::{OpenSignal, SignalKind};
use flotilla_domain::ticket::Ticket;
use flotilla_store::copy_orders::halts;
use flotilla_store::signals::{self, Accepted, FanOut, Origin};
use flotilla_store::{Db, StoreError};
use flotilla_testkit::db::TestDb;
use rust_decimal::Decimal;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::generator::{Follower, GROUPS, Happens, Presence, Sight};

/// More followers than any test has.
const ALL: i64 = 100_000;

pub struct World {
    _db: TestDb,
    pub sql: Client,
    pub store: Db,
    pub owner: Uuid,
    /// Owns the followers that are not the master's owner's.
    pub stranger: Uuid,
    pub master: Uuid,
    pub node: Uuid,
    /// Of owner and stranger, as in [`GROUPS`].
    groups: [Vec<Uuid>; 2],
}

/// A reason and what it is about.
pub type Reason = (String, Option<String>);

/// What a row of a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub state: String,
    pub symbol: String,
    pub side: String,
    pub stop_loss: Option<Decimal>,
    pub take_profit: Option<Decimal>,
    pub lots: Decimal,
    pub reason: Option<String>,
    pub text: Option<String>,
}

impl World {
    pub async fn new() -> Self {
        let db = TestDb::new().await;
        let [owner, stranger, master, node] = [(); 4].map(|()| Uuid::new_v4());
        let sql = db.admin().await;
        sql.batch_execute(&format!(
            "insert into users (id, email, name, password_hash)
                values ('{owner}', 'ada@example.com', 'Ada', ''), ('{stranger}', 'eve@example.com', 'Eve', '');
             insert into accounts (id, owner_id, name, platform, copy_role)
                values ('{master}', '{owner}', 'lead', 'mt5', 'master');
             insert into masters (account_id, owner_id, name, token) values ('{master}', '{owner}', 'lead', 'MST-1')"
        ))
        .await
        .unwrap();
        let store = Db::connect(&db.worker_url, 2).unwrap();
        let groups = [owner, stranger].map(|_| GROUPS.map(|_| Uuid::new_v4()).to_vec());
        let world = Self { _db: db, sql, store, owner, stranger, master, node, groups };
        world.sql.batch_execute(&world.insert_groups()).await.unwrap();
        world
    }

    fn insert_groups(&self) -> String {
        let mut script = String::new();
        for (owner, groups) in [self.owner, self.stranger].iter().zip(&self.groups) {
            let blind = Uuid::new_v4();
            write!(
                script,
                "insert into accounts (id, owner_id, name, platform, copy_role)
                 values ('{blind}', '{owner}', '{BLIND}', 'mt5', 'follower');"
            )
            .unwrap();
            for (id, (place, (name, happens))) in groups.iter().zip(GROUPS.iter().enumerate()) {
                write!(
                    script,
                    "insert into groups (id, owner_id, name) values ('{id}', '{owner}', '{name}');"
                )
                .unwrap();
                let since = format!("now() + interval '{place} s'");
                let guard = |status: &str, action: &str| {
                    format!(
                        "insert into guards (owner_id, group_id, status, action)
                         values ('{owner}', '{id}', {status}, {action});"
                    )
                };
                let happening = match happens {
                    Happens::Nothing => String::new(),
                    Happens::Stopped => format!(
                        "insert into stops (owner_id, group_id, actor_id, created_at)
                         values ('{owner}', '{id}', '{owner}', {since});"
                    ),
                    Happens::Tripped => {
                        guard("null", "null") + &trip((*owner, "group", *id), &trip_title(name), &since)
                    }
                    Happens::Blind => {
                        guard("'critical'", "'stop_new'")
                            + &format!(
                                "insert into group_accounts (group_id, account_id, owner_id)
                                 values ('{id}', '{blind}', '{owner}');"
                            )
                    }
                    Happens::Guarded => guard("'violated'", "'close_all'"),
                    Happens::Told => guard("'caution'", "'notify'"),
                };
                script.push_str(&happening);
            }
        }
        script
    }

    /// Puts an account into groups of its owner.
    fn group(&self, account: Uuid, is_own: bool, places: &[usize]) -> String {
        let (owner, groups) =
            if is_own { (self.owner, &self.groups[0]) } else { (self.stranger, &self.groups[1]) };
        let row = |place: &usize| {
            let group = groups.get(*place).expect("a group of the world");
            format!(
                "insert into group_accounts (group_id, account_id, owner_id)
                 values ('{group}', '{account}', '{owner}');"
            )
        };
        places.iter().map(row).collect()
    }

    /// Says what is known of where an account of the owner's stands.
    pub async fn set_sight(&self, account: Uuid, sight: Sight) {
        self.sql.batch_execute(&seen(self.owner, account, sight)).await.unwrap();
    }

    /// Puts the master into groups.
    pub async fn group_master(&self, places: &[usize]) {
        self.sql.batch_execute(&self.group(self.master, true, places)).await.unwrap();
    }

    /// From now on the master trades at an exchange.
    pub async fn lead_at_exchange(&self) {
        let sql = format!("update accounts set platform = 'bingx' where id = '{}'", self.master);
        self.sql.batch_execute(&sql).await.unwrap();
    }

    /// Gives the master a guard of its own, which sees too little of it.
    pub async fn blind_master(&self) {
        let (owner, master) = (self.owner, self.master);
        let sql = format!(
            "insert into guards (owner_id, account_id, status, action) values ('{owner}', '{master}', 'critical', 'stop_new');
             update risk_states set sees_until = now() - interval '1 second' where account_id = '{master}'"
        );
        self.sql.batch_execute(&sql).await.unwrap();
    }

    /// The master's own guard stops it; returns how that is named.
    pub async fn trip_master(&self) -> String {
        let title = "lead, total".to_owned();
        let script = trip((self.owner, "account", self.master), &title, "now()");
        self.sql.batch_execute(&script).await.unwrap();
        title
    }

    /// Adds followers, those without an id under new ones; returns the ids.
    pub async fn add(&self, followers: &[Follower]) -> Vec<Uuid> {
        let mut accounts = Vec::new();
        for followers in followers.chunks(200) {
            let mut script = String::new();
            for follower in followers {
                let account = if follower.account.is_nil() { Uuid::new_v4() } else { follower.account };
                accounts.push(account);
                script.push_str(&self.insert(account, follower));
            }
            self.sql.batch_execute(&format!("begin; {script} commit")).await.unwrap();
        }
        accounts
    }

    fn insert(&self, account: Uuid, follower: &Follower) -> String {
        let master = self.master;
        let owner = if follower.is_own { self.owner } else { self.stranger };
        let mut script = format!(
            "insert into accounts (id, owner_id, name, platform, copy_role, is_active)
                values ('{account}', '{owner}', 'copy', 'mt5', 'follower', {});
             insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source, state,
                sizing, sizing_value, min_lots, max_lots, lot_step, copy_sl_tp, max_age_s, sides, reverse, symbol_map,
                strip_suffix, add_suffix, allow_symbols, deny_symbols, max_open_copies, valid_from)
             values ('{owner}', '{account}', '{master}', 'lead', 'web', '{}', {}, now() - interval '1 hour');",
            follower.is_active,
            follower.state,
            columns(follower),
        );
        script.push_str(&self.session(owner, account, follower.presence));
        if follower.is_at_venue {
            write!(script, "update sessions set venue = 'bingx' where account_id = '{account}';").unwrap();
        }
        script.push_str(&self.group(account, follower.is_own, &follower.groups));
        if let Some(own) = &follower.own {
            script.push_str(&figures(owner, account, own));
        }
        for (symbol, size) in &follower.contract_sizes {
            write!(
                script,
                "insert into symbol_specs (account_id, owner_id, symbol, contract_size, digits)
                 values ('{account}', '{owner}', '{symbol}', {size}, 2);"
            )
            .unwrap();
        }
        script.push_str(&seen(owner, account, follower.sight));
        if follower.is_guarded {
            write!(
                script,
                "insert into guards (owner_id, account_id, status, action)
                 values ('{owner}', '{account}', 'critical', 'close_all');"
            )
            .unwrap();
        }
        if follower.is_tripped {
            let since = "now() - interval '1 hour'";
            script.push_str(&trip((owner, "account", account), "copy, total", since));
        }
        if follower.is_stopped {
            write!(
                script,
                "insert into stops (owner_id, account_id, actor_id) values ('{owner}', '{account}', '{owner}');"
            )
            .unwrap();
        }
        // Some that count, in every such state, and some that do not.
        let states = ["open", "closing", "unconfirmed", "attention"].into_iter().cycle();
        let held = states.take(usize::try_from(follower.open_copies).unwrap()).chain(["closed", "failed"]);
        for state in held {
            script.push_str(&self.copy(owner, account, state));
        }
        script
    }

    fn session(&self, owner: Uuid, account: Uuid, presence: Presence) -> String {
        let session = |node: Uuid, sockets: i32, left: &str| {
            format!(
                "insert into sessions (account_id, owner_id, epoch, node_id, sockets, disconnected_at)
                 values ('{account}', '{owner}', 3, '{node}', {sockets}, {left});"
            )
        };
        match presence {
            Presence::Here => session(self.node, 1, "null"),
            Presence::Elsewhere => session(Uuid::new_v4(), 1, "null"),
            Presence::JustLeft => session(self.node, 0, "now()"),
            Presence::Away => session(self.node, 0, "now() - interval '1 hour'"),
            Presence::Never => String::new(),
        }
    }

    fn copy(&self, owner: Uuid, account: Uuid, state: &str) -> String {
        format!(
            "insert into copy_orders (signal_id, owner_id, follower_account_id, master_account_id, state, symbol,
                side, master_ticket, master_lots, master_price, desired_lots, expires_at)
             values (uuid_v7(), '{owner}', '{account}', '{}', '{state}', 'XAUUSD', 'BUY', 77, 1, 1, 1, now());",
            self.master
        )
    }

    pub async fn save_figures(&self, account: Uuid, purse: &Purse) {
        self.sql.batch_execute(&figures(self.owner, account, purse)).await.unwrap();
    }

    /// The copies of a trade, by follower.
    pub async fn stored(&self, ticket: i64) -> BTreeMap<Uuid, Stored> {
        let rows = self
            .sql
            .query(
                "select follower_account_id::text, state, symbol, side, stop_loss::text, take_profit::text,
                    desired_lots::text, reason_code, reason_text
                 from copy_orders where master_account_id = $1::text::uuid and master_ticket = $2",
                &[&self.master.to_string(), &ticket],
            )
            .await
            .unwrap();
        let number = |text: Option<String>| text.map(|text| text.parse::<Decimal>().unwrap().normalize());
        rows.iter()
            .map(|row| {
                let stored = Stored {
                    state: row.get(1),
                    symbol: row.get(2),
                    side: row.get(3),
                    stop_loss: number(row.get(4)),
                    take_profit: number(row.get(5)),
                    lots: number(row.get(6)).unwrap(),
                    reason: row.get(7),
                    text: row.get(8),
                };
                (row.get::<_, String>(0).parse().unwrap(), stored)
            })
            .collect()
    }

    /// What holds followers back now, of as many copies of a trade.
    pub async fn halts(&self, ticket: i64, limit: i64) -> Vec<(Uuid, Option<Reason>)> {
        let rows = self
            .sql
            .query(
                "select copy_id::text, follower_account_id::text from copy_orders
                 where master_account_id = $1::text::uuid and master_ticket = $2 order by copy_id limit $3",
                &[&self.master.to_string(), &ticket, &limit],
            )
            .await
            .unwrap();
        let id = |text: &str| text.parse::<Uuid>().unwrap();
        let copies: Vec<(CopyId, Uuid)> =
            rows.iter().map(|row| (CopyId::from_uuid(id(row.get(0))), id(row.get(1)))).collect();
        let ids: Vec<CopyId> = copies.iter().map(|(copy, _)| *copy).collect();
        let mut halts = self.store.open(async |tx| halts::list(tx, &ids).await).await.unwrap();
        let words = |words: String| (!words.is_empty()).then_some(words);
        let halt = |halt: Unfit| (halt.reason.to_string(), words(halt.words));
        copies.into_iter().map(|(copy, account)| (account, halts.remove(&copy).map(halt))).collect()
    }

    /// A count of the statistics, once they are written.
    pub async fn settled_count(&self, query: &str) -> i64 {
        let mut last = -1;
        loop {
            self.sql.batch_execute("select pg_stat_force_next_flush()").await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
            let count: i64 = self.sql.query_one(query, &[]).await.unwrap().get(0);
            if count == last {
                return count;
            }
            last = count;
        }
    }

    /// A buy of gold without stops.
    pub fn order(ticket: i64, lots: Lots) -> OpenSignal {
        OpenSignal {
            side: Side::Buy,
            symbol: "XAUUSD".parse().unwrap(),
            price: "2030.50".parse().unwrap(),
            lots,
            stop_loss: None,
            take_profit: None,
            ticket: Ticket::new(ticket).unwrap(),
        }
    }

    pub async fn accept(&self, ticket: i64, lots: Lots, chunk: i64) -> Accepted {
        self.try_accept(&Self::order(ticket, lots), chunk).await.unwrap()
    }

    pub async fn try_accept(&self, order: &OpenSignal, chunk: i64) -> Result<Accepted, StoreError> {
        self.accept_page(order, chunk, ALL).await
    }

    pub async fn accept_page(
        &self,
        order: &OpenSignal,
        chunk: i64,
        page: i64,
    ) -> Result<Accepted, StoreError> {
        let origin = Origin {
            signal_id: SignalId::from_uuid(Uuid::now_v7()),
            master_id: AccountId::from_uuid(self.master),
            owner_id: OwnerId::from_uuid(self.owner),
            epoch: 1,
            line_hash: [0; 32],
            age_us: 1_000,
        };
        let fan_out = FanOut { node: NodeId::from_uuid(self.node), chunk, page, is_copied: true };
        self.store
            .open(async |tx| signals::accept(tx, &origin, order, (SignalKind::Open, 0), fan_out).await)
            .await
    }
}

/// The account that guards of a group see too little of; before all other names.
pub const BLIND: &str = "blind";

/// How the trip of a group's guard is named.
pub fn trip_title(group: &str) -> String {
    format!("{group}: copy, total")
}

/// A guard of this place stopped copying.
fn trip((owner, scope, id): (Uuid, &str, Uuid), title: &str, since: &str) -> String {
    let guarded = if scope == "group" { "group_id" } else { "guarded_id" };
    format!(
        "with t as (
            insert into guard_trips (owner_id, guard_id, {guarded}, scope_name, account_id, account_name, status,
                action, title)
            values ('{owner}', uuid_v7(), '{id}', '', '{id}', '', 'critical', 'close_all', '{title}') returning id)
         insert into stops (owner_id, {scope}_id, trip_id, created_at) select '{owner}', '{id}', id, {since} from t;"
    )
}

fn seen(owner: Uuid, account: Uuid, sight: Sight) -> String {
    let (ended, until) = match sight {
        Sight::Never => return String::new(),
        Sight::Fresh => ("null", "now() + interval '1 hour'"),
        Sight::Old => ("null", "now() - interval '1 second'"),
        Sight::Over => ("now()", "now() + interval '1 hour'"),
    };
    format!(
        "with p as (
            insert into risk_phases (owner_id, account_id, currency, starting_balance, started_at, ended_at, day_tz,
                day_reset, thresholds, rules, reason)
            values ('{owner}', '{account}', 'USD', 1, now(), {ended}, 'UTC', '00:00', '{{}}', '[]', 'bought')
            returning id)
         insert into risk_states (account_id, owner_id, phase_id, state, sees_until)
         select '{account}', '{owner}', id, '{{}}', {until} from p;"
    )
}

fn figures(owner: Uuid, account: Uuid, purse: &Purse) -> String {
    let Purse { balance, equity, currency } = purse;
    // The terminal's spelling does not matter.
    let currency = currency.to_lowercase();
    format!(
        "insert into account_figures (account_id, owner_id, balance, equity, currency)
         values ('{account}', '{owner}', {balance}, {equity}, '{currency}');"
    )
}

/// Settings as values of SQL, in the order of the insert.
fn columns(follower: &Follower) -> String {
    let settings = &follower.settings;
    let rules = &settings.symbols;
    let number = |value: Option<Decimal>| value.map_or("null".to_owned(), |value| value.to_string());
    let text = |value: Option<&str>| value.map_or("null".to_owned(), |value| format!("'{value}'"));
    let list = |names: &Option<std::collections::BTreeSet<String>>| {
        let quoted = |names: &std::collections::BTreeSet<String>| {
            format!("array['{}']", names.iter().cloned().collect::<Vec<_>>().join("','"))
        };
        names.as_ref().map_or("null".to_owned(), quoted)
    };
    let map: Vec<String> = rules.map.iter().map(|(from, to)| format!("\"{from}\": \"{to}\"")).collect();
    let map = if map.is_empty() { "null".to_owned() } else { format!("'{{{}}}'", map.join(", ")) };
    [
        text(Some(settings.sizing.as_str())),
        settings.value.to_string(),
        number(settings.min_lots),
        number(settings.max_lots),
        number(settings.lot_step),
        settings.copy_sl_tp.to_string(),
        settings.max_age_s.to_string(),
        text(Some(settings.sides.as_str())),
        settings.reverse.to_string(),
        map,
        text(rules.strip_suffix.as_ref().map(Suffix::as_str)),
        text(rules.add_suffix.as_ref().map(Suffix::as_str)),
        list(&rules.allow),
        list(&rules.deny),
        settings.max_open_copies.map_or("null".to_owned(), |most| most.to_string()),
    ]
    .join(", ")
}
