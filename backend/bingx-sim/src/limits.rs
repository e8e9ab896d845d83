//! The exchange's side of the limits: per address, and per account and endpoint.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use crate::profile::LimitProfile;
use crate::request::{HostName, Incoming};

/// How long an interface stays closed after a breach.
const CLOSED_MS: i64 = 300_000;
/// Calls to a closed interface before the address is banned. Our choice.
const PATIENCE: u32 = 20;
const TEN_SECONDS_MS: i64 = 10_000;

/// What a limit says to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Let through.
    Free,
    /// Too many of this account: 100410.
    Account,
    /// Too many from this address: 429 until then.
    Address(i64),
    /// Went on after that: 418 until then.
    Banned(i64),
}

/// What is left of a limit, as the headers of an answer say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Requests that would still be let through.
    pub remaining: usize,
    /// When there is room for another, or a closed interface opens again: Unix milliseconds.
    pub until_ms: i64,
}

/// One count that a request goes into.
struct Share {
    window: String,
    limit: usize,
    length_ms: i64,
}

#[derive(Debug, Default)]
struct Window {
    at_ms: VecDeque<i64>,
    most_seen: usize,
}

impl Window {
    fn count(&mut self, limit: usize, length_ms: i64, now_ms: i64) -> bool {
        // What was counted before the clock was set back would count for as long as that was.
        while self.at_ms.front().is_some_and(|at| now_ms - at >= length_ms || *at > now_ms) {
            self.at_ms.pop_front();
        }
        if self.at_ms.len() >= limit {
            return false;
        }
        self.at_ms.push_back(now_ms);
        self.most_seen = self.most_seen.max(self.at_ms.len());
        true
    }

    /// After a request was counted.
    fn allowance(&self, limit: usize, length_ms: i64) -> Option<Allowance> {
        let until_ms = self.at_ms.front()? + length_ms;
        Some(Allowance { remaining: limit.saturating_sub(self.at_ms.len()), until_ms })
    }
}

#[derive(Debug, Default)]
struct Closed {
    until_ms: i64,
    calls: u32,
}

/// Counts of all addresses and accounts.
#[derive(Debug, Default)]
pub struct Limits {
    windows: BTreeMap<String, Window>,
    closed: BTreeMap<String, Closed>,
    banned: BTreeMap<String, i64>,
    /// How many requests were refused, by verdict: account, address, banned.
    pub refused: [u64; 3],
    /// Open WebSocket connections by address.
    connected: BTreeMap<IpAddr, usize>,
    /// The most that one address had at once.
    pub most_connected: usize,
    /// How many connections were refused.
    pub connections_refused: u64,
}

impl Limits {
    /// Counts a request against its address.
    pub fn address(&mut self, request: &Incoming, profile: LimitProfile, now_ms: i64) -> Verdict {
        if profile == LimitProfile::Off {
            return Verdict::Free;
        }
        if let Some(until) = self.banned.get(&request.ip).copied().filter(|until| *until > now_ms) {
            return self.refuse(Verdict::Banned(until));
        }
        let interface = interface(request);
        if let Some(closed) = self.closed.get_mut(&interface).filter(|closed| closed.until_ms > now_ms) {
            closed.calls += 1;
            let until = closed.until_ms;
            if closed.calls > PATIENCE {
                self.banned.insert(request.ip.clone(), now_ms + CLOSED_MS);
                return self.refuse(Verdict::Banned(now_ms + CLOSED_MS));
            }
            return self.refuse(Verdict::Address(until));
        }
        if shares(request, &interface, profile).iter().all(|share| self.count(share, now_ms)) {
            return Verdict::Free;
        }
        self.closed.insert(interface, Closed { until_ms: now_ms + CLOSED_MS, calls: 0 });
        self.refuse(Verdict::Address(now_ms + CLOSED_MS))
    }

    fn count(&mut self, share: &Share, now_ms: i64) -> bool {
        self.window(&share.window).count(share.limit, share.length_ms, now_ms)
    }

