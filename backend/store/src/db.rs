//! Pool, transactions and the context that row-level security reads.

use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::QueueMode;
use diesel::connection::TransactionManagerStatus;
use diesel::{ConnectionError, ConnectionResult, sql_query};
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{
    AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection, TransactionManager,
};
use flotilla_domain::id::{OwnerId, UserId};
use futures_util::FutureExt as _;
use futures_util::future::join;
use tokio::time::Instant;

use crate::error::{StoreError, StoreResult};

/// An open transaction. Queries take it by mutable reference.
pub type Tx = AsyncPgConnection;

/// Whoever is held up in a transaction must not hold up whoever waits for its rows, or takes its place.
const ENDED_WHEN_IDLE: &str = "set idle_in_transaction_session_timeout = '10s'";
const PLANNED_ONCE: &str =
    "set plan_cache_mode = force_generic_plan; set idle_in_transaction_session_timeout = '10s'";
const READ_ONLY: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/// A server that is not heard of for so long is gone.
const UNHEARD: Duration = Duration::from_secs(10);
/// Whether it is there is asked this often while nothing else is said.
const ASKED_EVERY: Duration = Duration::from_secs(5);

/// A connection that ends when its server is gone without a word.
pub(crate) async fn connected(url: &str) -> ConnectionResult<AsyncPgConnection> {
    let mut config: tokio_postgres::Config = url
        .parse()
        .map_err(|error: tokio_postgres::Error| ConnectionError::InvalidConnectionUrl(error.to_string()))?;
    config.tcp_user_timeout(UNHEARD).keepalives_idle(ASKED_EVERY).keepalives_interval(ASKED_EVERY);
    let (client, connection) = config
        .connect(tokio_postgres::NoTls)
        .await
        .map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
    AsyncPgConnection::try_from_client_and_connection(client, connection).await
}

async fn set_up(url: String, setup: &'static str) -> ConnectionResult<AsyncPgConnection> {
    let mut connection = connected(&url).await?;
    connection.batch_execute(setup).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

/// Waits for rows that others hold no longer than this, until the transaction ends. Then it has failed, and may be tried
/// again.
///
/// For work that others wait for: whoever holds such a row may have been cut off.
pub(crate) async fn wait_briefly(tx: &mut Tx) -> StoreResult<()> {
    sql_query("select set_config('lock_timeout', '2s', true)").execute(tx).await?;
    Ok(())
}

/// Whose rows a transaction sees, and who is acting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// Tenant of the rows.
    pub owner: OwnerId,
    /// The user acting. Differs from the owner when a viewer reads, and when a stranger
    /// does through a link, which then acts itself.
    pub actor: UserId,
}

impl Scope {
    /// A user acting on his own rows.
    #[must_use]
    pub fn own(user: UserId) -> Self {
        Self { owner: user.into(), actor: user }
    }
}

/// An async function whose future may move between threads. Written by hand
/// because a bound on the future of an `AsyncFnOnce` cannot be named yet.
pub trait AsyncFunc<T, R>: AsyncFnOnce(T) -> R + FnOnce(T) -> <Self as AsyncFunc<T, R>>::Fut {
    /// The future it returns.
    type Fut: Future<Output = R>;
}

impl<F, T, Fut, R> AsyncFunc<T, R> for F
where
    F: AsyncFnOnce(T) -> R + FnOnce(T) -> Fut,
    Fut: Future<Output = R>,
{
    type Fut = Fut;
}

/// How much of a pool is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// Connections that are open.
    pub open: usize,
    /// Callers that wait for one.
    pub waiting: usize,
}

/// Connections of one database role.
#[derive(Clone)]
pub struct Db {
    pool: Pool<AsyncPgConnection>,
}

impl Db {
    /// Prepares a pool of up to `size` connections; none is opened yet. A
    /// transaction in which nothing happens for ten seconds is ended by the
    /// server, so that nobody waits for who was cut off in one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Pool`] when the pool cannot be built.
    pub fn connect(url: &str, size: usize) -> StoreResult<Self> {
        Self::pooled(url, size, ENDED_WHEN_IDLE)
    }

    /// As [`Self::connect`], for the worker: each of its statements is planned
    /// once a connection, whatever its values are.
    ///
    /// PostgreSQL would plan the statement of an entry anew each time, because
    /// plans for known values look cheaper to it. They are not: planning takes
    /// 4 to 9 ms of an entry, as long as copying it to 100 followers.
    ///
    /// # Errors
    ///
    /// [`StoreError::Pool`] when the pool cannot be built.
    pub fn connect_worker(url: &str, size: usize) -> StoreResult<Self> {
        Self::pooled(url, size, PLANNED_ONCE)
    }

