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

const SIGNAL: &str = "
    insert into signals (owner_id, master_account_id, ticket, kind, part, symbol, side, lots, price, line_hash,
        session_epoch, copies)
    values ($1::text::uuid, $2::text::uuid, $3, 'open', 0, 'XAUUSD', 'BUY', 0.20, 2030.50, '\\x00', 1, '{\"open\": 2}')
    returning id::text";

const FOLLOWER: &str = "
    insert into master_followers (subscription_id, owner_id, master_account_id, name, state, online, open_copies)
    values (uuid_v7(), $1::text::uuid, $2::text::uuid, 'Follower KMQX', 'active', true, $3)";
