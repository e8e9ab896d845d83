use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use actix_web::{get, web};
use chrono::{DateTime, Utc};
use flotilla_domain::id::{AccountId, OwnerId, UserId};
use flotilla_domain::stats::clock::LocalClock;
use flotilla_domain::stats::slice::Slice;
use flotilla_domain::stats::{ClosedTrade, Setting, Statistics, StatsError};
use flotilla_store::stats::{self, Standing};
use flotilla_store::trades::TradeFilter;
use flotilla_store::{StoreError, Tx, portfolio, transaction_time, users};
use rust_decimal::Decimal;

use crate::auth::{Allowed, Read};
use crate::body::AccountsQuery;
use crate::conversion::Basis;
use crate::dto::currency_rates::currency;
use crate::dto::figure::Figure;
use crate::dto::stats::{
    CompareQuery, ComparedAccount, Portfolio, Shown, StatsComparison, StatsDto, StatsQuery, TotalDto,
    USUAL_POINTS, sum,
};
use crate::error::{ApiError, ApiResult, Problem};
use crate::shared::Shared;
use crate::turns::{self, OwnTurn};

/// Somebody waits so long for statistics.
const PATIENCE: Duration = Duration::from_secs(20);
/// Accounts side by side at most.
const MOST_COMPARED: usize = 10;

/// Statistics of closed trades.
#[utoipa::path(
    operation_id = "get_stats",
    tag = "journal",
    params(
        ("account_id" = Option<Vec<uuid::Uuid>>, Query, explode = true, max_items = 200, description = "Of these accounts; all that are not archived unless given."),
        StatsQuery,
    ),
    responses(
        (status = 200, body = StatsDto),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/stats")]
pub async fn get_stats(
    caller: Allowed<Read>,
    shared: web::Data<Shared>,
    query: AccountsQuery<StatsQuery>,
) -> ApiResult<web::Json<StatsDto>> {
    let AccountsQuery { accounts: wanted, rest } = query;
    let (points, into) = (rest.points()?, asked_for(rest.currency.as_deref())?);
    let is_scattered = rest.scatter;
    let owner = caller.scope.owner;
    let _turn = turn(&shared, &caller).await?;
    let filter = TradeFilter { accounts: (!wanted.is_empty()).then_some(wanted), ..rest.filter() };
    let mut stats = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            let asked = Asked::of(tx, owner, (points, into)).await?;
            let accounts = stats::standings(tx, owner, &filter).await?;
            if filter.group.is_none()
                && filter.accounts.as_ref().is_some_and(|all| all.len() > accounts.len())
            {
                return Err(StoreError::NotFound("account").into());
            }
            let accounts = stats::with_money(tx, owner, accounts).await?;
            asked.stats(tx, &filter, accounts).await
        })
        .await?;
    if !is_scattered {
        stats.scatter.clear();
    }
    Ok(web::Json(stats))
}

/// Statistics of accounts side by side.
#[utoipa::path(
    operation_id = "compare_accounts",
    tag = "journal",
    params(
        ("account_id" = Vec<uuid::Uuid>, Query, explode = true, min_items = 1, max_items = 10, description = "1 to 10 accounts."),
        CompareQuery,
    ),
    responses(
        (status = 200, body = StatsComparison),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/stats/compare")]
pub async fn compare_accounts(
    caller: Allowed<Read>,
    shared: web::Data<Shared>,
    query: AccountsQuery<CompareQuery>,
) -> ApiResult<web::Json<StatsComparison>> {
    let AccountsQuery { accounts: wanted, rest } = query;
    if !(1..=MOST_COMPARED).contains(&wanted.len()) {
        return Err(ApiError::field("account_id", "out_of_range", "name 1 to 10 accounts"));
    }
    let into = asked_for(rest.currency.as_deref())?;
    let owner = caller.scope.owner;
    let _turn = turn(&shared, &caller).await?;
    let items = caller
        .db
        .read(caller.scope, async move |tx: &mut Tx| {
            let asked = Asked::of(tx, owner, (USUAL_POINTS, into)).await?;
            let mut items = Vec::new();
            for account in wanted {
                let filter = TradeFilter { accounts: Some(vec![account]), ..rest.filter() };
                let found = stats::standings(tx, owner, &filter).await?;
                let found = stats::with_money(tx, owner, found).await?.pop();
                let standing = found.ok_or(StoreError::NotFound("account"))?;
                let (name, capital_level) = (standing.name.clone(), standing.capital_level.clone());
                let mut stats = asked.stats(tx, &filter, vec![standing]).await?;
                stats.scatter.clear();
                items.push(ComparedAccount { account_id: account, name, capital_level, stats });
            }
            Ok::<_, ApiError>(items)
        })
        .await?;
    Ok(web::Json(StatsComparison { items }))
}

/// Headline figures of all accounts that are not archived.
#[utoipa::path(
    operation_id = "get_portfolio",
    tag = "journal",
    responses(
        (status = 200, body = Portfolio),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = [])),
)]
#[get("/api/v1/portfolio")]
pub async fn get_portfolio(
    caller: Allowed<Read>,
    shared: web::Data<Shared>,
) -> ApiResult<web::Json<Portfolio>> {
    let owner = caller.scope.owner;
    let _turn = turn(&shared, &caller).await?;
    let rows =
        caller.db.read(caller.scope, async move |tx: &mut Tx| portfolio::list(tx, owner).await).await?;
    Ok(web::Json(Portfolio { items: rows.into_iter().map(Into::into).collect() }))
}