    fn pooled(url: &str, size: usize, setup: &'static str) -> StoreResult<Self> {
        let mut config: ManagerConfig<AsyncPgConnection> = ManagerConfig::default();
        config.custom_setup = Box::new(move |url| set_up(url.to_owned(), setup).boxed());
        config.recycling_method = RecyclingMethod::Fast;
        let manager = AsyncDieselConnectionManager::new_with_config(url, config);
        let pool = Pool::builder(manager)
            .max_size(size)
            // A statement is planned once a connection, so the one used last is the fastest.
            .queue_mode(QueueMode::Lifo)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(Duration::from_secs(5)))
            .create_timeout(Some(Duration::from_secs(5)))
            .build()
            .map_err(|error| StoreError::Pool(error.to_string()))?;
        Ok(Self { pool })
    }

    /// Runs `work` in a transaction that may write rows of `scope.owner`.
    ///
    /// Commits when `work` succeeds and rolls back when it fails. When the
    /// future is dropped half-way the connection is discarded, not reused.
    ///
    /// # Errors
    ///
    /// Whatever `work` fails with, or a failure to begin or commit.
    pub async fn write<T, E, F>(&self, scope: Scope, work: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'c> AsyncFunc<&'c mut Tx, Result<T, E>, Fut: Send>,
    {
        self.transaction(&begin("BEGIN", scope), work).await
    }

    /// Runs `work` in a read-only transaction that sees rows of `scope.owner`
    /// as they were at one moment.
    ///
    /// # Errors
    ///
    /// Whatever `work` fails with, or a failure to begin.
    pub async fn read<T, E, F>(&self, scope: Scope, work: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'c> AsyncFunc<&'c mut Tx, Result<T, E>, Fut: Send>,
    {
        self.transaction(&begin(READ_ONLY, scope), work).await
    }

    /// As [`Self::read`], for `work` whose first statement needs no answer of the beginning: both travel in one round
    /// trip. What `work` asks together, through its shared reference, travels together as well.
    ///
    /// The server takes messages in the order in which they were sent, so that nothing of `work` runs before owner and
    /// actor are named; what it found counts only if that succeeded.
    ///
    /// # Errors
    ///
    /// A failure to begin, or else whatever `work` fails with.
    pub async fn read_at_once<T, E, F>(&self, scope: Scope, work: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'c> AsyncFunc<&'c Tx, Result<T, E>, Fut: Send>,
    {
        let mut connection = self.connection().await?;
        let _measured = Measured(Instant::now());
        let tracked: &mut Tx = &mut connection;
        // Nobody counts this transaction: until its end is heard of, the pool is to take the connection for broken.
        AnsiTransactionManager::transaction_manager_status_mut(tracked).set_in_error();
        let tx: &Tx = tracked;
        let beginning = begin(READ_ONLY, scope);
        // `join` polls the first one first, which sends it; `work` is not even called before.
        let (begun, found) = join(tell(tx, &beginning), async { work(tx).await }).await;
        begun?;
        // Rolls back what has failed.
        let ended = tell(tx, "COMMIT").await;
        if ended.is_ok() {
            *AnsiTransactionManager::transaction_manager_status_mut(tracked) =
                TransactionManagerStatus::default();
        }
        let found = found?;
        ended?;
        Ok(found)
    }

    /// Runs `work` in a transaction without an owner: for look-ups by exact
    /// key before an owner is known, and for the worker, whose role has
    /// policies of its own.
    ///
    /// # Errors
    ///
    /// Whatever `work` fails with, or a failure to begin or commit.
    pub async fn open<T, E, F>(&self, work: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'c> AsyncFunc<&'c mut Tx, Result<T, E>, Fut: Send>,
    {
        self.transaction("BEGIN", work).await
    }

    /// Whether the database answers.
    pub async fn answers(&self) -> bool {
        let asked = self.open(async |tx| Ok::<_, StoreError>(sql_query("select 1").execute(tx).await?)).await;
        asked.is_ok()
    }

    async fn transaction<T, E, F>(&self, begin: &str, work: F) -> Result<T, E>
    where
        E: From<StoreError>,
        F: for<'c> AsyncFunc<&'c mut Tx, Result<T, E>, Fut: Send>,
    {
        let mut connection = self.connection().await?;
        let _measured = Measured(Instant::now());
        let tx: &mut Tx = &mut connection;
        AnsiTransactionManager::begin_transaction_sql(tx, begin).await.map_err(StoreError::from)?;
        match work(tx).await {
            Ok(value) => {
                AnsiTransactionManager::commit_transaction(tx).await.map_err(StoreError::from)?;
                Ok(value)
            }
            Err(error) => {
                // A failed roll-back marks the connection broken, so it is not
                // reused; the caller wants the first error.
                let _ = AnsiTransactionManager::rollback_transaction(tx).await;
                Err(error)
            }
        }
    }

    async fn connection(&self) -> StoreResult<Object<AsyncPgConnection>> {
        let asked = Instant::now();
        let connection = self.pool.get().await.map_err(|error| StoreError::Pool(error.to_string()));
        metrics::histogram!("flotilla_db_pool_wait_seconds").record(asked.elapsed());
        connection
    }

    /// How much of the pool is in use.
    #[must_use]
    pub fn pool_use(&self) -> PoolUse {
        let status = self.pool.status();
        PoolUse { open: status.size, waiting: status.waiting }
    }
}

/// Records how long a transaction took, however it ended.
struct Measured(Instant);

impl Drop for Measured {
    fn drop(&mut self) {
        metrics::histogram!("flotilla_db_transaction_seconds").record(self.0.elapsed());
    }
}

/// Sends `message` as soon as it is polled.
async fn tell(mut tx: &Tx, message: &str) -> StoreResult<()> {
    Ok(SimpleAsyncConnection::batch_execute(&mut tx, message).await?)
}

/// Beginning and context travel in one message: one round trip instead of two. `SET LOCAL` is what `set_config` does
/// with its last argument true, without planning and running a query for it. The identifiers are typed, so they are safe
/// to format.
fn begin(how: &str, scope: Scope) -> String {
    format!(
        "{how}; SET LOCAL flotilla.owner = '{}'; SET LOCAL flotilla.actor = '{}'",
        scope.owner, scope.actor
    )
}
