//! What a follower does when it is told.

use flotilla_domain::side::Side;
use rust_decimal::Decimal;
use tokio::time::sleep;

use super::Follower;
use crate::broker::{By, Closed, Position};
use crate::ea_v7::follower::OpenCommand;
use crate::ea_v7::link::Link;
use crate::ea_v7::manners::Refusal;
use crate::ea_v7::terminal::Terminal;

impl Follower {
    /// Extra fields at the end are ignored, a missing one drops the line.
    pub(super) async fn obey(&mut self, session: &mut Link, line: &str) {
        if let Some(command) = OpenCommand::read(line) {
            return self.open(session, &command, line).await;
        }
        match line.split('|').collect::<Vec<_>>().as_slice() {
            ["STATUS_ACTIVE"] => self.is_copying = true,
            ["STATUS_INACTIVE"] => self.is_copying = false,
            ["CMD_CLOSE", symbol, ticket, master_ticket, ..] => {
                if let Ok(ticket) = ticket.parse() {
                    self.close(session, ticket, master_ticket, line).await;
                    self.tell_size(session, symbol).await;
                }
            }
            ["CMD_SYNC_CLOSE", ticket, ..] => {
                sleep(self.manners.order_takes).await;
                if let Ok(ticket) = ticket.parse() {
                    self.broker.close_by(ticket, By::Command(line.to_owned()));
                }
            }
            ["CMD_STOP", ..] => self.stop(line),
            // `CMD_CLOSE_ALL` too: only masters know it.
            _ => {}
        }
    }

    /// There is no guard against a second order for the same ticket.
    async fn open(&mut self, session: &mut Link, command: &OpenCommand, line: &str) {
        let Ok(volume) = command.lots.parse::<Decimal>() else { return };
        if !self.is_copying || volume <= self.manners.min_lot {
            return;
        }
        sleep(self.manners.order_takes).await;
        self.orders += 1;
        let master_ticket = command.master_ticket;
        match &self.manners.refusal {
            Refusal::EveryNth(n, phrase) if self.orders.is_multiple_of(*n) => {
                let reason = self.manners.terminal.open_refusal(phrase);
                session.say(&format!("ACK_OPEN_FAIL|{master_ticket}|{reason}")).await;
                return;
            }
            Refusal::Silently => return,
            Refusal::Never | Refusal::EveryNth(..) => {}
        }
        let position = self.position(command, volume);
        let (lots, side) = (position.lots, position.side);
        let ticket = self.broker.open_by(position, By::Command(line.to_owned()));
        if !self.is_silent() {
            session.say(&format!("ACK_OPEN|{master_ticket}|{ticket}|{lots:.2}|{side}")).await;
        }
        self.tell_size(session, &command.symbol).await;
    }

    fn position(&self, command: &OpenCommand, volume: Decimal) -> Position {
        // Anything but BUY is a SELL.
        let side = command.side.parse().unwrap_or(Side::Sell);
        let stop = |text: &str| text.parse::<Decimal>().ok().filter(|stop| !stop.is_zero());
        let stops = (stop(&command.stop_loss), stop(&command.take_profit));
        let reverse = self.manners.is_reversed;
        // Release 7.0 turns the side and not the stops.
        let is_swapped = reverse && !self.manners.says_so_after_close;
        let stops = if is_swapped { (stops.1, stops.0) } else { stops };
        Position {
            symbol: command.symbol.clone(),
            side: if reverse { opposite(side) } else { side },
            lots: self.manners.sized(volume),
            magic: self.manners.magic,
            stops: if self.manners.copies_stops { stops } else { (None, None) },
            master_ticket: Some(command.master_ticket),
        }
    }

    /// Obeyed while copying is off, too, and whatever the ticket's magic number.
    async fn close(&mut self, session: &mut Link, ticket: i64, master_ticket: &str, line: &str) {
        sleep(self.manners.order_takes).await;
        if let Some(reason) = &self.manners.close_refusal {
            session.say(&format!("ACK_CLOSE_FAIL|{master_ticket}|{reason}")).await;
            return;
        }
        // Of a ticket that is not there the EA writes into its journal only.
        let Some(closed) = self.broker.close_by(ticket, By::Command(line.to_owned())) else { return };
        self.known.remove(&ticket);
        if !self.is_silent() {
            session.say(&format!("ACK_CLOSE|{master_ticket}|{}", result(&closed))).await;
        }
    }

    fn stop(&mut self, line: &str) {
        self.is_copying = false;
        for ticket in self.own_tickets() {
            self.broker.close_by(ticket, By::Command(line.to_owned()));
        }
        self.is_asynchronous = self.manners.terminal == Terminal::Mt5;
    }

    const fn is_silent(&self) -> bool {
        self.manners.is_mute || self.is_asynchronous
    }

    /// Once a symbol since the EA was loaded, under the name it was sent; release 7.0 tells the first symbol only.
    async fn tell_size(&mut self, session: &mut Link, symbol: &str) {
        let is_enough = self.manners.says_so_after_close && !self.told_sizes.is_empty();
        if is_enough || !self.told_sizes.insert(symbol.to_owned()) {
            return;
        }
        let market = self.broker.market();
        let (size, digits) = (market.contract_size(symbol), market.digits(symbol));
        session.say(&format!("CMD_INIT_SYMBOL|{symbol}|{size:.2}|{digits}")).await;
    }
}

const fn opposite(side: Side) -> Side {
    match side {
        Side::Buy => Side::Sell,
        Side::Sell => Side::Buy,
    }
}

/// Price and profit as EAs print them: five and two decimals, whatever the symbol.
pub(super) fn result(closed: &Closed) -> String {
    format!("{:.5}|{:.2}", closed.price, closed.profit)
}
