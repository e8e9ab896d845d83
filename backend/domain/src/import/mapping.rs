//! Which column means what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::import::value::{DateOrder, DecimalMark};
use crate::text_enum::text_enum;
use crate::trade::AssetType;

text_enum! {
    /// What a column says about a trade.
    Field, "field of a trade" {
        /// Identifier of this journal, which recognises what was exported.
        Id = "id",
        /// Instrument.
        Symbol = "symbol",
        /// `LONG`, `SHORT`, `buy`, `sell`; `CALL` or `PUT` for options that were bought.
        Direction = "direction",
        /// What is traded.
        AssetType = "asset_type",
        /// `CALL` or `PUT`, or their first letter.
        OptionType = "option_type",
        /// Size.
        Quantity = "quantity",
        /// Units per one of it.
        Multiplier = "multiplier",
        /// Price of entry.
        EntryPrice = "entry_price",
        /// Price of exit.
        ExitPrice = "exit_price",
        /// Time of entry.
        EntryAt = "entry_at",
        /// Time of exit.
        ExitAt = "exit_at",
        /// Price at which it was bought, where the direction follows from the times.
        BuyPrice = "buy_price",
        /// Price at which it was sold.
        SellPrice = "sell_price",
        /// When it was bought.
        BoughtAt = "bought_at",
        /// When it was sold.
        SoldAt = "sold_at",
        /// What all of it cost, where no price says it.
        Cost = "cost",
        /// What all of it brought.
        Proceeds = "proceeds",
        /// Of a file of fills: `buy`, `sell` or `short`; only the last sells what was not bought.
        Side = "side",
        /// Of a file of fills.
        FillPrice = "fill_price",
        /// Of a file of fills.
        FilledAt = "filled_at",
        /// Stop loss.
        StopLoss = "stop_loss",
        /// Take profit.
        TakeProfit = "take_profit",
        /// What was paid; the sign does not matter but in our own export.
        Fees = "fees",
        /// Further fees.
        Commission = "commission",
        /// Overnight interest, as it was credited.
        Swap = "swap",
        /// The broker's result.
        Pnl = "pnl",
        /// Whose result it is: `computed` is computed again. In our own export nothing else is.
        PnlSource = "pnl_source",
        /// Worst result while it was open.
        Mae = "mae",
        /// Best result while it was open.
        Mfe = "mfe",
        /// Number at the broker.
        ExternalId = "external_id",
        /// Labels, with semicolons between.
        Tags = "tags",
        /// Words.
        Notes = "notes",
        /// Fills, as our own export writes them.
        Executions = "executions",
    }
}

text_enum! {
    /// Files that are known.
    Preset, "preset" {
        /// Our own export.
        Flotilla = "flotilla",
        /// The history report of MetaTrader 5: HTML, or CSV with its columns.
        Metatrader5 = "metatrader5",
        /// The performance report of Tradovate.
        Tradovate = "tradovate",
        /// The trades export of TopstepX.
        Topstepx = "topstepx",
        /// The orders export of Webull, whose fills are put together.
        Webull = "webull",
        /// Gains and losses of Tradier, with the names of its API.
        Tradier = "tradier",
        /// The history of positions of BingX.
        Bingx = "bingx",
    }
}

text_enum! {
    /// How sure it is that a preset fits the broker's files.
    Confidence, "confidence" {
        /// The format is ours.
        Certain = "certain",
        /// Written after the published form of the file, not tried with one of a real account.
        Likely = "likely",
        /// Written after what others report; look at the preview.
        Unsure = "unsure",
    }
}

/// Names of columns by what they mean. The second column of a name is `Name#2`.
pub type Columns = BTreeMap<Field, String>;

/// How a file is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// The columns.
    pub columns: Columns,
    /// What is traded where no column says so.
    pub asset_type: AssetType,
    /// Of figures.
    pub decimal: DecimalMark,
    /// Of dates with slashes or dashes.
    pub order: DateOrder,
    /// Rows are fills, which are put together from flat to flat.
    pub is_of_fills: bool,
    /// The result is told before fees and interest, which have columns of their own.
    pub is_gross: bool,
}

const METATRADER5: &[(Field, &str)] = &[
    (Field::EntryAt, "Time"),
    (Field::ExternalId, "Position"),
    (Field::Symbol, "Symbol"),
    (Field::Direction, "Type"),
    (Field::Quantity, "Volume"),
    (Field::EntryPrice, "Price"),
    (Field::StopLoss, "S / L"),
    (Field::TakeProfit, "T / P"),
    (Field::ExitAt, "Time#2"),
    (Field::ExitPrice, "Price#2"),
    (Field::Commission, "Commission"),
    (Field::Swap, "Swap"),
    (Field::Pnl, "Profit"),
];

