//! What open positions would bring now.

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Nullable, Numeric, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::floating::{Entry, Floating, FloatingUnknown, OpenPosition, Quote, floating};
use flotilla_domain::id::{AccountId, CopyId, OwnerId, TradeId};
use flotilla_domain::trade::Direction;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreResult, known};
use crate::lot_sizes::{self, LotSize};

/// An open position and what it would bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionFloating {
    /// The account.
    pub account_id: AccountId,
    /// Instrument.
    pub symbol: String,
    /// Row of the journal.
    pub trade_id: TradeId,
    /// The copy that made it.
    pub copy_id: Option<CopyId>,
    /// The profit, or what is missing to know it.
    pub floating: Result<Floating, FloatingUnknown>,
}

/// Which open positions are wanted.
#[derive(Debug, Clone, Copy)]
pub enum Positions<'a> {
    /// Of these accounts.
    Accounts(&'a [AccountId]),
    /// These rows of the journal.
    Trades(&'a [TradeId]),
    /// Of these copies.
    Copies(&'a [CopyId]),
}

#[derive(QueryableByName)]
struct PositionRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    account_id: Uuid,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    copy_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Text)]
    direction: String,
    #[diesel(sql_type = Numeric)]
    quantity: Decimal,
    #[diesel(sql_type = Nullable<Numeric>)]
    entry_price: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    master_price: Option<Decimal>,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Nullable<Numeric>)]
    contract_size: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    bid: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    ask: Option<Decimal>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
}

/// What an owner's open positions would bring. Prices and contract sizes are
/// the account's own, else those of the master it copied from. A master's
/// terminal hardly ever names a size: then it is what its followers' terminals
/// name, as far as its own results bear that out.
pub async fn list(tx: &mut Tx, owner: OwnerId, which: Positions<'_>) -> StoreResult<Vec<PositionFloating>> {
    let (column, ids): (_, Vec<Uuid>) = match which {
        Positions::Accounts(ids) => ("account_id", ids.iter().map(|id| id.uuid()).collect()),
        Positions::Trades(ids) => ("id", ids.iter().map(|id| id.uuid()).collect()),
        Positions::Copies(ids) => ("copy_id", ids.iter().map(|id| id.uuid()).collect()),
    };
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // Of the columns above, never of a text from outside.
    let query = format!(
        "select t.id, t.account_id, t.copy_id, t.symbol, t.direction, t.quantity, t.entry_price, c.master_price,
            coalesce(f.currency, a.currency) as currency, s.contract_size, p.bid, p.ask, p.at, now() as now
         from trades t
         join accounts a on a.id = t.account_id
         left join account_figures f on f.account_id = t.account_id
         left join copy_orders c on c.copy_id = t.copy_id
         left join lateral (
            select p.chart_symbol, p.bid, p.ask, p.at from prices p
            where p.account_id in (t.account_id, c.master_account_id)
               and coalesce(p.signal_symbol, p.chart_symbol) = t.symbol
            order by (p.account_id = t.account_id) desc, p.at desc limit 1) p on true
         left join lateral (
            select s.contract_size from symbol_specs s
            where s.account_id in (t.account_id, c.master_account_id) and s.symbol in (t.symbol, p.chart_symbol)
            order by (s.account_id = t.account_id) desc, (s.symbol = t.symbol) desc limit 1) s on true
         where t.owner_id = $1 and t.status = 'open' and t.{column} = any($2)"
    );
    let rows: Vec<PositionRow> = sql_query(query)
        .bind::<SqlUuid, _>(owner.uuid())
        .bind::<Array<SqlUuid>, _>(ids)
        .get_results(tx)
        .await?;
    let lacking: Vec<(Uuid, &str)> = rows
        .iter()
        .filter(|row| row.contract_size.is_none() && row.copy_id.is_none() && row.bid.is_some())
        .map(|row| (row.account_id, row.symbol.as_str()))
        .collect();
    let found = lot_sizes::borne_out(tx, owner, &lacking).await?;
    rows.into_iter().map(|row| row.sized(&found).judged()).collect()
}

impl PositionRow {
    fn sized(mut self, found: &[LotSize]) -> Self {
        let own = |size: &&LotSize| {
            (size.account_id, size.symbol.as_str()) == (self.account_id, self.symbol.as_str())
        };
        let units = found.iter().find(own).map(|size| size.units);
        self.contract_size = self.contract_size.or(units.filter(|_| self.copy_id.is_none()));
        self
    }

    fn judged(self) -> StoreResult<PositionFloating> {
        let direction: Direction = known("trades.direction", &self.direction)?;
        let position = OpenPosition {
            symbol: &self.symbol,
            direction,
            lots: self.quantity,
            entry: self.entry_price.map(Entry::Own).or(self.master_price.map(Entry::Masters)),
            contract_size: self.contract_size,
            quote: self.quote(),
            currency: &self.currency,
        };
        let floating = floating(&position, self.now);
        Ok(PositionFloating {
            account_id: self.account_id.into(),
            symbol: self.symbol,
            trade_id: self.id.into(),
            copy_id: self.copy_id.map(Into::into),
            floating,
        })
    }

    fn quote(&self) -> Option<Quote> {
        Some(Quote { bid: self.bid?, ask: self.ask?, at: self.at? })
    }
}
