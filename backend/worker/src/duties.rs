//! Tasks that last until the worker drains, and what follows when one of them fails.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::gateway::Gateway;

/// From the failure of a task to its new beginning.
const PAUSE: Duration = Duration::from_secs(5);

/// What a worker does all the time.
pub(crate) struct Duties {
    gateway: Arc<Gateway>,
    tasks: TaskTracker,
    failed: CancellationToken,
}

impl Duties {
    /// * `failed`: cancelled when the worker cannot go on.
    pub fn new(gateway: &Arc<Gateway>, failed: CancellationToken) -> Self {
        Self { gateway: Arc::clone(gateway), tasks: TaskTracker::new(), failed }
    }

    /// Starts what copying, closing and stopping need. When it panics the worker ends: it would count as alive, and
    /// nobody would do this any more. The next one takes over.
    pub fn spawn(&self, duty: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(watched(duty, self.failed.clone()));
    }

    /// Starts what tells or tidies. When it panics it begins anew: no reason to keep anybody from trading.
    pub fn renew<F>(&self, name: &'static str, mut duty: impl FnMut(Arc<Gateway>) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (gateway, draining) = (Arc::clone(&self.gateway), self.gateway.draining.clone());
        self.tasks.spawn(renewed(name, draining, move || duty(Arc::clone(&gateway))));
    }

    /// Waits until all have ended.
    pub async fn end(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Runs a task, and cancels `failed` when it panics.
pub(crate) async fn watched(task: impl Future<Output = ()>, failed: CancellationToken) {
    // Dropped by whatever ends the task.
    let unless_done = failed.drop_guard();
    task.await;
    drop(unless_done.disarm());
}

/// Runs a task, and again after a while whenever it panics, until `draining` is cancelled.
async fn renewed<F>(name: &'static str, draining: CancellationToken, mut task: impl FnMut() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    while let Err(error) = tokio::spawn(task()).await {
        tracing::error!(%error, duty = name, "a duty of the worker failed; it begins anew");
        tokio::select! {
            () = draining.cancelled() => return,
            () = sleep(PAUSE) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn fail() {
        tokio::task::yield_now().await;
        panic!("on purpose");
    }

    #[tokio::test]
    async fn a_task_that_panics_is_told_of_and_one_that_is_done_is_not() {
        let (done, failed) = (CancellationToken::new(), CancellationToken::new());

        watched(async {}, done.clone()).await;
        let ended = tokio::spawn(watched(fail(), failed.clone())).await;

        assert!(ended.is_err() && failed.is_cancelled());
        assert!(!done.is_cancelled());
    }

    #[tokio::test]
    async fn a_task_that_begins_anew_does_not_once_the_worker_drains() {
        let draining = CancellationToken::new();
        draining.cancel();

        renewed("a test", draining, fail).await;
    }
}