const TRADOVATE: &[(Field, &str)] = &[
    (Field::Symbol, "symbol"),
    (Field::Quantity, "qty"),
    (Field::BuyPrice, "buyPrice"),
    (Field::SellPrice, "sellPrice"),
    (Field::BoughtAt, "boughtTimestamp"),
    (Field::SoldAt, "soldTimestamp"),
    (Field::Pnl, "pnl"),
];

const TOPSTEPX: &[(Field, &str)] = &[
    (Field::ExternalId, "Id"),
    (Field::Symbol, "ContractName"),
    (Field::EntryAt, "EnteredAt"),
    (Field::ExitAt, "ExitedAt"),
    (Field::EntryPrice, "EntryPrice"),
    (Field::ExitPrice, "ExitPrice"),
    (Field::Fees, "Fees"),
    (Field::Commission, "Commissions"),
    (Field::Pnl, "PnL"),
    (Field::Quantity, "Size"),
    (Field::Direction, "Type"),
];

const WEBULL: &[(Field, &str)] = &[
    (Field::Symbol, "Symbol"),
    (Field::Side, "Side"),
    (Field::Quantity, "Filled"),
    (Field::FillPrice, "Avg Price"),
    (Field::FilledAt, "Filled Time"),
];

const TRADIER: &[(Field, &str)] = &[
    (Field::Symbol, "symbol"),
    (Field::Quantity, "quantity"),
    (Field::EntryAt, "open_date"),
    (Field::ExitAt, "close_date"),
    (Field::Cost, "cost"),
    (Field::Proceeds, "proceeds"),
    (Field::Pnl, "gain_loss"),
];

const BINGX: &[(Field, &str)] = &[
    (Field::Symbol, "Symbol"),
    (Field::Direction, "Side"),
    (Field::Quantity, "Quantity"),
    (Field::EntryPrice, "Entry Price"),
    (Field::ExitPrice, "Close Price"),
    (Field::EntryAt, "Open Time"),
    (Field::ExitAt, "Close Time"),
    (Field::Fees, "Fee"),
    (Field::Pnl, "Realized PnL"),
];

impl Preset {
    /// How sure it is.
    #[must_use]
    pub const fn confidence(self) -> Confidence {
        match self {
            Self::Flotilla => Confidence::Certain,
            Self::Metatrader5 | Self::Tradovate | Self::Topstepx => Confidence::Likely,
            Self::Webull | Self::Tradier | Self::Bingx => Confidence::Unsure,
        }
    }

    /// Whether its results are before fees. `Profit` of MetaTrader is by its report, where
    /// balance moves by it, commission and swap; `PnL` of TopstepX is prices times size in
    /// the files that others show.
    const fn is_gross(self) -> bool {
        matches!(self, Self::Metatrader5 | Self::Topstepx)
    }

    /// How its files are read.
    #[must_use]
    pub fn layout(self) -> Layout {
        let (asset_type, columns) = match self {
            // Our own columns have the names of the fields.
            Self::Flotilla => return own(),
            Self::Metatrader5 => (AssetType::Cfd, METATRADER5),
            Self::Tradovate => (AssetType::Future, TRADOVATE),
            Self::Topstepx => (AssetType::Future, TOPSTEPX),
            Self::Webull => (AssetType::Stock, WEBULL),
            Self::Tradier => (AssetType::Stock, TRADIER),
            Self::Bingx => (AssetType::Crypto, BINGX),
        };
        let columns = columns.iter().map(|(field, name)| (*field, (*name).to_owned())).collect();
        let is_of_fills = matches!(self, Self::Webull);
        Layout { is_of_fills, is_gross: self.is_gross(), ..usual(asset_type, columns) }
    }
}

fn own() -> Layout {
    let columns = Field::ALL.iter().map(|field| (*field, field.as_str().to_owned())).collect();
    usual(AssetType::Cfd, columns)
}

const fn usual(asset_type: AssetType, columns: Columns) -> Layout {
    let (decimal, order) = (DecimalMark::Point, DateOrder::MonthFirst);
    Layout { columns, asset_type, decimal, order, is_of_fills: false, is_gross: false }
}
