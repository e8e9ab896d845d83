//! Tasks that last until the worker drains, and what follows when one of them fails.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::gateway::Gateway;

/// From the failure of a task to its new beginning; doubled each time that it fails again soon.
const PAUSE: Duration = Duration::from_secs(5);
/// The longest pause. What went well for as long counts as well.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

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

    /// Starts what cannot be begun anew, as it holds something of its own. When it panics the worker ends: it would count
    /// as alive, and nobody would do this any more. The next one takes over.
    pub fn spawn(&self, duty: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(watched(duty, self.failed.clone()));
    }

    /// Starts what finds again by itself what is to be done. When it panics it begins anew, however often: what it cannot
    /// cope with may be one row, which the next worker would find too, and all else goes on meanwhile.
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

/// Runs a task, and again after a while whenever it panics, until `draining` is cancelled. Whatever it has not put
/// elsewhere is lost then: it must find its work in the database or in the gateway.
async fn renewed<F>(name: &'static str, draining: CancellationToken, mut task: impl FnMut() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut pause = PAUSE;
    loop {
        let began = Instant::now();
        let Err(error) = tokio::spawn(task()).await else { return };
        if began.elapsed() >= LONGEST_PAUSE {
            pause = PAUSE;
        }
        tracing::error!(%error, duty = name, "a duty of the worker failed; it begins anew");
        tokio::select! {
            () = draining.cancelled() => return,
            () = sleep(pause) => {}
        }
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
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

    /// Notes when it starts, and fails; the sixth time is the last.
    async fn fail_noted(starts: Arc<std::sync::Mutex<Vec<u64>>>, since: Instant, stop: CancellationToken) {
        let times = {
            let mut starts = starts.lock().unwrap();
            starts.push(since.elapsed().as_secs());
            starts.len()
        };
        if times == 6 {
            stop.cancel();
        }
        fail().await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_begins_anew_later_and_later() {
        let (draining, since) = (CancellationToken::new(), Instant::now());
        let starts = Arc::new(std::sync::Mutex::new(Vec::new()));
        let (stop, noted) = (draining.clone(), Arc::clone(&starts));

        renewed("a test", draining, move || fail_noted(Arc::clone(&noted), since, stop.clone())).await;

        assert_eq!(*starts.lock().unwrap(), [0, 5, 15, 35, 65, 95]);
    }

    #[tokio::test]
    async fn a_task_that_begins_anew_does_not_once_the_worker_drains() {
        let draining = CancellationToken::new();
        draining.cancel();

        renewed("a test", draining, fail).await;
    }
}
