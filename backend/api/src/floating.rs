//! Rows together with what their open positions would bring now.

use flotilla_domain::floating::FloatingUnknown;
use flotilla_domain::id::{CopyId, OwnerId, TradeId};
use flotilla_domain::trade::{Trade, TradeStatus};
use flotilla_store::copies::CopyView;
use flotilla_store::floating::{self, PositionFloating, Positions};
use flotilla_store::{StoreResult, Tx};

use crate::dto::copies::CopyDto;
use crate::dto::figure::Figure;
use crate::dto::trades::TradeDto;
use crate::dto::words::FloatingUnknownWord;

/// A row and the floating profit of its position, if that is open.
pub struct Priced<T> {
    pub row: T,
    position: Option<PositionFloating>,
}

/// What the columns of a floating profit hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct FloatingFigures {
    pub profit: Option<Figure>,
    pub is_estimated: bool,
    pub unknown: Option<FloatingUnknownWord>,
}

impl From<&PositionFloating> for FloatingFigures {
    fn from(position: &PositionFloating) -> Self {
        match position.floating {
            Ok(known) => {
                Self { profit: Some(Figure(known.profit)), is_estimated: known.is_estimated, unknown: None }
            }
            Err(unknown) => Self::without(unknown),
        }
    }
}

impl FloatingFigures {
    fn without(unknown: FloatingUnknown) -> Self {
        Self { profit: None, is_estimated: false, unknown: Some(unknown.into()) }
    }
}

/// Copies with the profit of those that are open.
pub async fn of_copies(
    tx: &mut Tx,
    owner: OwnerId,
    rows: Vec<CopyView>,
) -> StoreResult<Vec<Priced<CopyView>>> {
    let open: Vec<CopyId> =
        rows.iter().filter(|copy| !copy.open_lots.is_zero()).map(|copy| copy.id).collect();
    let positions = floating::list(tx, owner, Positions::Copies(&open)).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let position = positions.iter().find(|position| position.copy_id == Some(row.id)).cloned();
            Priced { row, position }
        })
        .collect())
}

/// Trades with the profit of those that are open.
pub async fn of_trades(tx: &mut Tx, owner: OwnerId, rows: Vec<Trade>) -> StoreResult<Vec<Priced<Trade>>> {
    let is_open = |trade: &&Trade| trade.status == TradeStatus::Open;
    let open: Vec<TradeId> = rows.iter().filter(is_open).map(|trade| trade.id).collect();
    let positions = floating::list(tx, owner, Positions::Trades(&open)).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let position = positions.iter().find(|position| position.trade_id == row.id).cloned();
            Priced { row, position }
        })
        .collect())
}

impl From<Priced<CopyView>> for CopyDto {
    fn from(priced: Priced<CopyView>) -> Self {
        let floating = priced.position.as_ref().map(FloatingFigures::from).unwrap_or_default();
        Self::with_floating(priced.row, floating)
    }
}

impl From<Priced<Trade>> for TradeDto {
    fn from(priced: Priced<Trade>) -> Self {
        let floating = priced.position.as_ref().map(FloatingFigures::from).unwrap_or_default();
        Self::with_floating(priced.row, floating)
    }
}
