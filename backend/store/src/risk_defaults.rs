//! What owners let their new accounts begin with.

use diesel::sql_types::{Integer, Jsonb, Nullable, Numeric, Uuid as SqlUuid};
use diesel::{OptionalExtension, QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::OwnerId;
use flotilla_domain::risk::defaults::RiskDefaults;
use flotilla_domain::risk::marks::Marks;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::db::Tx;
use crate::error::{StoreError, StoreResult};
use crate::risk_phases::parsed;

/// What an owner has set for all his accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Defaults {
    /// With what new ones begin.
    pub numbers: RiskDefaults,
    /// Marks of those for which neither they nor their groups set any.
    pub marks: Marks,
    /// Grows with each edit; 0 before the first.
    pub version: i32,
}

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
    #[diesel(sql_type = Nullable<Jsonb>)]
    thresholds: Option<Value>,
    #[diesel(sql_type = Integer)]
    version: i32,
}

/// The defaults of an owner.
pub async fn get(tx: &mut Tx, owner: OwnerId) -> StoreResult<Defaults> {
    let row: Option<DefaultsRow> = sql_query(
        "select max_open_positions, risk_per_trade_percent, daily_loss_percent, max_drawdown_percent, thresholds, version
         from risk_defaults where owner_id = $1",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .get_result(tx)
    .await
    .optional()?;
    match row {
        Some(row) => row.defaults(),
        None => Ok(Defaults::default()),
    }
}

/// Sets the defaults of an owner that nobody edited since their version; 0: never.
///
/// # Errors
///
/// [`StaleDefaults`].
pub async fn save(
    tx: &mut Tx,
    owner: OwnerId,
    defaults: &Defaults,
) -> StoreResult<Result<(), StaleDefaults>> {
    let Defaults { numbers, marks, version } = *defaults;
    let positions = i32::try_from(numbers.max_open_positions).unwrap_or(i32::MAX);
    // Of two that are the first at once, one finds the other's row, whose version is not 0.
    let saved = sql_query(
        "insert into risk_defaults as d
            (owner_id, max_open_positions, risk_per_trade_percent, daily_loss_percent, max_drawdown_percent, thresholds)
         select $1, $2, $3, $4, $5, $7
         where $6 = 0 or exists (select from risk_defaults where owner_id = $1 and version = $6)
         on conflict (owner_id) do update
            set max_open_positions = excluded.max_open_positions,
                risk_per_trade_percent = excluded.risk_per_trade_percent,
                daily_loss_percent = excluded.daily_loss_percent,
                max_drawdown_percent = excluded.max_drawdown_percent,
                thresholds = excluded.thresholds,
                version = d.version + 1, updated_at = now()
            where d.version = $6",
    )
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Integer, _>(positions)
    .bind::<Numeric, _>(numbers.risk_per_trade_percent)
    .bind::<Numeric, _>(numbers.daily_loss_percent)
    .bind::<Numeric, _>(numbers.max_drawdown_percent)
    .bind::<Integer, _>(version)
    .bind::<Nullable<Jsonb>, _>((!marks.is_empty()).then(|| json!(marks)))
    .execute(tx)
    .await?;
    Ok(if saved == 1 { Ok(()) } else { Err(StaleDefaults) })
}

impl DefaultsRow {
    fn defaults(self) -> StoreResult<Defaults> {
        let positions = u32::try_from(self.max_open_positions);
        let numbers = RiskDefaults {
            max_open_positions: positions
                .map_err(|_| StoreError::Corrupt("risk_defaults.max_open_positions"))?,
            risk_per_trade_percent: self.risk_per_trade_percent,
            daily_loss_percent: self.daily_loss_percent,
            max_drawdown_percent: self.max_drawdown_percent,
        };
        let marks = self.thresholds.map(|marks| parsed(marks, "risk_defaults.thresholds")).transpose()?;
        Ok(Defaults { numbers, marks: marks.unwrap_or_default(), version: self.version })
    }
}
