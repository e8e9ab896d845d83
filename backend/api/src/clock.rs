//! The API's clock. Ages of rows are judged by the database's.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use flotilla_store::{Db, transaction_time};
use tokio::time::Instant;

/// The database's time is believed that took no longer to come: it is older by as much.
const WITHIN: Duration = Duration::from_secs(1);

/// Now, by this machine's clock: for what only people read.
#[expect(clippy::disallowed_methods, reason = "the one place of this crate that reads a clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// The clock by which logins are good or not: the database's, carried on by this process's monotonic one.
///
/// No step of a machine's wall clock makes a token good again, or ends one early, and all processes of an installation
/// agree. Until the database was asked it is this machine's.
pub struct Clock {
    known: Mutex<Option<(DateTime<Utc>, Instant)>>,
    wall: fn() -> DateTime<Utc>,
}

impl Default for Clock {
    fn default() -> Self {
        Self { known: Mutex::default(), wall: now }
    }
}

impl Clock {
    /// Now.
    pub fn now(&self) -> DateTime<Utc> {
        let known = *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((at, heard_at)) = known else { return (self.wall)() };
        TimeDelta::from_std(heard_at.elapsed())
            .ok()
            .and_then(|gone| at.checked_add_signed(gone))
            .unwrap_or(at)
    }

    /// Asks the database. Where it does not answer, time goes on as before.
    pub async fn read(&self, db: &Db) {
        let asked_at = Instant::now();
        match db.open(transaction_time::read).await {
            Ok(at) => self.heard(at, asked_at),
            Err(error) => tracing::warn!(%error, "the database's time cannot be read; it is read again"),
        }
    }

    fn heard(&self, at: DateTime<Utc>, asked_at: Instant) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_none() || asked_at.elapsed() < WITHIN {
            *known = Some((at, Instant::now()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use flotilla_domain::id::{LoginId, UserId};
    use flotilla_domain::user::Role;
    use flotilla_security::keyring::Keyring;
    use flotilla_security::token::{AccessClaims, TokenKeys};
    use secrecy::ExposeSecret as _;
    use uuid::Uuid;

    use super::*;

    static WALL: AtomicI64 = AtomicI64::new(1_790_000_000);

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).expect("a time")
    }

    fn wall() -> DateTime<Utc> {
        at(WALL.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn a_step_of_this_machines_clock_neither_ends_a_token_nor_makes_one_good_again() {
        let keys = Keyring::parse(Keyring::generate().expect("keys").expose_secret()).expect("keys");
        let tokens = TokenKeys::new(&keys).expect("keys");
        let token = |from: DateTime<Utc>| {
            let claims = AccessClaims {
                sub: UserId::from_uuid(Uuid::nil()),
                sid: LoginId::from_uuid(Uuid::nil()),
                jti: Uuid::nil(),
                role: Role::Trader,
                ver: 1,
                iat: from.timestamp(),
                exp: from.timestamp() + 600,
                nbf: None,
            };
            tokens.sign(&claims).expect("a token")
        };
        let clock = Clock { known: Mutex::default(), wall };
        assert_eq!(clock.now(), wall(), "nobody was asked yet");

        let said = at(1_800_000_000);
        clock.heard(said, Instant::now());
        let (fresh, ended) = (token(said), token(said - TimeDelta::minutes(11)));

        for step in [3_600, -7_200, 3_900, -600] {
            WALL.fetch_add(step, Ordering::SeqCst);
            assert!((0..60).contains(&(clock.now() - said).num_seconds()), "{step}");
            assert!(tokens.verify(&fresh, clock.now()).is_ok(), "{step}");
            assert!(tokens.verify(&ended, clock.now()).is_err(), "{step}");
        }
    }

    #[tokio::test]
    async fn what_the_database_said_a_while_ago_is_not_taken_for_now() {
        let clock = Clock { known: Mutex::default(), wall };
        let asked_at = Instant::now();
        clock.heard(at(1_800_000_000), asked_at);
        tokio::time::sleep(WITHIN + Duration::from_millis(10)).await;

        clock.heard(at(1_700_000_000), asked_at);

        assert!(clock.now() > at(1_800_000_000));
        clock.heard(at(1_700_000_000), Instant::now());
        assert!(clock.now() < at(1_700_000_060), "its own clock was set back: it is followed");
    }
}
