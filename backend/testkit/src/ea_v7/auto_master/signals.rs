//! What a master says of its trades.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::Master;
use crate::broker::{Deal, Entry, Position};

impl Master {
    /// Its open positions on the chart's symbol, as the terminal lists them.
    pub(super) fn on_chart(&self) -> BTreeMap<i64, (Position, Decimal)> {
        self.broker.listed().into_iter().filter(|(_, (position, _))| self.is_signalled(position)).collect()
    }

    fn is_signalled(&self, position: &Position) -> bool {
        position.symbol == self.symbol && position.magic != self.manners.ignored_magic
    }

    /// MT5: one line a deal, so that what is added to a netting position repeats its ticket. The reversal of one is
    /// not told.
    pub(super) async fn tell_deals(&mut self) {
        let deals = self.broker.deals_after(self.seen);
        self.seen += deals.len();
        for deal in deals {
            if !self.is_signalled(&deal.position) {
                continue;
            }
            match deal.entry {
                Entry::In => {
                    let line = self.entry_line(deal.ticket, &deal.position, deal.price);
                    self.signal(&line).await;
                }
                Entry::Out => self.signal(&exit_line(&deal)).await,
                Entry::Reversal => {}
            }
        }
    }

    /// MT4: new tickets first, then those that are gone, with the same ticket again where the list has flickered. A
    /// ticket that comes and goes between two looks is never seen.
    pub(super) async fn compare_lists(&mut self) {
        let present = self.on_chart();
        let before = std::mem::replace(&mut self.known, present.clone());
        for (ticket, (position, price)) in present.iter().filter(|(ticket, _)| !before.contains_key(ticket)) {
            let line = self.entry_line(*ticket, position, *price);
            self.signal(&line).await;
        }
        let deals = self.broker.deals();
        for (&ticket, (position, price)) in before.iter().filter(|(ticket, _)| !present.contains_key(ticket))
        {
            let deal = deals.iter().rev().find(|deal| deal.ticket == ticket && deal.entry == Entry::Out);
            // A ticket that only vanished from the list has no deal; the history then shows nothing.
            let line = deal.map_or_else(
                || format!("SIGNAL_CLOSE|{}|{ticket}|{price:.5}|0.00", position.symbol),
                exit_line,
            );
            self.signal(&line).await;
        }
    }

    /// Sends a signal. If the link fails it connects at once and sends everything in one go, without waiting to be
    /// let in; if that fails too, the signal is lost for ever.
    async fn signal(&mut self, line: &str) {
        if let Some(session) = &mut self.link
            && session.send(line).await
        {
            return;
        }
        self.connect().await;
        let size = self.size_line();
        let Some(session) = &mut self.link else { return };
        if let Some(size) = size {
            session.send(&size).await;
        }
        session.send(line).await;
    }

    /// Once a symbol since the EA was loaded, and only here.
    fn size_line(&mut self) -> Option<String> {
        self.told_sizes.insert(self.symbol.clone()).then(|| {
            let market = self.broker.market();
            let (size, digits) = (market.contract_size(&self.symbol), market.digits(&self.symbol));
            format!("CMD_INIT_SYMBOL|{}|{size:.2}|{digits}", self.symbol)
        })
    }

    /// Prices with exactly the symbol's decimals, no point where it has none; volume always with two.
    fn entry_line(&self, ticket: i64, position: &Position, price: Decimal) -> String {
        let Position { symbol, side, lots, stops: (stop_loss, take_profit), .. } = position;
        let digits = usize::try_from(self.broker.market().digits(symbol)).unwrap_or_default();
        let stop = |stop: &Option<Decimal>| format!("{:.digits$}", stop.unwrap_or_default());
        let (stop_loss, take_profit) = (stop(stop_loss), stop(take_profit));
        format!("SIGNAL_OPEN|{side}|{symbol}|{price:.digits$}|{lots:.2}|{stop_loss}|{take_profit}|{ticket}")
    }
}

/// Whether all of the position left is not said. The price has five decimals whatever the symbol.
fn exit_line(deal: &Deal) -> String {
    format!("SIGNAL_CLOSE|{}|{}|{:.5}|{:.2}", deal.position.symbol, deal.ticket, deal.price, deal.profit)
}
