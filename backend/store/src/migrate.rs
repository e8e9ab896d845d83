//! Roles and embedded migrations.

use std::collections::HashSet;

use diesel::result::ConnectionError;
use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

/// Every migration of this version.
pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The server cannot be reached or refuses the log-in.
    #[error("cannot connect to the database: {0}")]
    Connect(#[from] ConnectionError),
    /// A statement failed; nothing of its migration was kept.
    #[error("database error: {0}")]
    Database(#[from] diesel::result::Error),
    /// A migration failed; nothing of it was kept.
    #[error("migration failed: {0}")]
    Migration(String),
    /// The server is too old.
    #[error("PostgreSQL {0} is too old; 15 or newer is needed")]
    ServerTooOld(String),
}

/// Passwords for the log-in roles; `None` leaves a role's password as it is.
#[derive(Clone, Copy, Default)]
pub struct RolePasswords<'a> {
    /// Of `flotilla_app`.
    pub app: Option<&'a str>,
    /// Of `flotilla_worker`.
    pub worker: Option<&'a str>,
    /// Of `flotilla_readonly`.
    pub readonly: Option<&'a str>,
}

/// Any fixed number; all processes of this program take the same lock.
pub(crate) const LOCK: i64 = 0x0F10_7111_A000_0001;

/// The tables belong to a role nobody logs in as, so that row-level security
/// binds every role that does. Writes only what is missing: the roles are the
/// whole server's, and a migration of another database would be in the way.
const ROLES: &str = "
do $$
declare
    name text;
    may boolean;
begin
    foreach name in array array['flotilla_owner', 'flotilla_app', 'flotilla_worker', 'flotilla_readonly'] loop
        if not exists (select from pg_roles where rolname = name) then
            begin
                execute format('create role %I nosuperuser nobypassrls', name);
            exception when duplicate_object or unique_violation then null;
            end;
        end if;
        if name <> 'flotilla_owner' and not (select rolcanlogin from pg_roles where rolname = name) then
            execute format('alter role %I login', name);
        end if;
    end loop;
    -- From 16 on whoever makes a role is its member without the right to act as it, and gives himself that right.
    if current_setting('server_version_num')::int >= 160000 then
        execute 'select pg_has_role(''flotilla_owner'', ''set'') and pg_has_role(''flotilla_owner'', ''usage'')' into may;
    else
        may := pg_has_role('flotilla_owner', 'member');
    end if;
    if not may then
        execute format('grant flotilla_owner to %I', current_user);
    end if;
end $$;
grant usage, create on schema public to flotilla_owner;
grant usage on schema public to flotilla_app, flotilla_worker, flotilla_readonly;
";

/// Creates missing roles and runs pending migrations, one process at a time.
///
/// * `admin_url`: a role that may create roles and owns the database.
/// * Returns the names of the migrations it ran, oldest first.
/// * Needs tokio's multi-thread runtime.
///
/// # Errors
///
/// [`MigrateError`]; what ran before the failing migration stays. A table that somebody holds for more than a few seconds
/// is a failure too: run it again.
pub async fn run(admin_url: &str, passwords: RolePasswords<'_>) -> Result<Vec<String>, MigrateError> {
    let mut connection = AsyncPgConnection::establish(admin_url).await?;
    refuse_old_server(&mut connection).await?;
    connection.batch_execute(&format!("select pg_advisory_lock({LOCK})")).await?;
    connection.batch_execute(ROLES).await?;
    for (role, password) in
        [("app", passwords.app), ("worker", passwords.worker), ("readonly", passwords.readonly)]
    {
        if let Some(password) = password {
            set_password(&mut connection, role, password).await?;
        }
    }
    // A migration that waits for a table, as for a backup that reads it, lets every later statement wait behind it.
    connection.batch_execute("set role flotilla_owner; set lock_timeout = '5s'").await?;
    let mut harness = AsyncMigrationHarness::new(connection);
    let ran = harness
        .run_pending_migrations(MIGRATIONS)
        .map_err(|error| MigrateError::Migration(error.to_string()))?;
    let ran = ran.iter().map(ToString::to_string).collect();
    harness
        .into_inner()
        .batch_execute(
            "grant select on __diesel_schema_migrations to flotilla_app, flotilla_worker, flotilla_readonly",
        )
        .await?;
    Ok(ran)
}

