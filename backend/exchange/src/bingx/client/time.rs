//! The server's time: read when it is old or was refused, once for all who wait for it.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::{Instant, timeout_at};

use super::{Account, BingX, Failure, Turn, Way};
use crate::bingx::endpoint::{self, Environment};
use crate::bingx::number;
use crate::bingx::sign::Params;
use crate::limits::Priority;
use crate::outcome::{Doubt, NotSent, ReadError};

/// How long whoever knows an old measurement waits for a new one: closes must not wait for a server that is slow to
/// tell the time.
const PATIENCE: Duration = Duration::from_secs(2);

impl BingX {
    /// Measures the server's time. Returns by how many milliseconds it is ahead of what was expected.
    ///
    /// # Errors
    ///
    /// [`ReadError`] when it cannot be read; the measurements before stay.
    pub async fn read_clock(
        &self,
        environment: Environment,
        egress: &str,
        turn: Turn,
    ) -> Result<i64, ReadError> {
        let sent = Instant::now();
        let reply =
            self.unsigned(Way { environment, egress }, endpoint::SERVER_TIME, &Params::new(), turn).await?;
        let received = Instant::now();
        let time: ServerTime = reply.read()?;
        Ok(self.host(environment).clock.measured(time.server_time, sent, received))
    }
}

impl Account {
    /// Sees that the server's time was measured lately.
    pub(super) async fn keep_time(&self, turn: Turn) -> Result<(), Failure> {
        if self.bingx.clock(self.environment).is_older_than(self.bingx.settings.clock_age) {
            self.measure(turn, Instant::now()).await?;
        }
        Ok(())
    }

    /// Measures the server's time unless that was done after `since`.
    ///
    /// One measures for all who wait, whatever they wait for: so it goes before everything else, and where an old
    /// measurement is known it is waited for no longer than [`PATIENCE`].
    pub(super) async fn measure(&self, turn: Turn, since: Instant) -> Result<(), Failure> {
        let host = self.bingx.host(self.environment);
        let asked = Instant::now();
        let is_known = host.clock.now_ms().is_some();
        let deadline = if is_known { turn.deadline.min(asked + PATIENCE) } else { turn.deadline };
        let Ok(mut failed) = timeout_at(deadline, host.reading_clock.lock()).await else {
            return if deadline < turn.deadline {
                self.without_measurement()
            } else {
                Err(Failure::NotSent(NotSent::NoTurn))
            };
        };
        if host.clock.is_measured_after(since) {
            return Ok(());
        }
        if failed.as_ref().is_some_and(|(at, egress)| *at >= asked && *egress == self.egress) {
            // Whoever was before this one waited for an answer long enough.
            return self.without_measurement();
        }
        match self.read_time(Turn { priority: Priority::Protect, deadline }, is_known).await {
            Ok(ahead) if ahead.abs() > 1_000 => {
                tracing::error!(
                    ahead_ms = ahead,
                    environment = self.environment.as_str(),
                    "BingX's clock has jumped"
                );
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(ReadError::NotSent(why)) if host.clock.now_ms().is_none() => Err(Failure::NotSent(why)),
            Err(error) => {
                if !matches!(error, ReadError::NotSent(_)) {
                    *failed = Some((Instant::now(), self.egress.clone()));
                }
                self.without_measurement()
            }
        }
    }

    /// Reads the time. The answer is waited for until the turn's deadline too, where `is_bound`.
    async fn read_time(&self, turn: Turn, is_bound: bool) -> Result<i64, ReadError> {
        let reading = self.bingx.read_clock(self.environment, &self.egress, turn);
        if !is_bound {
            return reading.await;
        }
        let late = |_| ReadError::NoAnswer(Doubt::NoAnswer("not in time".to_owned()));
        timeout_at(turn.deadline, reading).await.map_err(late)?
    }

    /// An old measurement is better than none.
    fn without_measurement(&self) -> Result<(), Failure> {
        match self.bingx.clock(self.environment).now_ms() {
            Some(_) => Ok(()),
            None => Err(Failure::NotSent(NotSent::NoTime)),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerTime {
    #[serde(deserialize_with = "number::integer")]
    server_time: i64,
}
