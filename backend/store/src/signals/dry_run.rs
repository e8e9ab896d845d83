//! What followers would do about an entry: the judgement without its rows.

use diesel::sql_types::{BigInt, Bool, Nullable, Numeric, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::{AccountId, SubscriptionId};
use flotilla_domain::lots::Lots;
use flotilla_domain::price::Price;
use flotilla_domain::side::Side;
use flotilla_domain::signal::OpenSignal;
use flotilla_domain::symbol::Symbol;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::error::{StoreResult, known};
use crate::prepared::Prepared;
use crate::signals::judgement::{detail, judged};

/// What one follower would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// The follower's name as the master's owner knows it.
    pub name: String,
    /// Why it would not copy. Of another owner's follower that its size does not fit is no reason: whoever may try
    /// sizes would learn from it how much money is there.
    pub reason: Option<ReasonCode>,
    /// What the reason is about: a group that is stopped, a guard, an account
    /// that it does not see; only of a follower of the master's own owner.
    pub detail: Option<String>,
    /// What it would open; only of a follower of the master's own owner.
    pub opens: Option<Opening>,
}

/// What a follower would open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Instrument, under the follower's name.
    pub symbol: Symbol,
    /// Side.
    pub side: Side,
    /// Size; zero when it cannot be computed.
    pub lots: Decimal,
    /// Stop loss, if it is copied.
    pub stop_loss: Option<Decimal>,
    /// Take profit, if it is copied.
    pub take_profit: Option<Decimal>,
}

#[derive(QueryableByName)]
struct JudgedRow {
    #[diesel(sql_type = SqlUuid)]
    subscription_id: Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    is_own: bool,
    #[diesel(sql_type = Text)]
    symbol: String,
    #[diesel(sql_type = Text)]
    side: String,
    #[diesel(sql_type = Numeric)]
    lots: Decimal,
    #[diesel(sql_type = Nullable<Numeric>)]
    stop_loss: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    take_profit: Option<Decimal>,
    #[diesel(sql_type = Nullable<Text>)]
    reason: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    detail: Option<String>,
}

/// Judges an entry for up to `limit` followers of `master`, and stores nothing.
/// The ticket of `order` does not matter.
pub async fn judge(
    tx: &mut Tx,
    master: AccountId,
    order: &OpenSignal,
    limit: i64,
) -> StoreResult<Vec<Judged>> {
    let query = sql_query(DRY_RUN)
        .bind::<SqlUuid, _>(master.uuid())
        .bind::<Text, _>(order.symbol.as_str())
        .bind::<Text, _>(order.side.as_str())
        .bind::<Numeric, _>(order.lots.value())
        .bind::<Numeric, _>(order.price.value())
        .bind::<Nullable<Numeric>, _>(order.stop_loss.map(Price::value))
        .bind::<Nullable<Numeric>, _>(order.take_profit.map(Price::value))
        .bind::<Nullable<BigInt>, _>(None::<i64>)
        .bind::<Bool, _>(true)
        .bind::<Numeric, _>(Lots::MAX)
        .bind::<SqlUuid, _>(Uuid::nil())
        .bind::<Nullable<SqlUuid>, _>(None::<Uuid>)
        .bind::<BigInt, _>(limit);
    let rows: Vec<JudgedRow> = Prepared(query).get_results(tx).await?;
    rows.into_iter().map(JudgedRow::judged).collect()
}

const DRY_RUN: &str = concat!(
    "
    with signal as (select clock_timestamp() as received_at),",
    judged!("f.state in ('active', 'close_only', 'paused')"),
    "
    select j.id as subscription_id, coalesce(k.name, case when j.owner_id = m.owner_id then a.name end, 'Follower') as name,
        j.owner_id = m.owner_id as is_own, j.symbol, j.side, coalesce(j.size, 0) as lots,
        case when j.copy_sl_tp then j.stop_loss end as stop_loss,
        case when j.copy_sl_tp then j.take_profit end as take_profit,
        case when j.owner_id = m.owner_id or j.reason not in ('no_stop', 'no_figures', 'limit') then j.reason
            when j.reason is not null and not j.is_near then 'offline' end as reason,
        case when j.owner_id = m.owner_id then ", detail!(), " end as detail
    from judged j
    join masters m on m.account_id = $1
    join accounts a on a.id = j.follower_account_id
    left join master_followers k on k.subscription_id = j.id
    order by j.id"
);

impl JudgedRow {
    fn judged(self) -> StoreResult<Judged> {
        let opening = Opening {
            symbol: known("copy_orders.symbol", &self.symbol)?,
            side: known("copy_orders.side", &self.side)?,
            lots: self.lots,
            stop_loss: self.stop_loss,
            take_profit: self.take_profit,
        };
        Ok(Judged {
            subscription_id: self.subscription_id.into(),
            name: self.name,
            reason: self.reason.as_deref().map(|code| known("copy_orders.reason_code", code)).transpose()?,
            detail: self.detail,
            opens: self.is_own.then_some(opening),
        })
    }
}
