//! What the tasks of a worker share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use flotilla_domain::id::{AccountId, NodeId, OwnerId};
use flotilla_store::changes::{Change, ChangeKind, Notifier};
use flotilla_store::ea_login::EaLogin;
use flotilla_store::{AsyncFunc, Db, StoreResult, Tx};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::addresses::Addresses;
use crate::config::Config;
use crate::ea::failed_logins::FailedLogins;
use crate::ea::listener::Waiting;
use crate::ea::socket::Socket;
use crate::ea::sockets::Sockets;
use crate::ea::takeovers::Takeovers;
use crate::figures::Figures;
use crate::flight::{Flights, Sending};
use crate::inbox::Inbox;
use crate::project::Dirty;
use crate::refusals::Refusals;
use crate::risk::Told;
use crate::settle::Settler;
use crate::stop_out::Episodes;
use crate::turns::Turns;
use crate::venue::Venues;
use crate::venue::paper::Paper;

/// What the tasks of a worker share.
pub(crate) struct Gateway {
    pub config: Config,
    pub db: Db,
    /// This process; another one after a restart.
    pub node: NodeId,
    /// What was read and is not stored yet.
    pub inbox: Inbox,
    /// Signals that are being stored and sent, and figures that are being stored.
    pub signals: TaskTracker,
    pub sockets: Sockets,
    /// Connections that only report; none of them is among the others.
    pub reporters: Sockets,
    pub figures: Figures,
    pub flights: Flights,
    pub sending: Sending,
    pub settler: Settler,
    pub dirty: Dirty,
    pub turns: Turns,
    /// Accounts at exchanges; `None` where EAs alone are served.
    pub venues: Option<Venues>,
    /// Accounts that are filled on paper.
    pub paper: Paper,
    pub failed_logins: FailedLogins,
    pub stop_outs: Episodes,
    pub takeovers: Takeovers,
    pub addresses: Addresses,
    pub refusals: Refusals,
    pub risk_told: Told,
    pub waiting: Waiting,
    /// Notified when the API may have asked about orders that are never sent.
    pub asked: Notify,
    /// Whether the database has been away for too long.
    pub is_cut_off: AtomicBool,
    /// Cancelled when nothing new is to be begun.
    pub draining: CancellationToken,
    /// Cancelled when connections have to end.
    pub closing: CancellationToken,
    /// Cancelled when the database is not waited for any more.
    pub ending: CancellationToken,
    conversations: Semaphore,
    notifier: Notifier,
    next_number: AtomicU64,
}

impl Gateway {
    pub fn new(config: Config, db: Db, inbox: Inbox, settler: Settler, venues: Option<Venues>) -> Arc<Self> {
        let conversations = config.limits.conversations;
        let notifier = Notifier::start(config.database_url.clone());
        Arc::new(Self {
            config,
            db,
            node: NodeId::from_uuid(Uuid::now_v7()),
            inbox,
            signals: TaskTracker::new(),
            sockets: Sockets::default(),
            reporters: Sockets::default(),
            figures: Figures::default(),
            flights: Flights::default(),
            sending: Sending::default(),
            settler,
            dirty: Dirty::default(),
            turns: Turns::default(),
            venues,
            paper: Paper::default(),
            failed_logins: FailedLogins::default(),
            stop_outs: Episodes::default(),
            takeovers: Takeovers::default(),
            addresses: Addresses::default(),
            refusals: Refusals::default(),
            risk_told: Told::default(),
            waiting: Waiting::default(),
            asked: Notify::new(),
            is_cut_off: AtomicBool::new(false),
            draining: CancellationToken::new(),
            closing: CancellationToken::new(),
            ending: CancellationToken::new(),
            conversations: Semaphore::new(conversations),
            notifier,
            next_number: AtomicU64::new(1),
        })
    }

    /// Runs a transaction that one terminal alone waits for.
    ///
    /// However many terminals come at once, as after a restart, most of the
    /// pool is never theirs: signals, answers and closes find a connection, and
    /// each terminal waits for its turn instead of failing and coming again.
    pub async fn converse<T, F>(&self, work: F) -> StoreResult<T>
    where
        F: for<'c> AsyncFunc<&'c mut Tx, StoreResult<T>, Fut: Send>,
    {
        let _turn = self.conversations.acquire().await;
        self.db.open(work).await
    }

    /// Number of a new connection.
    pub fn number(&self) -> u64 {
        self.next_number.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether connections end by a reset: the peer's next send fails then, so
    /// that it sends again what was not stored.
    pub fn resets(&self) -> bool {
        self.draining.is_cancelled() || self.is_cut_off.load(Ordering::SeqCst)
    }

    /// Every connection that has logged in.
    pub fn every_socket(&self) -> impl Iterator<Item = Arc<Socket>> {
        self.sockets.every().into_iter().chain(self.reporters.every())
    }

    /// Hints at a row that was committed.
    pub fn hint(&self, kind: ChangeKind, owner: OwnerId, account: AccountId, id: Uuid) {
        self.notifier.hint(Change { kind, owner, account, id });
    }

    /// Hints at an account whose presence, figures or follow changed.
    pub fn hint_account(&self, login: &EaLogin) {
        self.hint(ChangeKind::Account, login.owner_id, login.account_id, login.account_id.uuid());
    }
}
