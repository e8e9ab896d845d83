//! The database as a whole, as backing up and restoring see it.

use diesel::sql_types::{Array, Bool, Nullable, Text};
use diesel::{QueryableByName, sql_query};
use diesel_async::{AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _};

use crate::migrate::{LOCK, MigrateError, known_versions};

/// What a login finds in a database.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Whole {
    /// Its newest migration; `None`: it has none of ours.
    #[diesel(sql_type = Nullable<Text>)]
    pub migration: Option<String>,
    /// Whether nothing is in the schema `public`, apart from what belongs to extensions.
    #[diesel(sql_type = Bool)]
    pub is_empty: bool,
    /// Whether row-level security does not bind the login.
    #[diesel(sql_type = Bool)]
    pub sees_all: bool,
    /// Roles of servers that are connected to it, one for each connection.
    #[diesel(sql_type = Array<Text>)]
    pub servers: Vec<String>,
    /// Its time, as in `2026-11-29T01:02:03Z`.
    #[diesel(sql_type = Text)]
    pub now: String,
}

const LOOK: &str = "
    select {MIGRATION} as migration,
        not exists (
            select from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'public' and c.relkind not in ('i', 'I') and not exists (
                select from pg_depend d
                where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')) as is_empty,
        (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) as sees_all,
        array(
            select usename::text from pg_stat_activity
            where datname = current_database()
                and usename in ('flotilla_app', 'flotilla_worker', 'flotilla_readonly')
            order by 1) as servers,
        to_char(now() at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') as now";

/// Looks at the database of a URL.
///
/// # Errors
///
/// [`MigrateError`] when it cannot be reached or asked.
pub async fn look(admin_url: &str) -> Result<Whole, MigrateError> {
    let mut connection = AsyncPgConnection::establish(admin_url).await?;
    let is_ours = "select to_regclass('public.__diesel_schema_migrations') is not null as is_ours";
    let migration = if sql_query(is_ours).get_result::<Ours>(&mut connection).await?.is_ours {
        "(select max(version)::text from public.__diesel_schema_migrations)"
    } else {
        "null::text"
    };
    Ok(sql_query(LOOK.replace("{MIGRATION}", migration)).get_result(&mut connection).await?)
}

#[derive(QueryableByName)]
struct Ours {
    #[diesel(sql_type = Bool)]
    is_ours: bool,
}

/// Whether this version has the migration.
///
/// # Errors
///
/// [`MigrateError::Migration`] when the embedded migrations cannot be read.
pub fn knows(migration: &str) -> Result<bool, MigrateError> {
    Ok(known_versions()?.iter().any(|version| version == migration))
}

/// Statements that a restoration begins with: whoever migrates waits, and what is there goes, if it shall.
/// They are followed by the backup, by [`HOLD`](crate::restored::HOLD) and by [`END`].
#[must_use]
pub fn begin(replaces: bool) -> String {
    let drop = if replaces { DROP } else { "" };
    format!("begin; select pg_advisory_xact_lock({LOCK}); {drop} {REFUSE_FULL}\n")
}

const DROP: &str = "
    drop owned by flotilla_owner cascade;
    grant usage, create on schema public to flotilla_owner;";

const REFUSE_FULL: &str = "
    do $$ begin
        if exists (
            select from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'public' and c.relkind not in ('i', 'I') and not exists (
                select from pg_depend d
                where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')) then
            raise exception 'the database is not empty';
        end if;
    end $$;";

/// Statements that a restoration ends with: a server that came meanwhile undoes it.
pub const END: &str = "
    do $$ begin
        if exists (
            select from pg_stat_activity
            where datname = current_database()
                and usename in ('flotilla_app', 'flotilla_worker', 'flotilla_readonly')) then
            raise exception 'a server connected meanwhile';
        end if;
    end $$;
    commit;\n";
