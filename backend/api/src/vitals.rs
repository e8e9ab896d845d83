//! Whether the installation can do its work, looked for once for all who ask at a time.

use std::time::Duration;

use flotilla_store::{Db, StoreError, Tx, migrate, workers};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// Anybody may ask, as often as he likes; connections are for owners.
const KEPT: Duration = Duration::from_millis(500);

/// Parts that work.
#[derive(Clone, Copy)]
pub struct Vital {
    /// The database answers.
    pub database: bool,
    /// The schema is the one of this version.
    pub migrations: bool,
    /// A worker was heard of within half a minute.
    pub worker: bool,
}

/// What was found last.
#[derive(Default)]
pub struct Vitals {
    last: Mutex<Option<(Vital, Instant)>>,
}

impl Vitals {
    /// Looks, unless somebody just did; whoever comes meanwhile waits for the same answer.
    pub async fn look(&self, db: &Db) -> Vital {
        let mut last = self.last.lock().await;
        match *last {
            Some((found, at)) if at.elapsed() < KEPT => found,
            _ => {
                let found = look(db).await;
                *last = Some((found, Instant::now()));
                found
            }
        }
    }
}

async fn look(db: &Db) -> Vital {
    let answer = db
        .open(async |tx: &mut Tx| {
            let is_current = migrate::pending(tx).await.is_ok_and(|pending| pending == 0);
            Ok::<_, StoreError>((is_current, workers::any_alive(tx).await?))
        })
        .await;
    if let Err(error) = &answer {
        tracing::warn!(%error, "the database does not answer the health check");
    }
    let (migrations, worker) = *answer.as_ref().unwrap_or(&(false, false));
    Vital { database: answer.is_ok(), migrations, worker }
}
