//! Masters whose owners opted in, as anybody who is signed in may see them.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use flotilla_domain::account::Platform;
use flotilla_domain::copy::mode::CopyMode;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::db::Tx;
use crate::error::{StoreError, StoreResult, known};
use crate::schema::masters_directory;

/// The public face of a master.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Its address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What its owner says about it.
    pub description: Option<String>,
    /// Where it trades.
    pub platform: Platform,
    /// Currency of its figures.
    pub currency: String,
    /// Who receives its trades.
    pub copy_mode: CopyMode,
    /// Whether followers wait for approval.
    pub needs_approval: bool,
    /// Accounts that follow it.
    pub followers: i32,
    /// Closed trades that its terminal or exchange reported.
    pub trades: i32,
    /// Those with a profit.
    pub wins: i32,
    /// Their summed profit.
    pub profit: Decimal,
    /// Largest fall of the summed profit from its peak.
    pub drawdown: Decimal,
    /// The same as a fraction of starting balance and peak.
    pub drawdown_ratio: Option<Decimal>,
    /// Summed profit at the end of each day with a trade, oldest first.
    pub curve: Vec<(NaiveDate, Decimal)>,
    /// Entry of its first trade.
    pub since: Option<DateTime<Utc>>,
    /// When this was true.
    pub updated_at: DateTime<Utc>,
}

/// Order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Most followed first.
    Followers,
    /// Largest profit first.
    Profit,
    /// Most trades first.
    Trades,
    /// Smallest fall first, by fraction.
    Drawdown,
    /// By name.
    Name,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = masters_directory)]
struct ProfileRow {
    slug: String,
    name: String,
    description: Option<String>,
    platform: String,
    currency: String,
    copy_mode: String,
    needs_approval: bool,
    followers: i32,
    trades: i32,
    wins: i32,
    profit: Decimal,
    drawdown: Decimal,
    drawdown_ratio: Option<Decimal>,
    curve: Value,
    since: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
}

/// Profiles whose name or description contains `search`, from the `skip`th on.
pub async fn list(
    tx: &mut Tx,
    search: Option<&str>,
    order: Order,
    skip: i64,
    limit: i64,
) -> StoreResult<Vec<Profile>> {
    let mut query = masters_directory::table.select(ProfileRow::as_select()).into_boxed();
    if let Some(search) = search {
        let pattern = format!("%{}%", search.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        query = query.filter(
            masters_directory::name
                .ilike(pattern.clone())
                .or(masters_directory::description.assume_not_null().ilike(pattern)),
        );
    }
    query = match order {
        Order::Followers => query.order(masters_directory::followers.desc()),
        Order::Profit => query.order(masters_directory::profit.desc()),
        Order::Trades => query.order(masters_directory::trades.desc()),
        Order::Drawdown => query.order(masters_directory::drawdown_ratio.asc()),
        Order::Name => query.order(masters_directory::name.asc()),
    };
    let rows: Vec<ProfileRow> =
        query.then_order_by(masters_directory::slug).offset(skip).limit(limit).load(tx).await?;
    rows.into_iter().map(ProfileRow::profile).collect()
}

/// The master at this address.
pub async fn get(tx: &mut Tx, slug: &str) -> StoreResult<Profile> {
    let row = masters_directory::table
        .filter(masters_directory::slug.eq(slug))
        .select(ProfileRow::as_select())
        .first(tx)
        .await
        .optional()?;
    row.ok_or(StoreError::NotFound("master"))?.profile()
}

impl ProfileRow {
    fn profile(self) -> StoreResult<Profile> {
        let curve =
            serde_json::from_value(self.curve).map_err(|_| StoreError::Corrupt("masters_directory.curve"))?;
        Ok(Profile {
            slug: self.slug,
            name: self.name,
            description: self.description,
            platform: known("masters_directory.platform", &self.platform)?,
            currency: self.currency,
            copy_mode: known("masters_directory.copy_mode", &self.copy_mode)?,
            needs_approval: self.needs_approval,
            followers: self.followers,
            trades: self.trades,
            wins: self.wins,
            profit: self.profit,
            drawdown: self.drawdown,
            drawdown_ratio: self.drawdown_ratio,
            curve,
            since: self.since,
            updated_at: self.updated_at,
        })
    }
}
