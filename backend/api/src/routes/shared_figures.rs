use std::collections::HashMap;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, get, web};
use chrono::{DateTime, TimeDelta, Utc};
use flotilla_domain::id::{AccountId, OwnerId};
use flotilla_domain::share::ShareSection;
use flotilla_domain::trade::{Trade, TradeStatus};
use flotilla_security::opaque::ShareToken;
use flotilla_store::shares::{self, Share, Shown};
use flotilla_store::stats::Standing;
use flotilla_store::trades::{SortKey, TradeFilter, TradeOrder};
use flotilla_store::{Scope, Tx, stats, trades, transaction_time};
use tokio::time::Instant;

use crate::dto::shared_figures::{
    SharedFigures, SharedPoint, SharedPosition, SharedStatistics, SharedTrade, TradeBasis,
};
use crate::dto::stats::{StatsDto, USUAL_POINTS};
use crate::error::{ApiError, ApiResult, Problem};
use crate::routes::stats::Asked;
use crate::shared::Shared;
use crate::{address, turns};

/// A stranger waits so long for figures.
const PATIENCE: Duration = Duration::from_secs(10);
/// Trades, and positions, that are shown at most.
const MOST: i64 = 100;

/// What a link shows, to whoever has it.
///
/// Read in its owner's scope by a role that cannot write. Unknown, expired and
/// revoked links get the same answer.
#[utoipa::path(
    operation_id = "get_shared",
    tag = "sharing",
    params(("token" = String, Path, pattern = "^[A-Za-z0-9_-]{43}$")),
    responses(
        (status = 200, body = SharedFigures),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[get("/api/v1/shared/{token}")]
pub async fn get_shared(
    request: HttpRequest,
    shared: web::Data<Shared>,
    token: web::Path<String>,
) -> ApiResult<web::Json<SharedFigures>> {
    let address = address::client(&request, &shared.config.trusted_proxies);
    shared.limits.share(address)?;
    let hash = ShareToken::parse(&token).ok_or(ApiError::NotFound)?.hash();
    let found = shared.stores.app.open(async move |tx: &mut Tx| shares::find_scope(tx, &hash).await).await?;
    let scope = found.ok_or(ApiError::NotFound)?;
    let _turn = shared.links.take(scope.owner, &turns::SHARED, PATIENCE).await?;
    let shown = shared
        .stores
        .readonly
        .read(scope, async move |tx: &mut Tx| {
            let share = shares::find_live(tx, scope).await?.ok_or(ApiError::NotFound)?;
            // Rows have the database's time: by another clock the delay would be longer or shorter.
            let now = transaction_time::read(tx).await?;
            figures(tx, scope.owner, share, now).await
        })
        .await?;
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let visitor = (scope.actor, address, agent.unwrap_or_default());
    if shared.visitors.is_new(visitor, Instant::now()) {
        let (owner, link) = (scope.owner, scope.actor);
        let count = async move |tx: &mut Tx| shares::count_view(tx, owner, link).await;
        shared.stores.app.write(Scope::own(owner.into()), count).await?;
    }
    Ok(web::Json(shown))
}

async fn figures(tx: &mut Tx, owner: OwnerId, share: Share, now: DateTime<Utc>) -> ApiResult<SharedFigures> {
    let Share { shown, expires_at, .. } = share;
    let delay = TimeDelta::minutes(i64::from(shown.delay_minutes));
    let as_of = now.checked_sub_signed(delay).unwrap_or(now);
    let wanted = TradeFilter { accounts: shown.accounts.clone(), ..TradeFilter::default() };
    let accounts = stats::standings(tx, owner, &wanted).await?;
    let window = Window::new(&shown, &accounts, as_of);
    let stats = if shown.sections.iter().any(|section| is_computed(*section)) {
        Some(window.stats(tx, owner, &shown, accounts.clone()).await?)
    } else {
        None
    };
    let (has, money) = (|section: ShareSection| shown.sections.contains(&section), shown.shows_money);
    let trades = if has(ShareSection::Trades) {
        let by_account = bases(&accounts);
        let row = |trade: Trade| {
            let basis = by_account.get(&trade.account_id).cloned().unwrap_or_default();
            SharedTrade::new(trade, basis, money)
        };
        Some(window.closed(tx, owner).await?.into_iter().map(row).collect())
    } else {
        None
    };
    let positions = if has(ShareSection::Positions) {
        let row = |trade: Trade| SharedPosition::new(trade, as_of);
        Some(window.open(tx, owner).await?.into_iter().map(row).collect())
    } else {
        None
    };
    let names = accounts.into_iter().map(|account| account.name);
    Ok(SharedFigures {
        statistics: stats
            .as_ref()
            .filter(|_| has(ShareSection::Statistics))
            .map(|stats| SharedStatistics::new(stats, money)),
        curve: stats
            .as_ref()
            .filter(|_| has(ShareSection::Curve))
            .map(|stats| SharedPoint::curve(&stats.curve, money)),
        currency: stats.and_then(|stats| stats.currency).filter(|_| money),
        accounts: names.filter(|_| shown.shows_names).collect(),
        name: Some(shown.name).filter(|_| shown.shows_names),
        shows_money: money,
        from: shown.from,
        to: shown.to,
        as_of,
        delay_minutes: shown.delay_minutes,
        expires_at,
        trades,
        positions,
    })
}

/// Whether a part needs statistics to be made.
const fn is_computed(section: ShareSection) -> bool {
    match section {
        ShareSection::Statistics | ShareSection::Curve => true,
        ShareSection::Trades | ShareSection::Positions => false,
    }
}

fn bases(accounts: &[Standing]) -> HashMap<AccountId, TradeBasis> {
    let basis = |account: &Standing| TradeBasis {
        currency: Some(account.currency.clone()),
        starting_balance: account.starting_balance,
    };
    accounts.iter().map(|account| (account.id, basis(account))).collect()
}

/// Which trades are shown: everything is as it was at one moment.
struct Window {
    accounts: Vec<AccountId>,
    from: Option<DateTime<Utc>>,
    /// The end of the period, if it was over by then.
    to: DateTime<Utc>,
    as_of: DateTime<Utc>,
}

impl Window {
    fn new(shown: &Shown, accounts: &[Standing], as_of: DateTime<Utc>) -> Self {
        let to = shown.to.map_or(as_of, |to| to.min(as_of));
        Self { accounts: accounts.iter().map(|account| account.id).collect(), from: shown.from, to, as_of }
    }

    async fn stats(
        &self,
        tx: &mut Tx,
        owner: OwnerId,
        shown: &Shown,
        accounts: Vec<Standing>,
    ) -> ApiResult<StatsDto> {
        let asked = Asked::of(tx, owner, (USUAL_POINTS, shown.currency.clone())).await?;
        let filter = TradeFilter { from: self.from, to: Some(self.to), ..self.filter() };
        asked.stats(tx, &filter, accounts).await
    }

    async fn closed(&self, tx: &mut Tx, owner: OwnerId) -> ApiResult<Vec<Trade>> {
        let filter = TradeFilter {
            status: Some(TradeStatus::Closed),
            closed_from: self.from,
            closed_to: Some(self.to),
            ..self.filter()
        };
        list(tx, owner, &filter, SortKey::Exit).await
    }

    /// What was open then, whether or not it is now; nothing of a period that was over.
    async fn open(&self, tx: &mut Tx, owner: OwnerId) -> ApiResult<Vec<Trade>> {
        if self.to < self.as_of {
            return Ok(Vec::new());
        }
        let entered = TradeFilter { from: self.from, to: Some(self.as_of), ..self.filter() };
        let still = TradeFilter { status: Some(TradeStatus::Open), ..entered.clone() };
        let since = TradeFilter { closed_from: Some(self.as_of), ..entered };
        let mut found = list(tx, owner, &still, SortKey::Entry).await?;
        found.extend(list(tx, owner, &since, SortKey::Entry).await?);
        found.sort_by_key(|trade| std::cmp::Reverse((trade.entry_at, trade.id)));
        Ok(found)
    }

    fn filter(&self) -> TradeFilter {
        TradeFilter { accounts: Some(self.accounts.clone()), ..TradeFilter::default() }
    }
}

async fn list(tx: &mut Tx, owner: OwnerId, filter: &TradeFilter, by: SortKey) -> ApiResult<Vec<Trade>> {
    let order = TradeOrder { by, is_descending: true, after: None };
    let found = trades::list(tx, owner, filter, &order, MOST).await?;
    Ok(found.into_iter().map(|(trade, _)| trade).collect())
}
