//! What owners let their new accounts begin with.

use diesel::sql_types::{Integer, Numeric, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::OwnerId;
use flotilla_domain::risk::defaults::RiskDefaults;
use rust_decimal::Decimal;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult};

/// Somebody edited them in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the defaults were changed in the meantime; read them again")]
pub struct StaleDefaults;

#[derive(QueryableByName)]
struct DefaultsRow {
    #[diesel(sql_type = Integer)]
    max_open_positions: i32,
    #[diesel(sql_type = Numeric)]
    risk_per_trade_percent: Decimal,
    #[diesel(sql_type = Numeric)]
    daily_loss_percent: Decimal,
    #[diesel(sql_type = Numeric)]
    max_drawdown_percent: Decimal,
    #[diesel(sql_type = Integer)]
    version: i32,
}

/// The defaults of an owner, and their version: 0 before the first edit.
pub async fn get(tx: &mut Tx, owner: OwnerId) -> StoreResult<(RiskDefaults, i32)> {
    let row: Option<DefaultsRow> = sql_query(
        "select max_open_positions, risk_per_trade_percent, daily_loss_percent, max_drawdown_percent, version
         from risk_defaults where owner_id = $1",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .get_result(tx)
    .await
    .optional()?;
    match row {
        Some(row) => row.defaults(),
        None => Ok((RiskDefaults::default(), 0)),
    }
}

/// Sets the defaults of an owner that nobody edited since `version`; 0: never.
///
/// # Errors
///
/// [`StaleDefaults`].
pub async fn save(
    tx: &mut Tx,
    owner: OwnerId,
    defaults: &RiskDefaults,
    version: i32,
) -> StoreResult<Result<(), StaleDefaults>> {
    let positions = i32::try_from(defaults.max_open_positions).unwrap_or(i32::MAX);
    // Of two that are the first at once, one finds the other's row, whose version is not 0.
    let saved = sql_query(
        "insert into risk_defaults as d
            (owner_id, max_open_positions, risk_per_trade_percent, daily_loss_percent, max_drawdown_percent)
         select $1, $2, $3, $4, $5
         where $6 = 0 or exists (select from risk_defaults where owner_id = $1 and version = $6)
         on conflict (owner_id) do update
            set max_open_positions = excluded.max_open_positions,
                risk_per_trade_percent = excluded.risk_per_trade_percent,
                daily_loss_percent = excluded.daily_loss_percent,
                max_drawdown_percent = excluded.max_drawdown_percent,
                version = d.version + 1, updated_at = now()
            where d.version = $6",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Integer, _>(positions)
    .bind::<Numeric, _>(defaults.risk_per_trade_percent)
    .bind::<Numeric, _>(defaults.daily_loss_percent)
    .bind::<Numeric, _>(defaults.max_drawdown_percent)
    .bind::<Integer, _>(version)
    .execute(tx)
    .await?;
    Ok(if saved == 1 { Ok(()) } else { Err(StaleDefaults) })
}

impl DefaultsRow {
    fn defaults(self) -> StoreResult<(RiskDefaults, i32)> {
        let positions = u32::try_from(self.max_open_positions);
        let defaults = RiskDefaults {
            max_open_positions: positions
                .map_err(|_| StoreError::Corrupt("risk_defaults.max_open_positions"))?,
            risk_per_trade_percent: self.risk_per_trade_percent,
            daily_loss_percent: self.daily_loss_percent,
            max_drawdown_percent: self.max_drawdown_percent,
        };
        Ok((defaults, self.version))
    }
}
