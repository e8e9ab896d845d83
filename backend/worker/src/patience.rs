//! Patience with a database that does not decide.

use std::time::Duration;

use flotilla_store::StoreError;

use crate::gateway::Gateway;

const RETRY: Duration = Duration::from_millis(100);
/// After so many failures of a database that answers, it is the work that is wrong.
const FAILURES: u32 = 50;

/// Why something was not stored.
#[derive(Debug)]
pub(crate) enum GaveUp {
    /// The database will never take it.
    Refused(StoreError),
    /// The worker ends; the inbound journal keeps it for the next one.
    Ending,
}

/// Tries of one piece of work. While the database is away there is no limit.
pub(crate) struct Patience<'a> {
    gateway: &'a Gateway,
    tries: u32,
    failures: u32,
}

impl<'a> Patience<'a> {
    pub const fn new(gateway: &'a Gateway) -> Self {
        Self { gateway, tries: 0, failures: 0 }
    }

    /// Whether an earlier try may have been kept: its outcome is unknown.
    pub const fn was_tried(&self) -> bool {
        self.tries > 0
    }

    /// Waits before the next try, or gives up.
    pub async fn after(&mut self, error: StoreError) -> Result<(), GaveUp> {
        if !error.is_undecided() {
            return Err(GaveUp::Refused(error));
        }
        if !error.is_away() && self.gateway.db.answers().await {
            self.failures += 1;
        }
        if self.failures >= FAILURES {
            return Err(GaveUp::Refused(error));
        }
        if self.tries == 0 {
            tracing::warn!(%error, "the database did not decide; it is asked again");
        }
        self.tries = self.tries.saturating_add(1);
        tokio::select! {
            () = tokio::time::sleep(RETRY) => Ok(()),
            () = self.gateway.ending.cancelled() => Err(GaveUp::Ending),
        }
    }
}
