//! The reporter EA that stands beside a v7 EA: it tells what its broker's account is worth, and trades nothing.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rust_decimal::Decimal;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use super::wire::Wire;
use crate::broker::Broker;

/// Between two looks at the account.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Looks between two reports.
const LOOKS: u32 = 10;
const LIST_EVERY: Duration = Duration::from_mins(1);
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// Losses and gains of positions that are not shown: equity sinks to `depth` under what the day began with and comes
/// back, once in `period`. How low it goes does not depend on what the day has brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swing {
    /// How deep it goes, in percent of what the day began with.
    pub depth: Decimal,
    /// From one top to the next.
    pub period: Duration,
    /// It never goes lower, however deep that is.
    pub lowest: Decimal,
}

impl Swing {
    /// What is shown in place of `equity` at a moment after the top.
    #[must_use]
    pub fn shown(&self, equity: Decimal, day_start: Decimal, elapsed: Duration) -> Decimal {
        let period = self.period.as_millis().max(1);
        let into = elapsed.as_millis() % period;
        // Down in the first half and up in the second.
        let way = into.min(period - into) * 2;
        let whole = |number: u128| Decimal::from(u64::try_from(number).unwrap_or(u64::MAX));
        (equity - (equity - self.bottom(day_start)) * whole(way) / whole(period)).round_dp(2)
    }

    /// Where it turns.
    #[must_use]
    pub fn bottom(&self, day_start: Decimal) -> Decimal {
        let deep = day_start * (Decimal::ONE_HUNDRED - self.depth) / Decimal::ONE_HUNDRED;
        deep.max(self.lowest)
    }
}

/// A reporter in a task of its own; it ends when this value is dropped.
#[derive(Debug)]
pub struct AutoReporter {
    task: JoinHandle<()>,
}

impl AutoReporter {
    /// Starts a reporter that connects again and again.
    #[must_use]
    pub fn start(gateway: SocketAddr, api_key: &str, broker: Broker, swing: Option<Swing>) -> Self {
        let reporter =
            Reporter { gateway, api_key: api_key.to_owned(), broker, swing, began: Instant::now() };
        Self { task: tokio::spawn(reporter.run()) }
    }
}

impl Drop for AutoReporter {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Reporter {
    gateway: SocketAddr,
    api_key: String,
    broker: Broker,
    swing: Option<Swing>,
    began: Instant,
}

/// What one connection has told.
#[derive(Default)]
struct Told {
    extremes: Option<(Decimal, Decimal)>,
    listed: String,
    listed_at: Option<Instant>,
    reset_at: Option<i64>,
    /// The higher of balance and equity when it last looked.
    worth: Option<Decimal>,
    /// What the running day began with.
    day_start: Option<Decimal>,
}

impl Reporter {
    async fn run(self) {
        loop {
            // Whatever ended it, it is tried again.
            let _ = self.live().await;
            sleep(TRY_AGAIN_AFTER).await;
        }
    }

    async fn live(&self) -> std::io::Result<()> {
        let mut wire = Wire::connect(self.gateway).await?;
        // In one packet, so that it is never taken for an EA that trades.
        wire.send(&format!("AUTH:{}\nREPORT_ONLY", self.api_key)).await?;
        if timeout(ANSWER_WITHIN, wire.read()).await.ok().flatten().as_deref() != Some("AUTH_OK") {
            return Ok(());
        }
        let mut told = Told::default();
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut count: u32 = 0;
        loop {
            tokio::select! {
                line = wire.read() => match line {
                    Some(line) => self.hear(&line, &mut told),
                    None => return Ok(()),
                },
                _ = looks.tick() => {
                    let (balance, equity) = self.look(&mut told);
                    let reset = told.take_reset(now_ms());
                    if reset.is_some() || count.is_multiple_of(LOOKS) {
                        let positions = self.positions(&mut told);
                        let figures = told.figures(balance, equity, self.margin(), reset.unwrap_or_else(now_ms));
                        wire.send(&(positions + &figures)).await?;
                    }
                    count = count.wrapping_add(1);
                }
            }
        }
    }

