use tokio_postgres::Client;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::{Person, TestApp};

/// Rows that only a worker writes, written by the superuser.
pub struct Rows {
    client: Client,
    owner: String,
}

impl Rows {
    pub async fn of(app: &TestApp, owner: &Person<'_>) -> Self {
        Self { client: app.db.admin().await, owner: owner.id.clone() }
    }

    /// A copy in a state, which may be any but `planned`.
    pub async fn copy(&self, master: &str, follower: &str, state: &str) -> Uuid {
        self.insert(COPY, &[&self.owner, &master, &follower, &state]).await
    }

    /// A step of a copy, with the line that proves it.
    pub async fn step(&self, copy: Uuid, (from, to): (&str, &str), line: &str) {
        self.client.execute(STEP, &[&self.owner, &copy.to_string(), &from, &to, &line]).await.unwrap();
    }

    /// A trade entered `minutes` ago; closed ones leave one minute after they entered.
    pub async fn trade(&self, account: &str, symbol: &str, minutes: i32, pnl: Option<i64>) -> Uuid {
        self.insert(TRADE, &[&self.owner, &account, &symbol, &minutes, &pnl]).await
    }

    /// An open copy with its row of the journal, entered at the master's price of 2030.50.
    pub async fn copied(&self, master: &str, follower: &str) -> Uuid {
        let copy = self.copy(master, follower, "open").await;
        self.client.execute(COPIED, &[&self.owner, &follower, &copy.to_string()]).await.unwrap();
        copy
    }

    /// An open trade of 0.10 lots, bought at 2030.50.
    pub async fn bought(&self, account: &str, symbol: &str) -> Uuid {
        let trade = self.trade(account, symbol, 5, None).await;
        let sql = "update trades set entry_price = 2030.50 where id = $1::text::uuid";
        self.client.execute(sql, &[&trade.to_string()]).await.unwrap();
        trade
    }

    /// A trade of 0.10 lots, bought at 2030.50 and sold again, as its terminal reported it.
    pub async fn sold(&self, account: &str, symbol: &str, exit: &str, profit: &str) {
        let trade = self.bought(account, symbol).await;
        self.client.execute(SOLD, &[&trade.to_string(), &exit, &profit]).await.unwrap();
    }

    /// What a chart showed `age_s` seconds ago, under the name it has in signals.
    pub async fn price(&self, account: &str, symbol: &str, (bid, ask): (&str, &str), age_s: i32) {
        self.client.execute(PRICE, &[&account, &symbol, &bid, &ask, &age_s]).await.unwrap();
    }

    /// Units per lot.
    pub async fn contract_size(&self, account: &str, symbol: &str, size: &str) {
        self.client.execute(SPEC, &[&account, &symbol, &size]).await.unwrap();
    }

    /// A subscription, as the worker writes it.
    pub async fn follows(&self, follower: &str, master: &str) {
        self.client.execute(FOLLOWS, &[&self.owner, &follower, &master]).await.unwrap();
    }

    /// An unread alert.
    pub async fn alert(&self, kind: &str) -> Uuid {
        self.insert(ALERT, &[&self.owner, &kind]).await
    }

    /// A signal of a master.
    pub async fn signal(&self, master: &str, ticket: i64) -> Uuid {
        self.insert(SIGNAL, &[&self.owner, &master, &ticket]).await
    }

    /// What a worker would write about a follower of another owner.
    pub async fn foreign_follower(&self, master: &str, open_copies: i32) {
        self.client.execute(FOLLOWER, &[&self.owner, &master, &open_copies]).await.unwrap();
    }

    /// A grant to read this owner's rows.
    pub async fn grant(&self, viewer: &Person<'_>) {
        let sql = "insert into viewer_grants (owner_id, viewer_id) values ($1::text::uuid, $2::text::uuid)";
        self.client.execute(sql, &[&self.owner, &viewer.id]).await.unwrap();
    }

