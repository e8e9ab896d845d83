use std::collections::BTreeMap;

use flotilla_domain::id::AccountId;
use flotilla_domain::import::RowFault;
use flotilla_domain::import::mapping::{Field, Layout, Preset};
use flotilla_domain::import::value::{DateOrder, DecimalMark};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::dto::trades::TradeDto;
use crate::dto::words::{
    AssetTypeWord, ConfidenceWord, DateOrderWord, DecimalMarkWord, ImportFieldWord, PresetWord,
};
use crate::error::{ApiError, ApiResult};
use crate::imports::Reached;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Where the trades go.
    #[param(value_type = Uuid)]
    pub account_id: AccountId,
    /// What the file is; needed without `mapping`.
    #[param(value_type = Option<PresetWord>)]
    pub preset: Option<PresetWord>,
    /// JSON: names of columns by field, as in `{"symbol": "Ticker"}`. A second
    /// column of a name is `Name#2`. With a preset it changes that.
    #[param(pattern = r"^[^\x00]*$")]
    pub mapping: Option<String>,
    /// Only tells what would happen.
    #[serde(default)]
    pub dry_run: bool,
    /// Zone of times that name none; the owner's unless given.
    #[param(pattern = "^[A-Za-z0-9/_+-]{1,64}$")]
    pub time_zone: Option<String>,
    #[param(value_type = Option<DecimalMarkWord>)]
    pub decimal: Option<DecimalMarkWord>,
    /// Of dates with slashes or dashes; with dots the day comes first.
    #[param(value_type = Option<DateOrderWord>)]
    pub date_order: Option<DateOrderWord>,
    /// What is traded where no column says so.
    #[param(value_type = Option<AssetTypeWord>)]
    pub asset_type: Option<AssetTypeWord>,
}

impl ImportQuery {
    /// How the file is read, and whether each column must be there.
    ///
    /// # Errors
    ///
    /// 422 for a mapping that is none, or without mapping and preset.
    pub fn layout(&self) -> ApiResult<(Layout, bool)> {
        let named: BTreeMap<Field, String> = match self.mapping.as_deref() {
            Some(json) => serde_json::from_str(json)
                .map_err(|_| ApiError::field("mapping", "invalid", "is not an object of known fields"))?,
            None => BTreeMap::new(),
        };
        let mut layout = match (self.preset, named.is_empty()) {
            (None, true) => return Err(ApiError::field("preset", "required", "name a preset or a mapping")),
            (Some(preset), _) => preset.0.layout(),
            (None, false) => Layout { columns: BTreeMap::new(), ..Preset::Flotilla.layout() },
        };
        layout.columns.extend(named);
        layout.asset_type = self.asset_type.map_or(layout.asset_type, |word| word.0);
        layout.decimal =
            self.decimal.map_or(layout.decimal, |word: DecimalMarkWord| -> DecimalMark { word.0 });
        layout.order = self.date_order.map_or(layout.order, |word: DateOrderWord| -> DateOrder { word.0 });
        Ok((layout, self.preset.is_none()))
    }
}

/// What is wrong with a row of a file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportError {
    /// The first row of the file is 1.
    pub row: u64,
    pub field: String,
    pub code: String,
    pub detail: String,
}

impl From<&RowFault> for ImportError {
    fn from(fault: &RowFault) -> Self {
        Self {
            row: fault.row,
            field: fault.field.to_owned(),
            code: fault.code.to_owned(),
            detail: fault.detail.to_owned(),
        }
    }
}

/// How far an import is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportProgress {
    /// Bytes that arrived.
    pub received_bytes: u64,
    /// Rows that were checked.
    pub checked_rows: u64,
    /// Trades that were written, or compared with the journal.
    pub written_trades: u64,
}

impl From<Reached> for ImportProgress {
    fn from(reached: Reached) -> Self {
        Self {
            received_bytes: reached.received,
            checked_rows: reached.checked,
            written_trades: reached.written,
        }
    }
}

/// What an import did, or would do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportReport {
    pub dry_run: bool,
    /// How sure it is that the preset fits.
    pub confidence: Option<ConfidenceWord>,
    /// Names of the file's columns.
    pub columns: Vec<String>,
    /// Fields and the columns they are read from.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub mapping: BTreeMap<Field, String>,
    /// Every field that a column may be.
    pub fields: Vec<ImportFieldWord>,
    /// Trades found.
    pub trades: u64,
    /// Of these, those that the account has already.
    pub duplicates: u64,
    /// Of these, those written; with an error none is.
    pub imported: u64,
    pub error_count: u64,
    /// The first hundred.
    pub errors: Vec<ImportError>,
    /// The first twenty trades.
    pub preview: Vec<TradeDto>,
}
