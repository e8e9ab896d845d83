//! Rate limits, in memory of this process.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use flotilla_domain::id::UserId;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::error::{ApiError, ApiResult, Refusal};

const REGISTER_PER_MINUTE: u32 = 20;
const LOGIN_PER_MINUTE: u32 = 10;
const LOGIN_ANYBODY_PER_MINUTE: u32 = 60;
const PASSWORDS_PER_MINUTE: u32 = 10;
const KEYS_PER_MINUTE: u32 = 60;
const FORGOT_PER_MINUTE: u32 = 3;
const FORGOT_ANYBODY_PER_MINUTE: u32 = 20;
const LINKS_PER_MINUTE: u32 = 20;
const MAILS_PER_MINUTE: u32 = 3;
const SHARES_PER_MINUTE: u32 = 60;
const MARKET_PER_SECOND: u32 = 5;
const MARKET_BURST: u32 = 20;
const TOPICS_PER_SECOND: u32 = 100;
/// Enough for many pages that all lost their connection at once.
const TOPICS_BURST: u32 = 1_000;
const SIGNED_IN_PER_SECOND: u32 = 50;
const SIGNED_IN_BURST: u32 = 200;

/// How often counters of clients that went away are dropped.
pub const SWEEP: Duration = Duration::from_mins(1);

/// Every rate limit of the API.
pub struct Limits {
    register: Limit<IpAddr>,
    login: Limit<(IpAddr, String)>,
    login_anybody: Limit<IpAddr>,
    password: Limit<UserId>,
    signed_in: Limit<UserId>,
    market: Limit<IpAddr>,
    key: Limit<IpAddr>,
    forgot: Limit<(IpAddr, String)>,
    forgot_anybody: Limit<IpAddr>,
    link: Limit<IpAddr>,
    mail: Limit<UserId>,
    share: Limit<IpAddr>,
    topics: Limit<UserId>,
}

struct Limit<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K, StateInformationMiddleware>,
    burst: u32,
}

