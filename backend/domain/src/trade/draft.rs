//! A trade as a person or a file tells it, checked and completed.

use chrono::{DateTime, Datelike, Utc};
use rust_decimal::Decimal;

use crate::id::{AccountId, OwnerId, TradeId};
use crate::side::Side;
use crate::trade::fills::{self, FillsError};
use crate::trade::profit::{Terms, gross_of, net};
use crate::trade::{AssetType, Direction, Execution, OptionType, PnlSource, Trade, TradeSource, multiplier};

/// Most fills of one trade.
pub const MOST_FILLS: usize = 200;
/// Most tags of one trade.
pub const MOST_TAGS: usize = 20;
/// Longest tag in characters.
pub const LONGEST_TAG: usize = 40;
/// Longest notes in characters.
const LONGEST_NOTES: usize = 10_000;
/// Longest name of an instrument in characters.
const LONGEST_SYMBOL: usize = 64;
/// Most decimals of a figure.
const MOST_DECIMALS: u32 = 10;
/// No price, size or amount is larger.
pub(crate) const LARGEST: Decimal = Decimal::from_parts(3_567_587_328, 232, 0, false, 0);

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The field.
    pub field: &'static str,
    /// Stable word for programs.
    pub code: &'static str,
    /// For people.
    pub detail: &'static str,
}

const fn fault(field: &'static str, code: &'static str, detail: &'static str) -> Fault {
    Fault { field, code, detail }
}

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Identifier.
    pub id: TradeId,
    /// Tenant.
    pub owner_id: OwnerId,
    /// The account.
    pub account_id: AccountId,
    /// Where it comes from.
    pub source: TradeSource,
    /// Instrument.
    pub symbol: String,
    /// Which way it profits.
    pub direction: Direction,
    /// What is traded.
    pub asset_type: AssetType,
    /// Of options only.
    pub option_type: Option<OptionType>,
    /// Size; not needed with fills.
    pub quantity: Option<Decimal>,
    /// Units per one of `quantity`; the usual of the kind unless told.
    pub multiplier: Option<Decimal>,
    /// Price of entry; not needed with fills.
    pub entry_price: Option<Decimal>,
    /// Price of exit.
    pub exit_price: Option<Decimal>,
    /// Time of entry; not needed with fills.
    pub entry_at: Option<DateTime<Utc>>,
    /// Time of exit.
    pub exit_at: Option<DateTime<Utc>>,
    /// Stop loss at entry.
    pub stop_loss: Option<Decimal>,
    /// Take profit at entry.
    pub take_profit: Option<Decimal>,
    /// Fees; those of the fills unless told.
    pub fees: Option<Decimal>,
    /// Overnight interest.
    pub swap: Option<Decimal>,
    /// The broker's own result, which wins over the computed one.
    pub broker_pnl: Option<Decimal>,
    /// Worst result while it was open.
    pub mae: Option<Decimal>,
    /// Best result while it was open.
    pub mfe: Option<Decimal>,
    /// Number at the broker.
    pub external_id: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// The owner's words.
    pub notes: Option<String>,
    /// Entries and exits; one of each is made of the prices where there is none.
    pub executions: Vec<Execution>,
}

impl Draft {
    /// What `trade` would be told as.
    #[must_use]
    pub fn of(trade: Trade) -> Self {
        let is_brokers = trade.pnl_source == Some(PnlSource::Broker);
        Self {
            id: trade.id,
            owner_id: trade.owner_id,
            account_id: trade.account_id,
            source: trade.source,
            symbol: trade.symbol,
            direction: trade.direction,
            asset_type: trade.asset_type,
            option_type: trade.option_type,
            quantity: Some(trade.quantity),
            multiplier: trade.multiplier,
            entry_price: trade.entry_price,
            exit_price: trade.exit_price,
            entry_at: Some(trade.entry_at),
            exit_at: trade.exit_at,
            stop_loss: trade.stop_loss,
            take_profit: trade.take_profit,
            fees: Some(trade.fees),
            swap: Some(trade.swap),
            broker_pnl: trade.pnl.filter(|_| is_brokers),
            mae: trade.mae,
            mfe: trade.mfe,
            external_id: trade.external_id,
            tags: trade.tags,
            notes: trade.notes,
            executions: trade.executions,
        }
    }

