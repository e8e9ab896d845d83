//! How many units a lot has for masters, whose terminals hardly ever say so.

use diesel::sql_types::{Array, Numeric, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::id::OwnerId;
use flotilla_domain::lot_size::{Settled, is_borne_out};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreResult, known};

/// What a size was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LotSize {
    pub account_id: Uuid,
    pub symbol: String,
    pub units: Decimal,
}

/// A size that a follower's terminal named, with one result of the master's.
#[derive(QueryableByName)]
struct ResultRow {
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Numeric)]
    contract_size: Decimal,
    #[diesel(sql_type = Text)]
    direction: String,
    #[diesel(sql_type = Numeric)]
    quantity: Decimal,
    #[diesel(sql_type = Numeric)]
    entry_price: Decimal,
    #[diesel(sql_type = Numeric)]
    exit_price: Decimal,
    #[diesel(sql_type = Numeric)]
    pnl: Decimal,
}

/// Sizes for these accounts and instruments: those that terminals of the
/// owner's followers named under the master's symbol, where the master's own
/// last results bear one and only one of them out.
pub(crate) async fn borne_out(
    tx: &mut Tx,
    owner: OwnerId,
    wanted: &[(Uuid, &str)],
) -> StoreResult<Vec<LotSize>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let (accounts, symbols): (Vec<Uuid>, Vec<&str>) = wanted.iter().copied().unzip();
    let rows: Vec<ResultRow> = sql_query(RESULTS)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<Array<SqlUuid>, _>(accounts)
        .bind::<Array<Text>, _>(symbols)
        .get_results(tx)
        .await?;
    let mut found: Vec<LotSize> = Vec::new();
    for same_size in rows.chunk_by(|a, b| a.key() == b.key()) {
        let results = same_size.iter().map(ResultRow::settled).collect::<StoreResult<Vec<_>>>()?;
        let Some(row) = same_size.first() else { continue };
        if is_borne_out(row.contract_size, &results) {
            let (account_id, symbol, units) = (row.account_id, row.symbol.clone(), row.contract_size);
            found.push(LotSize { account_id, symbol, units });
        }
    }
    // Two sizes that both fit leave none.
    let is_only = |one: &LotSize| {
        let same = |other: &&LotSize| (other.account_id, &other.symbol) == (one.account_id, &one.symbol);
        found.iter().filter(same).count() == 1
    };
    Ok(found.iter().filter(|one| is_only(one)).cloned().collect())
}

/// A trade that changed after its exit has had several, of parts: its last
/// price does not explain its result.
const RESULTS: &str = "
    select w.account_id, w.symbol, s.contract_size, r.direction, r.quantity, r.entry_price, r.exit_price, r.pnl
    from (select distinct account_id, symbol from unnest($2, $3) as w (account_id, symbol)) w
    cross join lateral (
        select distinct s.contract_size
        from subscriptions f
        join symbol_specs s on s.account_id = f.follower_account_id
        where f.owner_id = $1 and f.master_account_id = w.account_id and s.owner_id = $1 and s.symbol = w.symbol
    ) s
    cross join lateral (
        select t.direction, t.quantity, t.entry_price, t.exit_price, t.pnl
        from (select * from trades where owner_id = $1 and account_id = w.account_id order by id desc limit 500) t
        where t.symbol = w.symbol and t.status = 'closed' and t.source = 'ea' and t.pnl_source = 'broker'
            and t.exit_at = t.updated_at and t.entry_price is not null and t.exit_price is not null
        order by t.id desc
        limit 20
    ) r
    order by w.account_id, w.symbol, s.contract_size";

impl ResultRow {
    fn key(&self) -> (Uuid, &str, Decimal) {
        (self.account_id, self.symbol.as_str(), self.contract_size)
    }

    fn settled(&self) -> StoreResult<Settled> {
        Ok(Settled {
            direction: known("trades.direction", &self.direction)?,
            lots: self.quantity,
            entry: self.entry_price,
            exit: self.exit_price,
            profit: self.pnl,
        })
    }
}
