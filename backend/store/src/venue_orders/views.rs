//! Orders of a copy, as its owner reads them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::venue_order::{Leg, VenueOrderState};
use flotilla_domain::id::{CopyId, OwnerId};
use flotilla_domain::trade::Direction;
use rust_decimal::Decimal;

use crate::db::Tx;
use crate::error::{StoreResult, known};
use crate::schema::venue_orders;

/// An order at an exchange, or what something else took of a copy's position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderView {
    /// What it did to the position.
    pub leg: Leg,
    /// Counts orders of this leg.
    pub version: i32,
    /// Our name of it.
    pub client_id: String,
    /// The exchange's name, once known.
    pub order_id: Option<String>,
    /// Contract.
    pub symbol: String,
    /// Which position it works on.
    pub direction: Direction,
    /// What is known of it.
    pub state: VenueOrderState,
    /// Asked for, in coins.
    pub quantity: Decimal,
    /// Coins of one lot of the master.
    pub units_per_lot: Decimal,
    /// Filled, in coins.
    pub filled: Decimal,
    /// Average price of what is filled.
    pub average_price: Option<Decimal>,
    /// What was paid for it, above zero.
    pub fee: Option<Decimal>,
    /// Currency of the fee.
    pub fee_asset: Option<String>,
    /// Stop loss that came with it.
    pub stop_loss: Option<Decimal>,
    /// Take profit that came with it.
    pub take_profit: Option<Decimal>,
    /// How often it was sent under its name.
    pub sendings: i32,
    /// When it was written down.
    pub created_at: DateTime<Utc>,
    /// When it was sent last, or a little before.
    pub sent_at: DateTime<Utc>,
    /// When the exchange first said anything about it.
    pub answered_at: Option<DateTime<Utc>>,
    /// What the exchange said when it refused, or why nobody knows.
    pub words: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = venue_orders)]
struct ViewRow {
    leg: String,
    version: i32,
    client_id: String,
    order_id: Option<String>,
    symbol: String,
    direction: String,
    state: String,
    quantity: Decimal,
    units_per_lot: Decimal,
    filled: Decimal,
    average_price: Option<Decimal>,
    fee: Option<Decimal>,
    fee_asset: Option<String>,
    stop_loss: Option<Decimal>,
    take_profit: Option<Decimal>,
    sendings: i32,
    created_at: DateTime<Utc>,
    sent_at: DateTime<Utc>,
    answered_at: Option<DateTime<Utc>>,
    words: Option<String>,
}

/// All orders of a copy, oldest first.
pub async fn list(tx: &mut Tx, owner: OwnerId, copy: CopyId) -> StoreResult<Vec<OrderView>> {
    let rows: Vec<ViewRow> = venue_orders::table
        .filter(venue_orders::owner_id.eq(owner.uuid()))
        .filter(venue_orders::copy_id.eq(copy.uuid()))
        .order(venue_orders::id)
        .select(ViewRow::as_select())
        .load(tx)
        .await?;
    rows.into_iter().map(ViewRow::view).collect()
}

impl ViewRow {
    fn view(self) -> StoreResult<OrderView> {
        Ok(OrderView {
            leg: known("venue_orders.leg", &self.leg)?,
            version: self.version,
            client_id: self.client_id,
            order_id: self.order_id,
            symbol: self.symbol,
            direction: known("venue_orders.direction", &self.direction)?,
            state: known("venue_orders.state", &self.state)?,
            quantity: self.quantity,
            units_per_lot: self.units_per_lot,
            filled: self.filled,
            average_price: self.average_price,
            fee: self.fee,
            fee_asset: self.fee_asset,
            stop_loss: self.stop_loss,
            take_profit: self.take_profit,
            sendings: self.sendings,
            created_at: self.created_at,
            sent_at: self.sent_at,
            answered_at: self.answered_at,
            words: self.words,
        })
    }
}