    /// The trade, with average prices, status and result, on an account of `currency`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn finish(mut self, currency: &str) -> Result<Trade, Vec<Fault>> {
        self.tidy();
        let faults = self.faults();
        if !faults.is_empty() {
            return Err(faults);
        }
        let realised = self.fill_in().map_err(|fault| vec![fault])?;
        self.complete(realised, currency).map_err(|fault| vec![fault])
    }

    pub(super) fn tidy(&mut self) {
        self.symbol = self.symbol.trim().to_owned();
        self.notes = self.notes.as_deref().and_then(tidy_notes);
        self.tags = tidy_tags(&self.tags);
    }

    pub(super) fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if !is_label(&self.symbol, LONGEST_SYMBOL) {
            faults.push(fault("symbol", "invalid", "use 1 to 64 characters"));
        }
        if let Some(fault) = tags_fault(&self.tags) {
            faults.push(fault);
        }
        faults.extend(self.notes.as_deref().and_then(notes_fault));
        if self.external_id.as_deref().is_some_and(|id| !is_label(id, 100)) {
            faults.push(fault("external_id", "invalid", "use 1 to 100 characters"));
        }
        if self.option_type.is_some() && self.asset_type != AssetType::Option {
            faults.push(fault("option_type", "not_an_option", "only options are calls or puts"));
        }
        if self.executions.len() > MOST_FILLS {
            faults.push(fault("executions", "too_many", "use at most 200 executions"));
        }
        faults.extend(self.figure_faults());
        faults
    }

    fn figure_faults(&self) -> impl Iterator<Item = Fault> {
        let above = [
            ("quantity", self.quantity),
            ("multiplier", self.multiplier),
            ("stop_loss", self.stop_loss),
            ("take_profit", self.take_profit),
        ];
        let any = [
            ("entry_price", self.entry_price),
            ("exit_price", self.exit_price),
            ("fees", self.fees),
            ("swap", self.swap),
            ("pnl", self.broker_pnl),
            ("mae", self.mae),
            ("mfe", self.mfe),
        ];
        let fills: Vec<_> =
            self.executions.iter().map(|fill| (fill.quantity, fill.price, fill.fees)).collect();
        let sizes = fills.iter().map(|(size, _, _)| ("executions", Some(*size))).collect::<Vec<_>>();
        let amounts =
            fills.iter().flat_map(|(_, price, fees)| [("executions", *price), ("executions", Some(*fees))]);
        let amounts = amounts.collect::<Vec<_>>();
        let is_above =
            |(_, figure): &(&str, Option<Decimal>)| figure.is_some_and(|figure| figure <= Decimal::ZERO);
        let is_wild = |(_, figure): &(&str, Option<Decimal>)| {
            figure.is_some_and(|figure| figure.abs() > LARGEST || figure.normalize().scale() > MOST_DECIMALS)
        };
        let low = above.into_iter().chain(sizes.clone()).filter(is_above);
        let wild = above.into_iter().chain(any).chain(sizes).chain(amounts).filter(is_wild);
        let low: Vec<Fault> =
            low.map(|(field, _)| fault(field, "not_positive", "must be greater than zero")).collect();
        let wild: Vec<Fault> = wild
            .map(|(field, _)| {
                fault(field, "out_of_range", "use at most 10 decimals, up to 1,000,000,000,000")
            })
            .collect();
        low.into_iter().chain(wild)
    }

    /// Figures from fills, or fills from figures. Returns what exits brought in price times quantity.
    fn fill_in(&mut self) -> Result<Decimal, Fault> {
        if self.executions.is_empty() {
            self.make_fills()?;
            let position = fills::position(self.direction, &self.executions).map_err(of_fills)?;
            return Ok(position.realised);
        }
        self.executions.sort_by_key(|fill| fill.at);
        let position = fills::position(self.direction, &self.executions).map_err(of_fills)?;
        if position.quantity > LARGEST || position.fees.abs() > LARGEST {
            return Err(of_fills(FillsError::OutOfRange));
        }
        self.quantity = Some(position.quantity);
        self.entry_price = Some(position.entry_price);
        self.exit_price = position.exit_price;
        self.entry_at = Some(position.entry_at);
        self.exit_at = position.exit_at;
        self.fees = self.fees.or(Some(position.fees));
        Ok(position.realised)
    }

    fn make_fills(&mut self) -> Result<(), Fault> {
        let quantity = self.quantity.ok_or(fault("quantity", "required", "is required"))?;
        let price = self.entry_price.ok_or(fault("entry_price", "required", "is required"))?;
        let at = self.entry_at.ok_or(fault("entry_at", "required", "is required"))?;
        let entry = self.direction.entry_side();
        let fees = self.fees.unwrap_or_default();
        let fill = |side, price, at, fees| Execution { side, quantity, price: Some(price), at, fees };
        match (self.exit_price, self.exit_at) {
            (None, None) => self.executions.push(fill(entry, price, at, fees)),
            (Some(exit), Some(left)) if left >= at => {
                self.executions.push(fill(entry, price, at, Decimal::ZERO));
                self.executions.push(fill(other(entry), exit, left, fees));
            }
            (Some(_), Some(_)) => {
                return Err(fault("exit_at", "before_entry", "must not be before the entry"));
            }
            (Some(_), None) => return Err(fault("exit_at", "required", "is required with a price of exit")),
            (None, Some(_)) => {
                return Err(fault("exit_price", "required", "is required with a time of exit"));
            }
        }
        Ok(())
    }

    fn complete(self, realised: Decimal, currency: &str) -> Result<Trade, Fault> {
        let (quantity, entry, entry_at) = self.shape()?;
        let units = self.multiplier.or_else(|| multiplier::default(self.asset_type, &self.symbol));
        let exit = self.exit_price.filter(|_| self.exit_at.is_some());
        // Of what is open some files say that it brought nothing so far.
        if exit.is_none() && self.broker_pnl.is_some_and(|brokers| !brokers.is_zero()) {
            return Err(fault("pnl", "not_closed", "an open trade has no result yet; tell its exit"));
        }
        let pnl =
            exit.map(|exit| self.result(units, (quantity, entry, exit, realised), currency)).transpose()?;
        Ok(Trade {
            multiplier: units,
            pnl: pnl.map(|(pnl, _)| pnl),
            pnl_source: pnl.map(|(_, source)| source),
            ..self.kept(quantity, entry_at)
        })
    }

    fn shape(&self) -> Result<(Decimal, Decimal, DateTime<Utc>), Fault> {
        let known = self.quantity.zip(self.entry_price).zip(self.entry_at);
        let ((quantity, price), at) = known.ok_or(fault("executions", "invalid", "are not one position"))?;
        self.dated(at)?;
        Ok((quantity, price, at))
    }

    /// Whether its times are ones of people who trade.
    pub(super) fn dated(&self, entry: DateTime<Utc>) -> Result<(), Fault> {
        if !(1970..=2200).contains(&entry.year()) || self.exit_at.is_some_and(|at| at.year() > 2200) {
            return Err(fault("entry_at", "out_of_range", "use a time between 1970 and 2200"));
        }
        Ok(())
    }

    fn result(
        &self,
        units: Option<Decimal>,
        (quantity, entry, exit, realised): (Decimal, Decimal, Decimal, Decimal),
        currency: &str,
    ) -> Result<(Decimal, PnlSource), Fault> {
        if let Some(brokers) = self.broker_pnl {
            return Ok((brokers, PnlSource::Broker));
        }
        let unknown = fault("multiplier", "required", "the contract is not known; tell its multiplier");
        let terms = Terms {
            symbol: &self.symbol,
            direction: self.direction,
            asset_type: self.asset_type,
            quantity,
            multiplier: units.ok_or(unknown)?,
            entry,
            exit,
            currency,
        };
        let unknown =
            fault("pnl", "required", "cannot be computed in the account's currency; tell the broker's");
        let gross = gross_of(realised, &terms).ok_or(unknown)?;
        let pnl = net(gross, self.fees.unwrap_or_default(), self.swap.unwrap_or_default()).ok_or(unknown)?;
        if pnl.abs() > LARGEST {
            return Err(fault("pnl", "out_of_range", "comes to more than 1,000,000,000,000"));
        }
        Ok((pnl, PnlSource::Computed))
    }
}

