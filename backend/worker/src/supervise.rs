//! Starts a worker and ends it well.

use std::sync::Arc;
use std::time::Duration;

use flotilla_engine::takeover;
use flotilla_security::TlsError;
use flotilla_security::tls::{Certificate, TlsFiles};
use flotilla_store::copy_orders::settle::CopyChange;
use flotilla_store::{Db, StoreError, StoreResult, Tx, copy_orders, sessions, workers};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::duties::{Duties, watched};
use crate::ea::{listener, tls};
use crate::error::WorkerError;
use crate::failpoint::{self, Point};
use crate::gateway::Gateway;
use crate::inbox::{Inbox, replay};
use crate::mail::{self, Carrier};
use crate::settle::{self, Settler, Unsettled, change};
use crate::venue::Venues;
use crate::{
    absences, dispatch, dry_runs, figures, lease, lists, prices, project, resets, risk, sweep, venue, watch,
};

/// Claims that are put in order in one commit.
const BATCH: i64 = 1_000;
const LOOK: Duration = Duration::from_millis(20);

/// Where EAs connect.
pub struct Listeners {
    /// The plain port.
    pub plain: TcpListener,
    /// The encrypted port beside it, with its certificate.
    pub tls: Option<(TcpListener, TlsFiles)>,
}

impl From<TcpListener> for Listeners {
    fn from(plain: TcpListener) -> Self {
        Self { plain, tls: None }
    }
}

/// Runs the gateway on `listeners` until `shutdown` is cancelled.
///
/// * `db`: a pool of the worker's role, of at least four connections.
/// * What an earlier worker read and did not store is processed first.
/// * On the way out it claims nothing new and waits a while for answers. Masters
///   are heard meanwhile: what they say is stored, and sent by the next worker if
///   it is still fresh. Then connections are reset, so that masters notice.
///
/// # Errors
///
/// [`WorkerError::TakeOver`] when the state an earlier worker left cannot be
/// put in order, [`WorkerError::Tls`] when the certificate is not usable, [`WorkerError::Exchange`]
/// when the exchange cannot be called, [`WorkerError::Mail`] when no mail can leave; nothing was accepted then.
/// [`WorkerError::Duty`] when something failed without which nothing is copied or closed, and that cannot be begun anew.
pub async fn run(
    config: Config,
    db: Db,
    listeners: impl Into<Listeners>,
    shutdown: CancellationToken,
) -> Result<(), WorkerError> {
    let Listeners { plain, tls } = listeners.into();
    let address = plain.local_addr().map_err(WorkerError::Listen)?;
    let tls = tls.map(certified).transpose()?;
    let carrier = config.mail.clone().map(Carrier::new).transpose()?;
    let (gateway, unsettled) = put_in_order(config, db).await?;
    let (finished, failed) = (CancellationToken::new(), CancellationToken::new());
    let connections = TaskTracker::new();
    let settling = settle::run(Arc::clone(&gateway), unsettled, finished.clone());
    let settling = tokio::spawn(watched(settling, failed.clone()));
    let leasing = tokio::spawn(watched(lease::run(Arc::clone(&gateway), finished.clone()), failed.clone()));
    let duties = Duties::new(&gateway, failed.clone());
    begin(&gateway, &duties, (plain, tls), &connections);
    if let Some(carrier) = carrier.map(Arc::new) {
        duties.renew("mails", move |gateway| mail::run(gateway, Arc::clone(&carrier)));
    }
    tracing::info!(%address, node.id = %gateway.node, "EA gateway listens");

    await_end(&shutdown, &failed).await;
    drain(&gateway, &duties, &connections).await;
    finished.cancel();
    let _ = settling.await;
    let _ = leasing.await;
    leave(&gateway).await;
    gateway.inbox.end().await;
    if failed.is_cancelled() { Err(WorkerError::Duty) } else { Ok(()) }
}

async fn await_end(shutdown: &CancellationToken, failed: &CancellationToken) {
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = failed.cancelled() => tracing::error!("a duty of the worker failed; it ends, and the next one takes over"),
    }
}

async fn drain(gateway: &Arc<Gateway>, duties: &Duties, connections: &TaskTracker) {
    tracing::info!("EA gateway drains");
    gateway.draining.cancel();
    duties.end().await;
    await_answers(gateway).await;
    end_connections(gateway, connections).await;
    figures::write_rest(gateway).await;
    gateway.ending.cancel();
}

fn certified((listener, files): (TcpListener, TlsFiles)) -> Result<(TcpListener, Certificate), TlsError> {
    Ok((listener, Certificate::read(files)?))
}

/// Starts everything that lasts until the worker drains.
fn begin(
    gateway: &Arc<Gateway>,
    duties: &Duties,
    (plain, tls): (TcpListener, Option<(TcpListener, Certificate)>),
    connections: &TaskTracker,
) {
    duties.spawn(listener::run(Arc::clone(gateway), plain, None, connections.clone()));
    if let Some((listener, certificate)) = tls {
        let acceptor = TlsAcceptor::from(certificate.config());
        let certificate = Arc::new(certificate);
        duties.renew("certificate", move |gateway| tls::watch(gateway, Arc::clone(&certificate)));
        duties.spawn(listener::run(Arc::clone(gateway), listener, Some(acceptor), connections.clone()));
    }
    duties.spawn(sweep::run(Arc::clone(gateway)));
    duties.renew("dry runs", dry_runs::run);
    duties.renew("projections", project::run);
    duties.renew("signs of life", project::touch);
    duties.renew("prices", prices::run);
    // As long as there are connections there are figures.
    gateway.signals.spawn(figures::run(Arc::clone(gateway)));
    duties.renew("resets", resets::run);
    duties.renew("changes", watch::run);
    duties.renew("tidying", lists::tidy);
    duties.renew("absences", absences::run);
    duties.renew("risk", risk::run);
    duties.renew("histories", risk::mend);
    venue::begin(gateway, duties);
}

