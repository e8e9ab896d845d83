//! What a follower notices of its account.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use tokio::time::Instant;

use super::Follower;
use super::orders::result;
use crate::broker::{By, Closed, Deal, Entry};
use crate::ea_v7::link::Link;
use crate::ea_v7::pace::field;
use crate::ea_v7::terminal::Terminal;

/// Margin level in percent at which a broker closes positions.
const STOP_OUT_LEVEL: Decimal = Decimal::from_parts(50, 0, 0, false, 0);

impl Follower {
    /// Tickets with its magic number, of whatever EA.
    pub(super) fn own_tickets(&self) -> BTreeSet<i64> {
        let listed = self.broker.listed().into_iter();
        listed
            .filter(|(_, (position, _))| position.magic == self.manners.magic)
            .map(|(ticket, _)| ticket)
            .collect()
    }

    /// MT5: every deal that left, of whatever symbol and magic, unless an EA did it. Release 7.0 tells its own too.
    pub(super) async fn tell_deals(&mut self, session: &mut Link) {
        let deals = self.broker.deals_after(self.seen);
        self.seen += deals.len();
        for deal in deals.iter().filter(|deal| deal.entry == Entry::Out) {
            let is_an_eas = matches!(deal.by, By::Command(_));
            if !is_an_eas || self.manners.says_so_after_close {
                self.tell_close(session, deal).await;
            }
            if self.broker.positions().is_empty() {
                tell_stop_out(session, deal).await;
            }
        }
    }

    /// MT4: its own tickets that are gone, while it is subscribed; those it closed for `CMD_CLOSE` it has struck off.
    pub(super) async fn compare_lists(&mut self, session: &mut Link) {
        if !self.is_subscribed {
            return;
        }
        let present = self.own_tickets();
        let gone: Vec<_> = self.known.difference(&present).copied().collect();
        self.known = present;
        let deals = self.broker.deals();
        for ticket in gone {
            let deal = deals.iter().rev().find(|deal| deal.ticket == ticket && deal.entry == Entry::Out);
            let Some(deal) = deal else { continue };
            self.tell_close(session, deal).await;
            if !self.manners.says_so_after_close {
                tell_stop_out(session, deal).await;
            }
        }
    }

    async fn tell_close(&self, session: &mut Link, deal: &Deal) {
        if self.manners.is_mute {
            return;
        }
        let closed = Closed { price: deal.price, profit: deal.profit };
        session.say(&format!("ACK_CLOSE_SO|{}|{}", deal.ticket, result(&closed))).await;
    }

    /// One position is left and the level is at the broker's limit. It is said again at every timer, in real time
    /// whatever the pace: ten times a second is the storm that servers must stand.
    pub(super) fn is_short_of_margin(&self) -> bool {
        let level = self.broker.margin_level().unwrap_or_default();
        let is_low = level > Decimal::ZERO && level <= STOP_OUT_LEVEL;
        is_low
            && match self.manners.terminal {
                Terminal::Mt5 => self.broker.positions().len() == 1,
                Terminal::Mt4 => self.own_tickets().len() <= 1,
            }
    }

    pub(super) fn plan_alert(&mut self) {
        if self.is_short_of_margin() {
            self.due.alert.get_or_insert(Instant::now() + field::FOLLOWER_ALERT);
        }
    }
}

/// The letters "so" anywhere in a broker's comment are taken for a stop-out.
async fn tell_stop_out(session: &mut Link, deal: &Deal) {
    if let By::Venue(comment) = &deal.by
        && (comment.contains("so") || comment.contains("stop out"))
    {
        session.say(&format!("ALERT_STOP_OUT|Comment:{comment}")).await;
    }
}