    fn look(&self, told: &mut Told) -> (Decimal, Decimal) {
        let (balance, real) = self.broker.balance_and_equity();
        let day_start = told.day_start.unwrap_or(balance);
        let equity = self.swing.map_or(real, |swing| swing.shown(real, day_start, self.began.elapsed()));
        let (high, low) = told.extremes.unwrap_or((equity, equity));
        told.extremes = Some((high.max(equity), low.min(equity)));
        told.worth = Some(balance.max(equity));
        (balance, equity)
    }

    /// Whoever connects in the middle of a day asks the books what it began with.
    fn hear(&self, line: &str, told: &mut Told) {
        let Some(ends_at) = line.strip_prefix("RESET_AT|").and_then(|at| at.parse().ok()) else { return };
        told.reset_at = Some(ends_at);
        let (balance, _) = self.broker.balance_and_equity();
        told.day_start = Some(self.broker.day_start(ends_at, told.worth.unwrap_or(balance)));
    }

    /// 100 USD of margin a position.
    fn margin(&self) -> Decimal {
        Decimal::from(self.broker.listed().len()) * Decimal::ONE_HUNDRED
    }

    /// The list of positions with its line ends, where something is new or a minute has passed.
    fn positions(&self, told: &mut Told) -> String {
        let (market, open) = (self.broker.market(), self.broker.listed());
        let mut lines = String::new();
        let symbols: BTreeSet<&str> = open.values().map(|(position, _)| position.symbol.as_str()).collect();
        for symbol in symbols {
            let (size, digits) = (market.contract_size(symbol), market.digits(symbol));
            let tick = Decimal::new(1, digits);
            let worth = tick * size;
            let _ = writeln!(lines, "SYMBOL|{symbol}|{size}|{digits}|{tick}|{worth}|0.01|0.01|100.00|USD");
        }
        lines.push_str("POSITIONS_BEGIN|1\n");
        for (ticket, (position, entry)) in &open {
            let (stop, target) = position.stops;
            let (stop, target) = (stop.unwrap_or_default(), target.unwrap_or_default());
            let head = format!("{ticket}|{}|{}|{}|{entry}", position.symbol, position.side, position.lots);
            // The books keep no times.
            let opened_at = 1_790_000_000_000_i64;
            let _ =
                writeln!(lines, "POSITION|{head}|{stop}|{target}|0.00|0.00|{}|-|{opened_at}", position.magic);
        }
        // No order of this broker waits.
        let _ = writeln!(lines, "POSITIONS_END|{}|0", open.len());
        let is_due = told.listed_at.is_none_or(|at| at.elapsed() >= LIST_EVERY);
        if lines == told.listed && !is_due {
            return String::new();
        }
        (told.listed, told.listed_at) = (lines.clone(), Some(Instant::now()));
        lines
    }
}

impl Told {
    /// The reset, once it is there.
    fn take_reset(&mut self, now: i64) -> Option<i64> {
        self.reset_at.take_if(|at| *at <= now)
    }

    fn figures(&mut self, balance: Decimal, equity: Decimal, margin: Decimal, at: i64) -> String {
        let (high, low) = self.extremes.replace((equity, equity)).unwrap_or((equity, equity));
        let free = equity - margin;
        format!("ACCOUNT|{balance:.2}|{equity:.2}|{margin:.2}|{free:.2}|USD|100|{high:.2}|{low:.2}|{at}")
    }
}

#[expect(clippy::disallowed_methods, reason = "a terminal has a clock of its own")]
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swing_goes_down_and_comes_back_whatever_the_day_has_brought() {
        let period = Duration::from_secs(100);
        let swing = Swing { depth: Decimal::from(10), period, lowest: Decimal::from(8_500) };
        let shown = |equity: i64, start: i64| {
            [0, 25, 50, 75, 100]
                .map(|second| swing.shown(equity.into(), start.into(), Duration::from_secs(second)))
        };

        assert_eq!(shown(10_000, 10_000), [10_000, 9_500, 9_000, 9_500, 10_000].map(Decimal::from));
        assert_eq!(shown(10_400, 10_000), [10_400, 9_700, 9_000, 9_700, 10_400].map(Decimal::from));
        assert_eq!(shown(9_000, 9_000)[2], Decimal::from(8_500), "not lower than it may");
    }
}