/// Takes the journal, then what an earlier worker left, before anybody is let in.
async fn put_in_order(config: Config, db: Db) -> Result<(Arc<Gateway>, Unsettled), WorkerError> {
    let venues = config.exchange.clone().map(Venues::new).transpose()?;
    let folder = config.journal_dir.clone();
    let (inbox, left) = Inbox::open(&folder, config.timing.take_journal)
        .await
        .map_err(|source| WorkerError::Journal { folder, source })?;
    let (settler, unsettled) = Settler::channel();
    let gateway = Gateway::new(config, db, inbox, settler, venues);
    take_over(&gateway).await.map_err(WorkerError::TakeOver)?;
    replay(&gateway, left).await.map_err(WorkerError::TakeOver)?;
    failpoint::pass(Point::Replayed);
    Ok((gateway, unsettled))
}

/// Resets every connection once what its peer has sent is read and stored.
async fn end_connections(gateway: &Gateway, connections: &TaskTracker) {
    gateway.closing.cancel();
    gateway.every_socket().for_each(|socket| socket.close.cancel());
    let ended = async {
        connections.close();
        connections.wait().await;
        gateway.signals.close();
        gateway.signals.wait().await;
    };
    if tokio::time::timeout(gateway.config.timing.drain, ended).await.is_err() {
        let lines = gateway.inbox.pending();
        tracing::warn!(lines, "not everything ended in time; the inbound journal keeps the rest");
    }
}

async fn await_answers(gateway: &Gateway) {
    let until = Instant::now() + gateway.config.timing.drain;
    let is_busy = || gateway.sending.is_busy() || !gateway.flights.is_empty();
    while is_busy() && Instant::now() < until {
        tokio::time::sleep(LOOK).await;
    }
}

/// Puts in order what earlier workers left: their sessions are over, and what
/// they claimed may have been sent, so it is never sent again.
///
/// Whoever had this worker's folder is gone. Others are where their lease has ended.
async fn take_over(gateway: &Gateway) -> StoreResult<()> {
    if let Some(earlier) = gateway.inbox.earlier {
        gateway.db.open(async |tx| workers::end_lease(tx, earlier).await).await?;
    }
    gateway.inbox.sign(gateway.node);
    lease::renew(gateway).await?;
    let sessions = end_sessions(gateway).await?;
    failpoint::pass(Point::TakingOver);
    let lost = lose_claims(gateway).await?;
    gateway.dirty.everything();
    tracing::info!(sessions, copies = lost, "state of an earlier worker put in order");
    Ok(())
}

/// Ends what workers have left behind whose lease has ended meanwhile.
pub(crate) async fn end_dead(gateway: &Gateway) -> StoreResult<()> {
    let sessions = end_sessions(gateway).await?;
    if sessions > 0 {
        let copies = lose_claims(gateway).await?;
        gateway.dirty.everything();
        tracing::warn!(sessions, copies, "another worker is gone; what it left is put in order");
    }
    Ok(())
}

async fn end_sessions(gateway: &Gateway) -> StoreResult<usize> {
    let ended = gateway.db.open(async |tx| sessions::end_others(tx, gateway.node).await).await?;
    for session in &ended {
        let account = session.account_id;
        gateway.hint(flotilla_store::changes::ChangeKind::Account, session.owner_id, account, account.uuid());
    }
    Ok(ended.len())
}

/// Moves on every claim whose session is over.
async fn lose_claims(gateway: &Gateway) -> StoreResult<usize> {
    let mut total = 0;
    loop {
        let lost = gateway.db.open(lose_claims_in).await?;
        if lost.is_empty() {
            return Ok(total);
        }
        total += lost.len();
        dispatch::tell_changes(gateway, &lost, &[]);
    }
}

async fn lose_claims_in(tx: &mut Tx) -> StoreResult<Vec<CopyChange>> {
    let claimed = copy_orders::lock_claimed_offline(tx, BATCH).await?;
    let lost: Vec<CopyChange> = claimed
        .iter()
        .filter_map(|locked| {
            let epoch = locked.order.claim_epoch?;
            takeover::lost(&locked.order, epoch).map(|edge| change(&locked.order, edge))
        })
        .collect();
    if !lost.is_empty() {
        copy_orders::settle::settle(tx, &lost).await?;
    }
    Ok(lost)
}

async fn leave(gateway: &Gateway) {
    let ended = gateway
        .db
        .open(async |tx| {
            workers::leave(tx, gateway.node).await?;
            sessions::end_own(tx, gateway.node).await
        })
        .await;
    let left = match ended {
        Ok(_) => lose_claims(gateway).await,
        Err(error) => Err::<usize, StoreError>(error),
    };
    match left {
        Ok(copies) => tracing::info!(copies, "EA gateway ended"),
        Err(error) => tracing::warn!(%error, "the next worker has to put the state in order"),
    }
}