/// Notes without blanks around them; `None` for blanks alone.
#[must_use]
pub fn tidy_notes(notes: &str) -> Option<String> {
    let notes = notes.trim();
    (!notes.is_empty()).then(|| notes.to_owned())
}

/// Tags without blanks around them, each once.
#[must_use]
pub fn tidy_tags(tags: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for tag in tags {
        let tag = tag.trim().to_owned();
        if !kept.contains(&tag) {
            kept.push(tag);
        }
    }
    kept
}

/// What is wrong with notes.
#[must_use]
pub fn notes_fault(notes: &str) -> Option<Fault> {
    if notes.chars().count() > LONGEST_NOTES {
        return Some(fault("notes", "too_long", "use at most 10,000 characters"));
    }
    let is_wild = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
    notes.chars().any(is_wild).then_some(fault("notes", "invalid", "has control characters"))
}

/// What is wrong with tags.
#[must_use]
pub fn tags_fault(tags: &[String]) -> Option<Fault> {
    if tags.len() > MOST_TAGS {
        return Some(fault("tags", "too_many", "use at most 20 tags"));
    }
    let is_sound = |tag: &String| is_label(tag, LONGEST_TAG) && !tag.contains([';', ',']);
    (!tags.iter().all(is_sound)).then_some(fault(
        "tags",
        "invalid",
        "use 1 to 40 characters, without comma and semicolon",
    ))
}