/// By who asks, whoever's rows: that of a guest holds up nobody else's.
async fn turn(shared: &Shared, caller: &Allowed<Read>) -> ApiResult<OwnTurn> {
    shared.statistics.take(caller.scope.actor.into(), &turns::STATISTICS, PATIENCE).await
}

fn asked_for(text: Option<&str>) -> ApiResult<Option<String>> {
    text.map(|text| currency("currency", text.to_owned())).transpose()
}

/// By whose clock, when, and in which currency statistics are asked for.
pub struct Asked {
    owner: OwnerId,
    points: usize,
    /// `None`: as the accounts have it.
    into: Option<String>,
    now: DateTime<Utc>,
    zone: String,
    clock: LocalClock,
}

impl Asked {
    /// Asks by the owner's clock.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn of(tx: &mut Tx, owner: OwnerId, (points, into): (usize, Option<String>)) -> ApiResult<Self> {
        let zone = users::get(tx, UserId::from(owner)).await?.time_zone;
        let clock = LocalClock::new(&zone).map_err(StatsError::Day)?;
        let now = transaction_time::read(tx).await?;
        Ok(Self { owner, points, into, now, zone, clock })
    }

    /// Statistics of the trades of `accounts` that `filter` wants.
    ///
    /// # Errors
    ///
    /// Those of the database, and 422 for money out of all bounds.
    pub async fn stats(
        &self,
        tx: &mut Tx,
        filter: &TradeFilter,
        accounts: Vec<Standing>,
    ) -> ApiResult<StatsDto> {
        let currencies = currencies(&accounts);
        // Trades of archived accounts count only where those are named.
        let named = accounts.iter().map(|account| account.id).collect();
        let filter = TradeFilter { accounts: Some(named), ..filter.clone() };
        let today = self.clock.show(self.now).map_err(StatsError::Day)?.date;
        let mut basis = match &self.into {
            None => Basis::as_it_is(tx, self.owner, &filter, accounts).await?,
            Some(into) => {
                Basis::told_in(tx, (self.owner, into.as_str()), &filter, accounts, (&self.clock, today))
                    .await?
            }
        };
        let starting_balance = basis.starting_balance;
        let setting = Setting { clock: self.clock.clone(), today, starting_balance, points: self.points };
        let mut statistics = Statistics::new(setting);
        let mut tally = Tally { each: HashMap::new(), unknown: 0 };
        let read = stats::visit(tx, self.owner, &filter, |row| {
            let Some(pnl) = tally.take(row.account_id, row.pnl)? else { return Ok(()) };
            let Some(pnl) = basis.result(&self.clock, &row, pnl)? else { return Ok(()) };
            let (entry_at, exit_at, r) = (row.entry_at, row.exit_at, row.r);
            statistics.push(&ClosedTrade { symbol: &row.symbol, entry_at, exit_at, pnl, r })?;
            Ok::<_, ApiError>(())
        });
        read.await?;
        let shown = Shown {
            currency: basis.currency(),
            time_zone: self.zone.clone(),
            open_trades: stats::count_open(tx, self.owner, &filter).await?,
            unknown_trades: tally.unknown,
            unconverted_trades: basis.unconverted,
            missing_rates: basis.missing_rates(),
            starting_balance,
            totals: tally.totals(&currencies),
        };
        Ok(StatsDto::new(&statistics.finish(), &basis.accounts, shown))
    }
}

fn currencies(accounts: &[Standing]) -> BTreeMap<String, Vec<Standing>> {
    let mut found: BTreeMap<String, Vec<Standing>> = BTreeMap::new();
    for account in accounts {
        found.entry(account.currency.clone()).or_default().push(account.clone());
    }
    found
}

/// What each account brought.
struct Tally {
    each: HashMap<AccountId, Slice>,
    unknown: u64,
}

impl Tally {
    /// Counts a trade; nothing where its result is unknown.
    fn take(&mut self, account: AccountId, pnl: Option<Decimal>) -> Result<Option<Decimal>, StatsError> {
        let Some(pnl) = pnl else {
            self.unknown = self.unknown.saturating_add(1);
            return Ok(None);
        };
        self.each.entry(account).or_default().push(pnl).ok_or(StatsError::OutOfRange)?;
        Ok(Some(pnl))
    }

    fn totals(&self, currencies: &BTreeMap<String, Vec<Standing>>) -> Vec<TotalDto> {
        let total = |(currency, accounts): (&String, &Vec<Standing>)| {
            let slices: Vec<&Slice> =
                accounts.iter().filter_map(|account| self.each.get(&account.id)).collect();
            let count = |of: fn(&Slice) -> u64| slices.iter().map(|slice| of(slice)).sum();
            TotalDto {
                currency: currency.clone(),
                accounts: accounts.len(),
                balance: sum(accounts, |account| account.balance).map(Figure),
                equity: sum(accounts, |account| account.equity).map(Figure),
                trades: count(|slice| slice.trades),
                wins: count(|slice| slice.wins),
                losses: count(|slice| slice.losses),
                total_pnl: Figure(slices.iter().map(|slice| slice.pnl).sum()),
            }
        };
        currencies.iter().map(total).collect()
    }
}
