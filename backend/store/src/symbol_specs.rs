//! What terminals report about instruments.

use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer, Numeric, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::symbol::Symbol;
use rust_decimal::Decimal;

use crate::Tx;
use crate::error::StoreResult;

/// Instruments of one account that are remembered; what comes beyond is not.
const MOST: i64 = 1_000;

/// How an account's terminal trades an instrument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SymbolSpec {
    /// Instrument, under the name the terminal used.
    pub symbol: Symbol,
    /// Units per lot, above zero.
    pub contract_size: Decimal,
    /// Decimals of a price, at most 20.
    pub digits: i32,
}

/// Replaces what is known about an instrument of an account; whether it is new.
pub async fn save(tx: &mut Tx, account: AccountId, owner: OwnerId, spec: &SymbolSpec) -> StoreResult<bool> {
    let written = sql_query(
        "insert into symbol_specs as s (account_id, owner_id, symbol, contract_size, digits)
         select $1, $2, $3, $4, $5
         where (select count(*) from symbol_specs where account_id = $1) < $6
            or exists (select from symbol_specs where account_id = $1 and symbol = $3)
         on conflict (account_id, symbol) do update set
            contract_size = excluded.contract_size, digits = excluded.digits, at = now()
         where (s.contract_size, s.digits) is distinct from (excluded.contract_size, excluded.digits)",
    )
    .bind::<SqlUuid, _>(account.uuid())
    .bind::<SqlUuid, _>(owner.uuid())
    .bind::<Text, _>(spec.symbol.as_str())
    .bind::<Numeric, _>(spec.contract_size)
    .bind::<Integer, _>(spec.digits)
    .bind::<BigInt, _>(MOST)
    .execute(tx)
    .await?;
    Ok(written > 0)
}