/// What is left to a client, as `RateLimit-*` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Requests that may come at once.
    pub limit: u32,
    /// Of these, those that may come now.
    pub remaining: u32,
    /// Until all may come at once again.
    pub reset: Duration,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(quota: Quota) -> Self {
        let limiter = RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>();
        Self { limiter, burst: quota.burst_size().get() }
    }

    fn check(&self, key: &K) -> ApiResult<()> {
        self.spend(key).map(|_| ())
    }

    fn spend(&self, key: &K) -> ApiResult<Budget> {
        let state = self.limiter.check_key(key).map_err(|refused| {
            let wait = refused.wait_time_from(DefaultClock::default().now());
            ApiError::RateLimited(Refusal { limit: self.burst, wait })
        })?;
        let (limit, remaining) = (self.burst, state.remaining_burst_capacity());
        let reset = state.quota().replenish_interval().saturating_mul(limit.saturating_sub(remaining));
        Ok(Budget { limit, remaining, reset })
    }

    /// Whether as many as `units` may be spent at once; none are if not.
    fn is_spent(&self, key: &K, units: NonZeroU32) -> bool {
        self.limiter.check_key_n(key, units).is_ok_and(|spent| spent.is_ok())
    }

    fn sweep(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

impl Limits {
    /// Limits multiplied by `factor`, at least 1.
    pub fn new(factor: u32) -> Self {
        let times = |count: u32| NonZeroU32::new(count.saturating_mul(factor)).unwrap_or(NonZeroU32::MIN);
        let signed_in = Quota::per_second(times(SIGNED_IN_PER_SECOND)).allow_burst(times(SIGNED_IN_BURST));
        let market = Quota::per_second(times(MARKET_PER_SECOND)).allow_burst(times(MARKET_BURST));
        let topics = Quota::per_second(times(TOPICS_PER_SECOND)).allow_burst(times(TOPICS_BURST));
        Self {
            register: Limit::new(Quota::per_minute(times(REGISTER_PER_MINUTE))),
            login: Limit::new(Quota::per_minute(times(LOGIN_PER_MINUTE))),
            login_anybody: Limit::new(Quota::per_minute(times(LOGIN_ANYBODY_PER_MINUTE))),
            password: Limit::new(Quota::per_minute(times(PASSWORDS_PER_MINUTE))),
            signed_in: Limit::new(signed_in),
            market: Limit::new(market),
            key: Limit::new(Quota::per_minute(times(KEYS_PER_MINUTE))),
            forgot: Limit::new(Quota::per_minute(times(FORGOT_PER_MINUTE))),
            forgot_anybody: Limit::new(Quota::per_minute(times(FORGOT_ANYBODY_PER_MINUTE))),
            link: Limit::new(Quota::per_minute(times(LINKS_PER_MINUTE))),
            mail: Limit::new(Quota::per_minute(times(MAILS_PER_MINUTE))),
            share: Limit::new(Quota::per_minute(times(SHARES_PER_MINUTE))),
            topics: Limit::new(topics),
        }
    }

    /// One more registration from `address`.
    ///
    /// # Errors
    ///
    /// 429 above the limit; so do the others.
    pub fn register(&self, address: IpAddr) -> ApiResult<()> {
        self.register.check(&network(address))
    }

    /// One more sign-in as `login_name` from `address`.
    ///
    /// Of whomever first: one password tried on many names is guessing too, each try costs a hash, and each
    /// name that is counted costs memory.
    pub fn login(&self, address: IpAddr, login_name: String) -> ApiResult<()> {
        self.login_anybody.check(&network(address))?;
        self.login.check(&(network(address), login_name))
    }

    /// One more password typed by a signed-in user.
    pub fn password(&self, user: UserId) -> ApiResult<()> {
        self.password.check(&user)
    }

    /// One more request of a signed-in user.
    pub fn signed_in(&self, user: UserId) -> ApiResult<Budget> {
        self.signed_in.spend(&user)
    }

    /// One more look at the market from `address`, by nobody in particular.
    pub fn market(&self, address: IpAddr) -> ApiResult<()> {
        self.market.check(&network(address))
    }

    /// One more key from `address` that is not known to be good.
    pub fn key(&self, address: IpAddr) -> ApiResult<()> {
        self.key.check(&network(address))
    }

    /// One more forgotten password of `login_name`, known or not, from `address`.
    pub fn forgot(&self, address: IpAddr, login_name: String) -> ApiResult<()> {
        self.forgot_anybody.check(&network(address))?;
        self.forgot.check(&(network(address), login_name))
    }

    /// One more link of a mail, good or not, from `address`.
    pub fn link(&self, address: IpAddr) -> ApiResult<()> {
        self.link.check(&network(address))
    }

    /// One more mail that a signed-in user asks for.
    pub fn mail(&self, user: UserId) -> ApiResult<()> {
        self.mail.check(&user)
    }

    /// One more look through a link that shows figures, good or not, from `address`.
    pub fn share(&self, address: IpAddr) -> ApiResult<()> {
        self.share.check(&network(address))
    }

    /// Whether a user may listen to `count` topics more, over all his sockets: each is read once for it.
    pub fn topics(&self, user: UserId, count: usize) -> bool {
        let units = u32::try_from(count).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
        self.topics.is_spent(&user, units)
    }

    /// Drops the counters of clients that went away.
    pub fn sweep(&self) {
        self.register.sweep();
        self.login.sweep();
        self.login_anybody.sweep();
        self.password.sweep();
        self.signed_in.sweep();
        self.market.sweep();
        self.key.sweep();
        self.forgot.sweep();
        self.forgot_anybody.sweep();
        self.link.sweep();
        self.mail.sweep();
        self.share.sweep();
        self.topics.sweep();
    }
}

/// One customer of an IPv6 provider holds at least a /64; its addresses count as one.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn n82_hopping_within_a_network_does_not_help() {
        let limits = Limits::new(1);
        let address = |last: u16| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 1, 2, 0, 0, 0, last));

        let refused = (0..40).filter(|&last| limits.register(address(last)).is_err()).count();

        assert_eq!(refused, 20);
        assert!(limits.register(IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 1, 3, 0, 0, 0, 1))).is_ok());
    }

    #[test]
    fn n97_looks_through_links_are_limited_by_address() {
        let limits = Limits::new(1);
        let address = |last: u8| IpAddr::from([9, 9, 9, last]);

        let refused = (0..100).filter(|_| limits.share(address(1)).is_err()).count();

        assert_eq!(refused, 40);
        assert!(limits.share(address(2)).is_ok());
    }

    #[test]
    fn signed_in_users_wait_a_second_at_most() {
        let limits = Limits::new(1);
        let user = UserId::from_uuid(uuid::Uuid::nil());

        let refusal = (0..1_000).find_map(|_| limits.signed_in(user).err());

        assert!(
            matches!(refusal, Some(ApiError::RateLimited(refusal)) if refusal.wait <= Duration::from_secs(1))
        );
    }
}
