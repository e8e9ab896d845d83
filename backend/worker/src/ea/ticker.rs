//! The chart on which an EA runs: its instrument, the last price, and the name
//! the instrument has in signals.

use std::time::Duration;

use flotilla_domain::symbol::Symbol;
use flotilla_protocol::v7::PriceLine;
use flotilla_store::prices::SignalName;
use rust_decimal::Decimal;
use tokio::time::Instant;

/// How often a price that does not change is written again: it is still true.
const REPEAT_AFTER: Duration = Duration::from_secs(5);
/// A signal that is further from the chart's price than this fraction is of
/// another instrument.
const FARTHEST: Decimal = Decimal::from_parts(2, 0, 0, false, 2);

type Quote = Option<(Decimal, Decimal)>;

/// A price to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TickerPrice {
    pub symbol: Symbol,
    pub name: SignalName,
    pub quote: Quote,
    pub heard_at: Instant,
}

/// What a signal named.
#[derive(Debug, Clone)]
struct Named {
    symbol: Symbol,
    price: Decimal,
}

/// What one connection showed. Only the newest price is kept.
#[derive(Debug, Default)]
pub(crate) struct Ticker {
    newest: Option<(Symbol, Quote, Instant)>,
    named: Option<Named>,
    /// Prices of several instruments came on this connection.
    has_several: bool,
    /// Signals of several instruments came on this connection.
    names_several: bool,
    written: Option<(Quote, SignalName, Instant)>,
}

impl Ticker {
    /// A price came.
    pub fn price(&mut self, line: &PriceLine, heard_at: Instant) {
        if let Some((symbol, _, _)) = &self.newest
            && *symbol != line.symbol
        {
            self.has_several = true;
        }
        let quote = line.bid.zip(line.ask).map(|(bid, ask)| (bid.value(), ask.value()));
        self.newest = Some((line.symbol.clone(), quote, heard_at));
    }

    /// A signal came: its instrument is the chart's, unless there are several.
    pub fn signal(&mut self, symbol: &Symbol, price: Decimal) {
        match &self.named {
            Some(named) if named.symbol != *symbol => self.names_several = true,
            Some(_) => {}
            None => self.named = Some(Named { symbol: symbol.clone(), price }),
        }
    }

    /// Instrument of the chart; none while it is unknown or there are several.
    pub fn symbol(&self) -> Option<&Symbol> {
        let (symbol, _, _) = self.newest.as_ref()?;
        (!self.has_several).then_some(symbol)
    }

    /// The price to be written now, if one is.
    pub fn take_due(&mut self, now: Instant) -> Option<TickerPrice> {
        let (symbol, quote, heard_at) = self.newest.clone()?;
        let name = self.name();
        let is_due = match &self.written {
            Some((before, known_as, at)) => {
                let is_news = *before != quote || *known_as != name;
                is_news || (heard_at > *at && now.saturating_duration_since(*at) >= REPEAT_AFTER)
            }
            None => true,
        };
        if !is_due {
            return None;
        }
        self.written = Some((quote, name.clone(), now));
        Some(TickerPrice { symbol, name, quote, heard_at })
    }

    /// Mapped names differ at will, so the prices must agree.
    fn name(&self) -> SignalName {
        if self.has_several || self.names_several {
            return SignalName::Several;
        }
        match (&self.named, &self.newest) {
            (Some(named), Some((chart, Some((bid, ask)), _)))
                if named.symbol == *chart || is_near(named.price, *bid, *ask) =>
            {
                SignalName::Known(named.symbol.clone())
            }
            _ => SignalName::Unseen,
        }
    }
}

fn is_near(price: Decimal, bid: Decimal, ask: Decimal) -> bool {
    let reach = bid.checked_mul(FARTHEST);
    let off = if price < bid { bid.checked_sub(price) } else { price.checked_sub(ask) };
    off.zip(reach).is_some_and(|(off, reach)| off <= reach)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(symbol: &str, bid: &str, ask: &str) -> PriceLine {
        PriceLine { symbol: symbol.parse().unwrap(), bid: bid.parse().ok(), ask: ask.parse().ok() }
    }

    fn signal(chart: &mut Ticker, symbol: &str, price: &str) {
        chart.signal(&symbol.parse().unwrap(), price.parse().unwrap());
    }

    fn name(chart: &mut Ticker, now: Instant) -> Option<SignalName> {
        chart.take_due(now).map(|due| due.name)
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_newest_price_is_written_and_an_unchanged_one_now_and_then() {
        let (mut chart, began) = (Ticker::default(), Instant::now());
        for bid in ["1.1", "1.2", "1.3"] {
            chart.price(&line("EURUSD", bid, "1.4"), began);
        }

        assert_eq!(chart.take_due(began).unwrap().quote.unwrap().0, "1.3".parse().unwrap());
        assert_eq!(chart.take_due(began), None);
        let later = began + Duration::from_secs(1);
        chart.price(&line("EURUSD", "1.3", "1.4"), later);
        assert_eq!(chart.take_due(later), None);
        assert!(chart.take_due(began + REPEAT_AFTER).is_some());
        assert_eq!(chart.take_due(began + REPEAT_AFTER * 9), None, "a silent terminal says nothing new");
    }

    #[tokio::test(start_paused = true)]
    async fn a_mapped_name_is_believed_when_the_prices_agree() {
        let (mut chart, now) = (Ticker::default(), Instant::now());
        chart.price(&line("GOLD.m", "2030.00", "2030.40"), now);
        assert_eq!(name(&mut chart, now), Some(SignalName::Unseen));

        signal(&mut chart, "XAUUSD", "2031.00");

        assert_eq!(name(&mut chart, now), Some(SignalName::Known("XAUUSD".parse().unwrap())));
        let mut other = Ticker::default();
        other.price(&line("GOLD.m", "2030.00", "2030.40"), now);
        signal(&mut other, "EURUSD", "1.08500");
        assert_eq!(name(&mut other, now), Some(SignalName::Unseen));
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_speaks_of_several_instruments_names_none() {
        let (mut chart, now) = (Ticker::default(), Instant::now());
        chart.price(&line("GOLD", "2030.00", "2030.40"), now);
        signal(&mut chart, "XAUUSD", "2031.00");
        signal(&mut chart, "XAUEUR", "2031.00");
        assert_eq!(name(&mut chart, now), Some(SignalName::Several));
        assert!(chart.symbol().is_some());

        chart.price(&line("SILVER", "23.00", "23.10"), now);

        assert_eq!(chart.symbol(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn before_the_first_tick_there_is_no_price() {
        let (mut chart, now) = (Ticker::default(), Instant::now());
        chart.price(&line("GOLD", "none", "none"), now);

        assert_eq!(chart.take_due(now).unwrap().quote, None);
    }
}
