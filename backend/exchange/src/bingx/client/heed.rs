//! What a reply means for those that follow: limits that are full, addresses that are banned, contracts that changed.

use std::time::Duration;

use tokio::time::Instant;

use super::BingX;
use crate::bingx::endpoint::Environment;
use crate::bingx::error::ErrorClass;
use crate::bingx::reads::means_new_contracts;
use crate::bingx::reply::{Meaning, RawReply};
use crate::limits::Limit;

/// The longest time over which an interface counts the requests of an address.
const WINDOW: Duration = Duration::from_secs(10);
/// By so much requests may come closer to each other on their way.
const APART: Duration = Duration::from_millis(100);
/// So long after an interface or an address opens again it is left alone: calls to one that is still closed lead to a
/// ban, and by what it is timed differs from our clock.
const AFTER: Duration = Duration::from_secs(1);

impl BingX {
    /// Draws the consequences of a reply for those that follow.
    pub(super) fn heed(&self, reply: &RawReply, egress: &str, environment: Environment, limits: &[Limit]) {
        let class = match reply.meaning() {
            Meaning::Refused(error) => Some(error.class),
            _ => None,
        };
        match (reply.status, class) {
            (403 | 418, _) => {
                tracing::error!(egress.name = egress, status = reply.status, "BingX has banned an address");
                self.limiter.stop(egress, Instant::now() + self.settings.ban + AFTER);
            }
            (429, _) => self.close(reply, environment, limits),
            (_, Some(ErrorClass::Rate)) => {
                // The narrowest limit is the likeliest.
                if let Some(limit) = limits.first() {
                    self.limiter.pause(&limit.name, Instant::now() + self.closed_for(reply, environment));
                }
            }
            (_, Some(class)) if means_new_contracts(class) => {
                self.host(environment).contracts.expire();
            }
            _ => {}
        }
        if reply.remaining == Some(0) && class != Some(ErrorClass::Rate) {
            self.spare(reply, environment, limits);
        }
    }

    /// The exchange has closed an interface to an address: nobody calls it until that is over, what closes neither.
    ///
    /// All else is open. Should the address have asked too much altogether, what protects goes on, and the rest waits
    /// until nothing that was asked before counts any more.
    fn close(&self, reply: &RawReply, environment: Environment, limits: &[Limit]) {
        let Some((of_interface, of_kind)) = of_address(limits) else { return };
        let (now, closed) = (Instant::now(), self.closed_for(reply, environment));
        tracing::warn!(
            limit = of_interface.name,
            closed_s = closed.as_secs(),
            "BingX has closed an interface to an address"
        );
        self.limiter.close(&of_interface.name, now + closed + AFTER);
        self.limiter.spare(&of_kind.name, now + WINDOW + AFTER);
    }

    /// The address has used up what an interface takes, as the interface says: what opens or only looks waits for room.
    ///
    /// What protects does not: a header that counts otherwise than we think must not hold up a close. Where the
    /// header was right the exchange refuses it, and that is heeded by all.
    fn spare(&self, reply: &RawReply, environment: Environment, limits: &[Limit]) {
        if let (Some((limit, _)), Some(wait)) = (of_address(limits), self.said_to_wait(reply, environment)) {
            self.limiter.spare(&limit.name, Instant::now() + (wait + APART).min(WINDOW));
        }
    }

    /// How long it is until there is room, as the headers say.
    fn said_to_wait(&self, reply: &RawReply, environment: Environment) -> Option<Duration> {
        let now = self.host(environment).clock.now_ms()?;
        let wait = reply.full_until_ms()?.saturating_sub(now);
        Some(Duration::from_millis(u64::try_from(wait).unwrap_or(0)))
    }

    /// How long a limit stays closed: as its header says, at least a second and at most the time of a ban.
    fn closed_for(&self, reply: &RawReply, environment: Environment) -> Duration {
        let said = self.said_to_wait(reply, environment).unwrap_or_default();
        said.max(Duration::from_secs(1)).min(self.settings.ban)
    }
}

/// The limits of the address: that of the interface, and that of all that is of its kind.
const fn of_address(limits: &[Limit]) -> Option<(&Limit, &Limit)> {
    match limits {
        [.., of_interface, of_kind] => Some((of_interface, of_kind)),
        _ => None,
    }
}