    async fn insert(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Uuid {
        let id: String = self.client.query_one(sql, values).await.unwrap().get(0);
        id.parse().unwrap()
    }
}

const COPY: &str = "
    insert into copy_orders (signal_id, owner_id, master_account_id, follower_account_id, state, symbol, side,
        master_ticket, master_lots, master_price, desired_lots, open_lots, expires_at, claim_epoch, claimed_at, sent_us, ack_us)
    values (uuid_v7(), $1::text::uuid, $2::text::uuid, $3::text::uuid, $4, 'XAUUSD', 'BUY', 9007199254740993, 0.20, 2030.50, 0.10, 0.10, now(), 1, now(), 1500, 250000)
    returning copy_id::text";

const STEP: &str = "
    with said as (
        insert into evidence (owner_id, account_id, session_epoch, line) values ($1::text::uuid, $2::text::uuid, 1, $5) returning id)
    insert into copy_events (owner_id, copy_id, from_state, to_state, cause, evidence_id)
    select $1::text::uuid, $2::text::uuid, $3, $4, 'ack_open', id from said";

const TRADE: &str = "
    insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_at, exit_at, pnl, status,
        external_id)
    values ($1::text::uuid, $2::text::uuid, 'ea', $3, 'LONG', 0.10, now() - make_interval(mins => $4),
        case when $5::bigint is null then null else now() - make_interval(mins => $4 - 1) end, $5::bigint::numeric / 100,
        case when $5::bigint is null then 'open' else 'closed' end, gen_random_uuid()::text)
    returning id::text";

const SOLD: &str = "
    update trades set status = 'closed', exit_price = $2::text::numeric, pnl = $3::text::numeric, pnl_source = 'broker',
        exit_at = now(), updated_at = now()
    where id = $1::text::uuid";

const ALERT: &str = "
    insert into alerts (owner_id, kind, severity, dedupe_key) values ($1::text::uuid, $2, 'critical', $2)
    returning id::text";

const SIGNAL: &str = "
    insert into signals (owner_id, master_account_id, ticket, kind, part, symbol, side, lots, price, line_hash,
        session_epoch, copies)
    values ($1::text::uuid, $2::text::uuid, $3, 'open', 0, 'XAUUSD', 'BUY', 0.20, 2030.50, '\\x00', 1, '{\"open\": 2}')
    returning id::text";

const FOLLOWER: &str = "
    insert into master_followers (subscription_id, owner_id, master_account_id, name, state, online, open_copies,
        lag_p50_us, lag_p99_us, lag_copies)
    values (uuid_v7(), $1::text::uuid, $2::text::uuid, 'Follower KMQX', 'active', true, $3, 42500, 118000, 64)";

const COPIED: &str = "
    insert into trades (owner_id, account_id, source, symbol, direction, quantity, entry_at, status, copy_id)
    values ($1::text::uuid, $2::text::uuid, 'copy', 'XAUUSD', 'LONG', 0.10, now(), 'open', $3::text::uuid)";

const PRICE: &str = "
    insert into prices (account_id, owner_id, chart_symbol, signal_symbol, bid, ask, at, changed_at)
    select id, owner_id, $2 || '.m', $2, $3::text::numeric, $4::text::numeric, now() - make_interval(secs => $5::int),
        now() - make_interval(secs => $5::int)
    from accounts where id = $1::text::uuid
    on conflict (account_id, chart_symbol) do update set bid = excluded.bid, ask = excluded.ask, at = excluded.at,
        changed_at = excluded.changed_at";

const SPEC: &str = "
    insert into symbol_specs (account_id, owner_id, symbol, contract_size, digits)
    select id, owner_id, $2, $3::text::numeric, 2 from accounts where id = $1::text::uuid";

const FOLLOWS: &str = "
    insert into subscriptions (owner_id, follower_account_id, master_account_id, master_name, source)
    values ($1::text::uuid, $2::text::uuid, $3::text::uuid, 'gold', 'wire')";
