//! Trades from files: bytes to text, text to rows, rows to trades.
//!
//! Nothing is guessed silently: a row that is not understood is an error of
//! that row, and whoever imports decides about the whole.

use rust_decimal::Decimal;

use crate::id::{AccountId, OwnerId, TradeId};
use crate::import::cells::Cells;
use crate::import::head::Head;
use crate::import::mapping::{Field, Layout};
use crate::import::prints::Prints;
use crate::import::value::Reading;
use crate::trade::draft::{Draft, Fault};
use crate::trade::{AssetType, PnlSource, Trade, TradeSource};

mod cells;
mod fills;
mod head;
pub mod mapping;
mod prints;
pub mod rows;
#[cfg(test)]
mod tests;
pub mod text;
pub mod value;

/// Rows in which the head is looked for.
const HEAD_WITHIN: u64 = 200;

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// Number of the row; the first is 1.
    pub row: u64,
    /// The field.
    pub field: &'static str,
    /// Stable word for programs.
    pub code: &'static str,
    /// For people.
    pub detail: &'static str,
}

/// What a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// No trade: above or below the table, or empty.
    Nothing,
    /// A trade, and what it is recognised by.
    Trade(Box<Trade>, Mark),
    /// Not understood.
    Faults(Vec<RowFault>),
}

/// What recognises a trade in another file, or in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The same for the same row of any file.
    pub print: String,
    /// Of rows without a number at the broker that are alike, which one it is; the first is 0.
    pub nth: u32,
    /// Of rows with its number at the broker, which one it is; the first is 0.
    pub nth_of_number: u32,
    /// The trade that it was exported of.
    pub exported: Option<TradeId>,
}

/// Where the trades of a file go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Tenant.
    pub owner_id: OwnerId,
    /// The account.
    pub account_id: AccountId,
    /// Its currency.
    pub currency: String,
}

/// Makes trades of rows, from the first row of a file to the last.
#[derive(Debug)]
pub struct Importer {
    target: Target,
    layout: Layout,
    reading: Reading,
    /// Columns that are absent are an error of the file; those of presets may be.
    is_strict: bool,
    manner: Manner,
    row: u64,
    head: Option<Head>,
    is_over: bool,
    prints: Prints,
    fills: fills::Book,
}

/// What it means when a file leaves something out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// It is the usual, or computed.
    Usual,
    /// Sizes are lots, of which nobody says how many units they are.
    Lots,
    /// Nobody knew it: our own export writes everything that is known.
    Export,
}

impl Importer {
    /// `is_strict`: each column of `layout` must be there.
    #[must_use]
    pub fn new(target: Target, layout: Layout, reading: Reading, is_strict: bool) -> Self {
        Self {
            target,
            layout,
            reading,
            is_strict,
            manner: Manner::Usual,
            row: 0,
            head: None,
            is_over: false,
            prints: Prints::default(),
            fills: fills::Book::default(),
        }
    }

    /// Sizes are lots, of which the file does not say how many units they are.
    #[must_use]
    pub const fn in_lots(mut self) -> Self {
        self.manner = Manner::Lots;
        self
    }

    /// The file is our own export, as far as its columns are: what a cell does not
    /// say was not known, and fees below zero were credited.
    #[must_use]
    pub const fn of_export(mut self) -> Self {
        self.manner = Manner::Export;
        self
    }

    /// A table that somebody made after our names may lack the column by which exports are told.
    fn is_export(&self) -> bool {
        let is_told = self.head.as_ref().is_some_and(|head| head.place(Field::PnlSource).is_some());
        self.manner == Manner::Export && is_told
    }