    /// What is left to an address for an interface, where least is left, once a request was let through.
    pub fn allowance(&self, request: &Incoming, profile: LimitProfile) -> Option<Allowance> {
        let shares = shares(request, &interface(request), profile);
        let left = |share: &Share| self.windows.get(&share.window)?.allowance(share.limit, share.length_ms);
        shares.iter().filter_map(left).min_by_key(|allowance| allowance.remaining)
    }

    /// Whether an address may have another connection; it counts until [`Limits::disconnect`].
    pub fn connect(&mut self, ip: IpAddr, most: Option<usize>) -> bool {
        let connected = self.connected.entry(ip).or_default();
        if most.is_some_and(|most| *connected >= most) {
            self.connections_refused += 1;
            return false;
        }
        *connected += 1;
        self.most_connected = self.most_connected.max(*connected);
        true
    }

    /// A connection has ended.
    pub fn disconnect(&mut self, ip: IpAddr) {
        if let Some(connected) = self.connected.get_mut(&ip) {
            *connected = connected.saturating_sub(1);
        }
    }

    /// Counts a request against its account.
    pub fn account(&mut self, uid: u64, request: &Incoming, profile: LimitProfile, now_ms: i64) -> Verdict {
        if profile == LimitProfile::Off {
            return Verdict::Free;
        }
        let name = format!("{uid} {} {} {}", request.host.as_str(), request.method, request.path);
        let limit = per_second(&request.path);
        if self.window(&name).count(limit, 1_000, now_ms) {
            Verdict::Free
        } else {
            self.refuse(Verdict::Account)
        }
    }

    /// The most requests of one account to one endpoint that were let through in a second.
    pub fn most_in_a_second(&self, uid: u64, host: HostName, method: &str, path: &str) -> usize {
        self.windows
            .get(&format!("{uid} {} {method} {path}", host.as_str()))
            .map_or(0, |window| window.most_seen)
    }

    fn window(&mut self, name: &str) -> &mut Window {
        self.windows.entry(name.to_owned()).or_default()
    }

    const fn refuse(&mut self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Free => {}
            Verdict::Account => self.refused[0] += 1,
            Verdict::Address(_) => self.refused[1] += 1,
            Verdict::Banned(_) => self.refused[2] += 1,
        }
        verdict
    }
}

/// An interface, as one address calls it.
fn interface(request: &Incoming) -> String {
    format!("{} {} {} {}", request.ip, request.host.as_str(), request.method, request.path)
}

/// What a request counts against where it comes from.
fn shares(request: &Incoming, interface: &str, profile: LimitProfile) -> Vec<Share> {
    if profile == LimitProfile::Off {
        return Vec::new();
    }
    let group = group(&request.path);
    let of_group = format!("{} {} group {}", request.ip, request.host.as_str(), group.min(2));
    let share = |window: String, limit, length_ms| Share { window, limit, length_ms };
    let mut shares = if group == 1 {
        let of_minute = format!("{of_group} minute");
        vec![share(of_group, 500, TEN_SECONDS_MS), share(of_minute, 1_000, 60_000)]
    } else {
        vec![share(of_group, 2_000, TEN_SECONDS_MS), share(interface.to_owned(), 300, TEN_SECONDS_MS)]
    };
    if profile == LimitProfile::Strict {
        shares.push(share(format!("{interface} strict"), group, 1_000));
    }
    shares
}

/// 1 market data, 2 account, 3 trade.
fn group(path: &str) -> usize {
    if path.contains("/quote/")
        || path.contains("/server/")
        || path.contains("/ticker/")
        || path.contains("/market/")
    {
        1
    } else if path.contains("/trade/") {
        3
    } else {
        2
    }
}

/// Requests per second of one account, the smaller of the two that were published.
fn per_second(path: &str) -> usize {
    let two = [
        "/marginType",
        "/positionSide/dual",
        "/positionMargin",
        "/assetMode",
        "/userDataStream",
        "/apiPermissions",
    ];
    match path {
        _ if path.ends_with("/cancelAllAfter") => 1,
        _ if path.ends_with("/forceOrders") => 10,
        _ if two.iter().any(|end| path.ends_with(end)) => 2,
        _ => 5,
    }
}