fn is_label(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

const fn other(side: Side) -> Side {
    match side {
        Side::Buy => Side::Sell,
        Side::Sell => Side::Buy,
    }
}

const fn of_fills(error: FillsError) -> Fault {
    match error {
        FillsError::Empty => fault("executions", "required", "at least one entry is required"),
        FillsError::TooMuch => {
            fault("executions", "too_much", "the exits are larger than the position at that time")
        }
        FillsError::NoPrice => fault("executions", "required", "each execution needs a price"),
        FillsError::OutOfRange => fault("executions", "out_of_range", "a figure is too large"),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;
    use crate::trade::TradeStatus;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn told() -> Draft {
        Draft {
            id: Uuid::nil().into(),
            owner_id: Uuid::nil().into(),
            account_id: Uuid::nil().into(),
            source: TradeSource::Manual,
            symbol: " AAPL ".to_owned(),
            direction: Direction::Long,
            asset_type: AssetType::Option,
            option_type: Some(OptionType::Put),
            quantity: Some(2.into()),
            multiplier: None,
            entry_price: Some(Decimal::new(250, 2)),
            exit_price: Some(Decimal::new(300, 2)),
            entry_at: Some(at("2026-11-02T14:30:00Z")),
            exit_at: Some(at("2026-11-02T15:30:00Z")),
            stop_loss: Some(Decimal::new(225, 2)),
            take_profit: None,
            fees: Some(Decimal::ONE),
            swap: None,
            broker_pnl: None,
            mae: None,
            mfe: None,
            external_id: None,
            tags: vec!["gap ".to_owned(), "gap".to_owned()],
            notes: Some("  ".to_owned()),
            executions: Vec::new(),
        }
    }

    fn bought(quantity: Decimal, price: Decimal) -> Execution {
        let at = at("2026-11-02T14:30:00Z");
        Execution { side: Side::Buy, quantity, price: Some(price), at, fees: Decimal::ZERO }
    }

    #[test]
    fn fills_bring_what_was_received_less_what_was_paid() {
        let third = |price| bought(Decimal::from(1_000_000), Decimal::from(price));
        let out = |quantity: i64| Execution {
            side: Side::Sell,
            at: at("2026-11-02T15:30:00Z"),
            ..bought(quantity.into(), Decimal::from(2))
        };
        let executions = vec![third(1), third(1), third(2), out(1_000_000), out(2_000_000)];
        let (asset_type, option_type, fees) = (AssetType::Stock, None, None);

        let trade = Draft { asset_type, option_type, fees, executions, ..told() }.finish("USD").unwrap();

        // The average, 1.3333333333, would make 2,000,000.0001 of it.
        assert_eq!(trade.pnl, Some(2_000_000.into()));
    }

    #[test]
    fn a_told_trade_is_completed() {
        let trade = told().finish("USD").unwrap();

        assert_eq!((trade.symbol.as_str(), trade.multiplier), ("AAPL", Some(100.into())));
        assert_eq!((trade.pnl, trade.pnl_source), (Some(99.into()), Some(PnlSource::Computed)));
        assert_eq!((trade.r_multiple(), trade.status), (Some(2.into()), TradeStatus::Closed));
        assert_eq!((trade.tags.as_slice(), trade.notes.as_ref()), (["gap".to_owned()].as_slice(), None));
        assert_eq!(trade.executions.len(), 2);
        assert_eq!(Draft::of(trade.clone()).finish("USD"), Ok(trade), "told again it is the same");
    }

    #[test]
    fn the_brokers_figure_wins() {
        let trade = Draft { broker_pnl: Some(97.into()), ..told() }.finish("USD").unwrap();

        assert_eq!((trade.pnl, trade.pnl_source), (Some(97.into()), Some(PnlSource::Broker)));
    }

    #[test]
    fn an_open_trade_has_no_result_yet() {
        let open = Draft { exit_price: None, exit_at: None, broker_pnl: Some(Decimal::ZERO), ..told() };
        let trade = open.finish("USD").unwrap();

        assert_eq!((trade.pnl, trade.status, trade.executions.len()), (None, TradeStatus::Open, 1));
    }

    #[rstest]
    #[case(Draft { symbol: String::new(), ..told() }, "symbol", "invalid")]
    #[case(Draft { quantity: Some(Decimal::ZERO), ..told() }, "quantity", "not_positive")]
    #[case(Draft { quantity: None, ..told() }, "quantity", "required")]
    #[case(Draft { exit_at: Some(at("2026-11-02T14:29:59Z")), ..told() }, "exit_at", "before_entry")]
    #[case(Draft { exit_at: None, ..told() }, "exit_at", "required")]
    #[case(Draft { exit_price: None, ..told() }, "exit_price", "required")]
    #[case(
        Draft { exit_price: None, exit_at: None, broker_pnl: Some(Decimal::ONE), ..told() },
        "pnl",
        "not_closed"
    )]
    #[case(Draft { asset_type: AssetType::Stock, ..told() }, "option_type", "not_an_option")]
    #[case(Draft { entry_price: Some(Decimal::MAX), ..told() }, "entry_price", "out_of_range")]
    #[case(
        Draft { quantity: Some(LARGEST), entry_price: Some(Decimal::ONE), ..told() },
        "pnl",
        "out_of_range"
    )]
    #[case(
        Draft { executions: vec![bought(LARGEST, Decimal::ONE), bought(LARGEST, Decimal::ONE)], ..told() },
        "executions",
        "out_of_range"
    )]
    #[case(Draft { tags: vec!["a;b".to_owned()], ..told() }, "tags", "invalid")]
    #[case(Draft { notes: Some("a\0b".to_owned()), ..told() }, "notes", "invalid")]
    #[case(
        Draft { asset_type: AssetType::Future, option_type: None, symbol: "WHO".to_owned(), ..told() },
        "multiplier",
        "required"
    )]
    #[case(
        Draft { asset_type: AssetType::Forex, option_type: None, symbol: "EURGBP".to_owned(), ..told() },
        "pnl",
        "required"
    )]
    fn what_is_wrong_is_named(#[case] draft: Draft, #[case] field: &str, #[case] code: &str) {
        let faults = draft.finish("USD").unwrap_err();

        assert_eq!(faults.iter().map(|fault| (fault.field, fault.code)).collect::<Vec<_>>(), [(field, code)]);
    }

    #[test]
    fn the_largest_figure_is_a_million_millions() {
        assert_eq!(LARGEST, Decimal::from(1_000_000_000_000_i64));
    }
}