    /// Names of the columns, once the head was read.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        self.head.as_ref().map_or(&[], Head::names)
    }

    /// Takes the next row; `id` names the trade if it is one.
    pub fn take(&mut self, row: &[String], id: TradeId) -> Taken {
        self.row = self.row.saturating_add(1);
        if self.is_over || row.iter().all(|cell| cell.trim().is_empty()) {
            return Taken::Nothing;
        }
        let Some(head) = &self.head else {
            self.begin(row);
            return Taken::Nothing;
        };
        // Reports of MetaTrader go on with sums and other tables.
        let is_other = row.len() == 1 || row.first().is_none_or(|cell| cell.trim().is_empty());
        if self.manner == Manner::Lots && is_other && row.len() < head.names().len() {
            self.is_over = true;
            return Taken::Nothing;
        }
        if row.len() < head.names().len() {
            let detail = "has fewer cells than the columns: is the file complete?";
            return Taken::Faults(self.located(&[Fault { field: "columns", code: "incomplete", detail }]));
        }
        if row.iter().skip(head.names().len()).any(|cell| !cell.trim().is_empty()) {
            let detail = "has more cells than the columns: is a delimiter not quoted?";
            return Taken::Faults(self.located(&[Fault {
                field: "columns",
                code: "too_many_cells",
                detail,
            }]));
        }
        let mut cells = Cells { head, row, reading: &self.reading, faults: Vec::new() };
        if self.layout.is_of_fills {
            let taken = cells.fill().map_or(Ok(()), |fill| self.fills.take(fill, self.row));
            let faults = cells.faults.into_iter().chain(taken.err()).collect::<Vec<_>>();
            return if faults.is_empty() { Taken::Nothing } else { Taken::Faults(self.located(&faults)) };
        }
        let exported = cells.exported();
        let has_units = cells.text(Field::Multiplier).is_some();
        let is_computed = cells.text(Field::PnlSource) == Some("computed");
        let made = self.draft(cells, id).and_then(|draft| self.known(draft, has_units));
        let made = made.and_then(|draft| self.finished(draft, is_computed));
        self.made(made, exported, has_units)
    }

    fn finished(&self, draft: Draft, is_computed: bool) -> Result<Trade, Vec<Fault>> {
        let currency = &self.target.currency;
        if self.is_export() && !is_computed {
            return draft.finish_as_told(currency);
        }
        draft.finish(currency)
    }

    /// Without units and without the broker's figure nobody knows what it brought.
    fn known(&self, draft: Draft, has_units: bool) -> Result<Draft, Vec<Fault>> {
        let is_over = draft.exit_at.is_some() || draft.exit_price.is_some();
        if self.manner == Manner::Lots && !has_units && is_over && draft.broker_pnl.is_none() {
            let detail = "is required: the file does not say how many units a lot is";
            return Err(vec![Fault { field: "pnl", code: "required", detail }]);
        }
        Ok(draft)
    }

    fn made(&mut self, made: Result<Trade, Vec<Fault>>, exported: Option<TradeId>, has_units: bool) -> Taken {
        match made {
            Ok(mut trade) => {
                let is_unknown = !has_units && (self.manner == Manner::Lots || self.is_export());
                if is_unknown && trade.pnl_source != Some(PnlSource::Computed) {
                    trade.multiplier = None;
                }
                let mark = Mark { exported, ..self.prints.mark(&trade) };
                Taken::Trade(Box::new(trade), mark)
            }
            Err(faults) => Taken::Faults(self.located(&faults)),
        }
    }

    /// The trades that the fills of a file make, from flat to flat; `id` names each.
    pub fn finish(&mut self, mut id: impl FnMut() -> TradeId) -> Vec<Taken> {
        let mut taken = Vec::new();
        for position in std::mem::take(&mut self.fills).positions() {
            let position = match position {
                Ok(position) => position,
                Err((row, fault)) => {
                    self.row = row;
                    taken.push(Taken::Faults(self.located(&[fault])));
                    continue;
                }
            };
            self.row = position.row;
            let draft = position.draft(&self.target, (id(), self.layout.asset_type));
            let made = draft.finish(&self.target.currency);
            taken.push(self.made(made, None, true));
        }
        taken
    }

    /// What is missing at the end of the file.
    #[must_use]
    pub fn missing(&self) -> Option<RowFault> {
        let detail = "no row names the columns that are needed";
        self.head.is_none().then_some(RowFault { row: 1, field: "columns", code: "no_header", detail })
    }

    fn located(&self, faults: &[Fault]) -> Vec<RowFault> {
        let row = self.row;
        let located =
            |fault: &Fault| RowFault { row, field: fault.field, code: fault.code, detail: fault.detail };
        faults.iter().map(located).collect()
    }

    /// Takes the row as the head if it names what is needed.
    fn begin(&mut self, row: &[String]) {
        self.head = Head::of(row, &self.layout, self.is_strict);
        self.is_over = self.head.is_none() && self.row >= HEAD_WITHIN;
    }

    fn draft(&self, mut cells: Cells<'_>, id: TradeId) -> Result<Draft, Vec<Fault>> {
        let legs = cells.legs();
        let asset_type = cells.asset_type(self.layout.asset_type);
        let fees = [cells.figure(Field::Fees), cells.figure(Field::Commission)].into_iter().flatten();
        let is_signed = self.is_export();
        let fees =
            fees.fold(Decimal::ZERO, |sum, fee| sum.saturating_add(if is_signed { fee } else { fee.abs() }));
        let swap = cells.figure(Field::Swap);
        let pnl = cells.figure(Field::Pnl).map(|told| self.net(told, fees, swap));
        let mut draft = Draft {
            id,
            owner_id: self.target.owner_id,
            account_id: self.target.account_id,
            source: TradeSource::Import,
            symbol: cells.text(Field::Symbol).unwrap_or_default().to_owned(),
            direction: legs.direction,
            asset_type: if legs.option_type.is_some() { AssetType::Option } else { asset_type },
            option_type: legs.option_type,
            quantity: cells.figure(Field::Quantity).map(|quantity| quantity.abs()),
            multiplier: cells.figure(Field::Multiplier),
            entry_price: legs.entry.0,
            exit_price: legs.exit.0,
            entry_at: legs.entry.1,
            exit_at: legs.exit.1,
            stop_loss: cells.figure(Field::StopLoss).filter(|price| !price.is_zero()),
            take_profit: cells.figure(Field::TakeProfit).filter(|price| !price.is_zero()),
            fees: Some(fees),
            swap,
            broker_pnl: pnl.filter(|_| cells.text(Field::PnlSource) != Some("computed")),
            mae: cells.figure(Field::Mae),
            mfe: cells.figure(Field::Mfe),
            external_id: cells.text(Field::ExternalId).map(ToOwned::to_owned),
            tags: cells.tags(),
            notes: cells.text(Field::Notes).map(ToOwned::to_owned),
            executions: cells.executions(),
        };
        cells.costs(&mut draft);
        if cells.faults.is_empty() { Ok(draft) } else { Err(cells.faults) }
    }

    /// The broker's result after fees and interest. What does not fit stays too large, which is found later.
    fn net(&self, told: Decimal, fees: Decimal, swap: Option<Decimal>) -> Decimal {
        if !self.layout.is_gross {
            return told;
        }
        told.saturating_sub(fees).saturating_add(swap.unwrap_or_default())
    }
}
