//! Everything that is kept of an owner, as JSON: row by row, table by table.

use diesel::QueryableByName;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::OwnerId;

use crate::db::Tx;
use crate::error::StoreResult;

/// One table of an export.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// The table.
    pub name: &'static str,
    /// What is told of its rows: never a secret.
    columns: &'static str,
    /// The column that names the owner.
    owner: &'static str,
    paged: Paged,
    /// Rows that are read at once, if it is paged.
    pub rows: i64,
}

/// How a table is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paged {
    /// By its `id`, a UUID.
    ByUuid,
    /// By its `id`, a number.
    ByNumber,
    /// At once: it has few rows of one owner.
    AtOnce,
}

impl Paged {
    /// Before every row.
    const fn start(self) -> &'static str {
        match self {
            Self::ByUuid => "00000000-0000-0000-0000-000000000000",
            Self::ByNumber | Self::AtOnce => "0",
        }
    }
}

/// A row of an export.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct ExportedRow {
    /// Where its table is read on.
    #[diesel(sql_type = Text)]
    pub key: String,
    /// A JSON object.
    #[diesel(sql_type = Text)]
    pub body: String,
}

const fn kind(name: &'static str, paged: Paged) -> Kind {
    Kind { name, columns: "*", owner: "owner_id", paged, rows: 1_000 }
}

/// Tables of an export, in its order. Others hold what is made of these, what
/// servers remember while they work, or secrets.
pub const KINDS: &[Kind] = &[
    Kind {
        columns: "id, email, name, role, email_verified, language, time_zone, created_at, last_login_at",
        owner: "id",
        ..kind("users", Paged::AtOnce)
    },
    kind("accounts", Paged::ByUuid),
    kind("account_figures", Paged::AtOnce),
    Kind {
        columns: "account_id, name, copy_mode, partner_account_id, is_open, needs_approval",
        ..kind("masters", Paged::AtOnce)
    },
    Kind {
        columns: "account_id, environment, status, permissions, ip_restricted, uid_hint, account_type, position_mode, leverage,
            margin_asset, balance, available, last_verified_at, created_at, updated_at",
        ..kind("exchange_keys", Paged::AtOnce)
    },
    kind("groups", Paged::ByUuid),
    kind("group_accounts", Paged::AtOnce),
    kind("group_rates", Paged::AtOnce),
    kind("subscriptions", Paged::ByUuid),
    kind("trades", Paged::ByUuid),
    kind("executions", Paged::ByNumber),
    Kind {
        columns: "id, trade_id, media_type, encode(content, 'base64') as content, created_at",
        rows: 4, // of some megabytes each
        ..kind("screenshots", Paged::ByUuid)
    },
    kind("signals", Paged::ByUuid),
    kind("copy_orders", Paged::ByNumber),
    kind("copy_events", Paged::ByNumber),
    kind("evidence", Paged::ByNumber),
    kind("venue_orders", Paged::ByNumber),
    kind("venue_positions", Paged::AtOnce),
    kind("currency_rates", Paged::AtOnce),
    kind("risk_defaults", Paged::AtOnce),
    kind("risk_phases", Paged::ByUuid),
    kind("risk_day_starts", Paged::AtOnce),
    kind("risk_days", Paged::AtOnce),
    kind("risk_floor_overrides", Paged::ByUuid),
    kind("risk_cash_flows", Paged::ByUuid),
    kind("risk_violations", Paged::ByUuid),
    kind("risk_events", Paged::ByUuid),
    kind("guards", Paged::ByUuid),
    kind("guard_trips", Paged::ByUuid),
    kind("stops", Paged::ByUuid),
    kind("requests", Paged::ByUuid),
    kind("alerts", Paged::ByUuid),
    kind("alert_levels", Paged::AtOnce),
    kind("devices", Paged::AtOnce),
    kind("viewer_grants", Paged::ByUuid),
    kind("personal_keys", Paged::ByUuid),
    kind("shares", Paged::ByUuid),
    Kind {
        columns: "id, seq, at, actor_id, action, target_kind, target_id, detail",
        ..kind("audit", Paged::ByNumber)
    },
];

impl Kind {
    /// Whether there may be more rows than one page.
    #[must_use]
    pub fn is_paged(&self) -> bool {
        self.paged != Paged::AtOnce
    }

    /// Only constants of this file stand in it.
    fn query(&self) -> String {
        let Self { name, columns, owner, paged, rows: _ } = *self;
        let (key, place) = match paged {
            Paged::ByUuid => ("r.id::text", "and id > $2::uuid order by id limit $3"),
            Paged::ByNumber => ("r.id::text", "and id > $2::bigint order by id limit $3"),
            // Both values are named, for they are bound.
            Paged::AtOnce => ("''::text", "and $2::text is not null and $3::bigint is not null"),
        };
        let order = if paged == Paged::AtOnce { "" } else { " order by r.id" };
        format!(
            "select {key} as key, to_jsonb(r)::text as body
             from (select {columns} from {name} where {owner} = $1 {place}) r{order}"
        )
    }
}

/// The rows of a table behind `after`, at most so many as it says if it is a paged one.
pub async fn page(
    tx: &mut Tx,
    owner: OwnerId,
    kind: &Kind,
    after: Option<&str>,
) -> StoreResult<Vec<ExportedRow>> {
    let after = after.unwrap_or(kind.paged.start());
    Ok(sql_query(kind.query())
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<Text, _>(after)
        .bind::<BigInt, _>(kind.rows)
        .load(tx)
        .await?)
}