/// Creates missing roles and lets them into the schema, as [`run`] does first.
///
/// # Errors
///
/// [`MigrateError`] when the server is too old, or the login may not.
pub async fn make_roles(admin_url: &str) -> Result<(), MigrateError> {
    let mut connection = AsyncPgConnection::establish(admin_url).await?;
    refuse_old_server(&mut connection).await?;
    connection.batch_execute(&format!("select pg_advisory_lock({LOCK})")).await?;
    Ok(connection.batch_execute(ROLES).await?)
}

/// Roles of the servers that are connected to another database of the same PostgreSQL, as those of another installation are.
///
/// # Errors
///
/// [`MigrateError`] when the database cannot be asked.
pub async fn roles_elsewhere(admin_url: &str) -> Result<Vec<String>, MigrateError> {
    let mut connection = AsyncPgConnection::establish(admin_url).await?;
    let connected =
        "select coalesce(string_agg(distinct usename::text, ' '), '') as value from pg_stat_activity
        where datname <> current_database()
            and usename in ('flotilla_app', 'flotilla_worker', 'flotilla_readonly')";
    let names = one_text(&mut connection, connected).await?;
    Ok(names.split_whitespace().map(ToOwned::to_owned).collect())
}

/// Makes sure that an address with its login and password is good.
///
/// # Errors
///
/// [`MigrateError::Connect`] when it is not.
pub async fn reach(url: &str) -> Result<(), MigrateError> {
    AsyncPgConnection::establish(url).await?;
    Ok(())
}

async fn refuse_old_server(connection: &mut AsyncPgConnection) -> Result<(), MigrateError> {
    let version: String =
        one_text(connection, "select current_setting('server_version_num') as value").await?;
    if version.parse::<u32>().is_ok_and(|number| number >= 150_000) {
        return Ok(());
    }
    Err(MigrateError::ServerTooOld(version))
}

async fn set_password(
    connection: &mut AsyncPgConnection,
    role: &str,
    password: &str,
) -> Result<(), MigrateError> {
    let literal = password.replace('\'', "''");
    Ok(connection.batch_execute(&format!("alter role flotilla_{role} password '{literal}'")).await?)
}

#[derive(diesel::QueryableByName)]
struct OneText {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

async fn one_text(connection: &mut AsyncPgConnection, sql: &str) -> Result<String, MigrateError> {
    use diesel_async::RunQueryDsl;
    Ok(diesel::sql_query(sql).get_result::<OneText>(connection).await?.value)
}

/// Number of migrations of this version that the database lacks. Works as any
/// of the roles. Others that it has, as those of a newer version, do not make up for them.
///
/// # Errors
///
/// [`MigrateError::Database`] when the database cannot be asked.
pub async fn pending(tx: &mut AsyncPgConnection) -> Result<usize, MigrateError> {
    use diesel_async::RunQueryDsl;
    let rows: Vec<OneText> =
        diesel::sql_query("select version::text as value from __diesel_schema_migrations").load(tx).await?;
    let ran: HashSet<String> = rows.into_iter().map(|row| row.value).collect();
    Ok(known_versions()?.iter().filter(|version| !ran.contains(*version)).count())
}

/// Versions of the migrations of this version, as the database names them.
pub(crate) fn known_versions() -> Result<Vec<String>, MigrateError> {
    use diesel::migration::MigrationSource;
    let known = MigrationSource::<diesel::pg::Pg>::migrations(&MIGRATIONS)
        .map_err(|error| MigrateError::Migration(error.to_string()))?;
    Ok(known.iter().map(|one| one.name().version().to_string()).collect())
}
