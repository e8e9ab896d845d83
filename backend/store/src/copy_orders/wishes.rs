//! T4: less of a copy is wanted than was, or another stop and target; one statement for all copies of a trade.
//!
//! What is wanted stands in the copy, whole and absolute, beside a version. Whoever sends compares it with what there
//! is: only the last wish is ever sent, and a wish that is written twice does nothing.

use diesel::sql_types::{Array, BigInt, Nullable, Numeric, Text, Uuid as SqlUuid};
use diesel::{QueryableByName, sql_query};
use diesel_async::RunQueryDsl;
use flotilla_domain::copy::reason::ReasonCode;
use flotilla_domain::id::{AccountId, CopyId, NodeId, OwnerId, SignalId};
use flotilla_domain::price::Price;
use flotilla_domain::signal::{ModifySignal, PartialSignal};
use flotilla_domain::ticket::Ticket;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::Tx;
use crate::copy_orders::flatten::{Flatten, Flattened, flatten};
use crate::error::StoreResult;

/// A copy of which something else is wanted now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adjusted {
    /// The copy.
    pub copy_id: CopyId,
    /// Its owner.
    pub owner_id: OwnerId,
    /// The signal that asked for it.
    pub signal_id: SignalId,
    /// The account that copies.
    pub follower_id: AccountId,
}

#[derive(QueryableByName)]
#[expect(clippy::struct_field_names, reason = "named as the columns")]
struct AdjustedRow {
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    owner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    signal_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    follower_account_id: Uuid,
}

/// Has copies of a trade at exchanges and on paper keep the share that the master keeps.
///
/// * The share is taken of what a copy holds, or of what it shall hold where that is less: a part that could not be
///   closed yet is not given back.
/// * Exact to twelve decimals: whole steps are made of it when it is sent.
/// * One that is not open yet is opened that much smaller; one whose order is on its way is reduced once it is open.
/// * Copies of terminals that cannot close a part are left to [`super::flatten`], or go on: then that is noted.
pub async fn shrink(tx: &mut Tx, master: AccountId, signal: &PartialSignal) -> StoreResult<Vec<Adjusted>> {
    let (lots, rest) = (signal.lots.value(), signal.rest.value());
    shrink_among(tx, (master, signal.ticket.value()), (lots, rest), None).await
}

async fn shrink_among(
    tx: &mut Tx,
    (master, ticket): (AccountId, i64),
    (lots, rest): (Decimal, Decimal),
    copies: Option<&[Uuid]>,
) -> StoreResult<Vec<Adjusted>> {
    let rows: Vec<AdjustedRow> = sql_query(SHRINK)
        .bind::<SqlUuid, _>(master.uuid())
        .bind::<BigInt, _>(ticket)
        .bind::<Numeric, _>(rest)
        .bind::<Numeric, _>(lots + rest)
        .bind::<Nullable<Array<SqlUuid>>, _>(copies)
        .get_results(tx)
        .await?;
    Ok(rows.into_iter().map(AdjustedRow::adjusted).collect())
}

/// Has copies of a trade that copy stops want these; those of followers that reverse have them exchanged, as at the
/// open.
///
/// A terminal that has its order already cannot be told: that is noted, and what it was told stays written.
pub async fn set_exits(tx: &mut Tx, master: AccountId, signal: &ModifySignal) -> StoreResult<Vec<Adjusted>> {
    let (stop_loss, take_profit) = (signal.stop_loss.map(Price::value), signal.take_profit.map(Price::value));
    let trade = (master, signal.ticket.value(), signal.side.as_str());
    set_exits_among(tx, trade, (stop_loss, take_profit), None).await
}

async fn set_exits_among(
    tx: &mut Tx,
    (master, ticket, side): (AccountId, i64, &str),
    (stop_loss, take_profit): (Option<Decimal>, Option<Decimal>),
    copies: Option<&[Uuid]>,
) -> StoreResult<Vec<Adjusted>> {
    let rows: Vec<AdjustedRow> = sql_query(SET_EXITS)
        .bind::<SqlUuid, _>(master.uuid())
        .bind::<BigInt, _>(ticket)
        .bind::<Nullable<Numeric>, _>(stop_loss)
        .bind::<Nullable<Numeric>, _>(take_profit)
        .bind::<Text, _>(side)
        .bind::<Nullable<Array<SqlUuid>>, _>(copies)
        .get_results(tx)
        .await?;
    Ok(rows.into_iter().map(AdjustedRow::adjusted).collect())
}

/// What a master said of a trade after an entry whose copies are still being planned.
#[derive(QueryableByName)]
pub(crate) struct Later {
    #[diesel(sql_type = Text)]
    side: String,
    #[diesel(sql_type = Nullable<Numeric>)]
    lots: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    rest_lots: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    stop_loss: Option<Decimal>,
    #[diesel(sql_type = Nullable<Numeric>)]
    take_profit: Option<Decimal>,
}

/// Parts that left and exits that moved since an entry, in their order. What is planned now has to catch up with them
/// before anything of it is sent.
pub(crate) async fn list_later(
    tx: &mut Tx,
    (master, ticket, entry): (AccountId, Ticket, SignalId),
) -> StoreResult<Vec<Later>> {
    Ok(sql_query(
        "select side, lots, rest_lots, stop_loss, take_profit from signals
         where master_account_id = $1 and ticket = $2 and kind in ('partial', 'modify') and id > $3
         order by id",
    )
    .bind::<SqlUuid, _>(master.uuid())
    .bind::<BigInt, _>(ticket.value())
    .bind::<SqlUuid, _>(entry.uuid())
    .get_results(tx)
    .await?)
}

/// Has copies that were planned just now, pages after their entry, want what others of their trade want meanwhile.
/// Returns those of which nothing is wanted any more.
pub(crate) async fn catch_up(
    tx: &mut Tx,
    (master, ticket): (AccountId, Ticket),
    (node, copies): (NodeId, &[CopyId]),
    later: Vec<Later>,
) -> StoreResult<Vec<Flattened>> {
    let copies: Vec<Uuid> = copies.iter().map(|copy| copy.uuid()).collect();
    let mut flat = Vec::new();
    for signal in later {
        if let Some((lots, rest)) = signal.lots.zip(signal.rest_lots) {
            shrink_among(tx, (master, ticket.value()), (lots, rest), Some(&copies)).await?;
            let whole = Flatten::WholeOf(master, ticket, copies.clone());
            flat.extend(flatten(tx, node, &whole, ReasonCode::MasterClosed, &[1]).await?);
        } else {
            let exits = (signal.stop_loss, signal.take_profit);
            set_exits_among(tx, (master, ticket.value(), &signal.side), exits, Some(&copies)).await?;
        }
    }
    Ok(flat)
}

/// All of a locked copy shall be closed, because less than may be traded would be left of it.
pub async fn give_up_rest(tx: &mut Tx, copy: CopyId, wanted_coins: Decimal) -> StoreResult<()> {
    sql_query(
        "with moved as (
            update copy_orders set
                desired_lots = 0, desired_version = desired_version + 1, close_due_at = now(), updated_at = now()
            where copy_id = $1 and desired_lots > 0
            returning owner_id, copy_id, state)
         insert into copy_events (owner_id, copy_id, from_state, to_state, cause, detail)
         select owner_id, copy_id, state, state, 'rest_too_small', trim_scale($2)::text from moved",
    )
    .bind::<SqlUuid, _>(copy.uuid())
    .bind::<Numeric, _>(wanted_coins.round_dp(12))
    .execute(tx)
    .await?;
    Ok(())
}

// By the trade's entries, whose copies are found by their unique index.
const SHRINK: &str = "
    with due as (
        select c.id, c.desired_lots as wanted, a.platform in ('bingx', 'paper') as is_told
        from copy_orders c
        join accounts a on a.id = c.follower_account_id
        left join lateral (
            select on_partial from subscriptions
            where follower_account_id = c.follower_account_id and master_account_id = c.master_account_id
            order by id desc limit 1) f on true
        where c.desired_lots > 0
            and c.signal_id in (
                select id from signals where master_account_id = $1 and ticket = $2 and kind in ('open', 'add'))
            and ($5::uuid[] is null or c.copy_id = any($5))
            and (a.platform in ('bingx', 'paper')
                or f.on_partial = 'ignore' and c.state not in ('failed', 'skipped', 'closed'))
        order by c.id
        for update of c),
    shrunk as (
        update copy_orders c set
            desired_lots = greatest(0.000000000001, trunc(
                case when c.state = 'open' then least(c.open_lots, c.desired_lots) else c.desired_lots end * $3 / $4, 12)),
            desired_version = c.desired_version + 1,
            close_due_at = case when c.state = 'open' then now() else c.close_due_at end,
            updated_at = now()
        from due
        where c.id = due.id and due.is_told
        returning c.*, due.wanted),
    noted as (
        insert into copy_events (owner_id, copy_id, from_state, to_state, cause, detail)
        select owner_id, copy_id, state, state, 'master_partial',
            trim_scale(wanted) || ' → ' || trim_scale(desired_lots)
        from shrunk
        where state not in ('failed', 'skipped', 'closed')
        union all
        select c.owner_id, c.copy_id, c.state, c.state, 'partial_ignored', null
        from due join copy_orders c using (id)
        where not due.is_told)
    select copy_id, owner_id, signal_id, follower_account_id
    from due join copy_orders using (id)
    order by id";

const SET_EXITS: &str = "
    with due as (
        select c.id, c.stop_loss as old_stop, c.take_profit as old_target, w.stop_loss, w.take_profit,
            a.platform in ('bingx', 'paper') or c.state = 'planned' as is_told
        from copy_orders c
        join accounts a on a.id = c.follower_account_id
        cross join lateral (
            select copy_sl_tp from subscriptions
            where follower_account_id = c.follower_account_id and master_account_id = c.master_account_id
            order by id desc limit 1) f
        cross join lateral (
            select case when c.side = $5 then $3 else $4 end as stop_loss,
                case when c.side = $5 then $4 else $3 end as take_profit) w
        where c.desired_lots > 0 and f.copy_sl_tp and c.state not in ('failed', 'skipped', 'closed')
            and c.signal_id in (
                select id from signals where master_account_id = $1 and ticket = $2 and kind in ('open', 'add'))
            and ($6::uuid[] is null or c.copy_id = any($6))
            and (c.stop_loss, c.take_profit) is distinct from (w.stop_loss, w.take_profit)
        order by c.id
        for update of c),
    changed as (
        update copy_orders c set
            stop_loss = due.stop_loss, take_profit = due.take_profit, desired_version = c.desired_version + 1,
            updated_at = now()
        from due
        where c.id = due.id and due.is_told
        returning c.id),
    noted as (
        insert into copy_events (owner_id, copy_id, from_state, to_state, cause, detail)
        select c.owner_id, c.copy_id, c.state, c.state,
            case when due.is_told then 'master_modified' else 'modify_not_sent' end,
            concat('SL ', coalesce(trim_scale(due.old_stop)::text, '–'), ' → ',
                coalesce(trim_scale(due.stop_loss)::text, '–'),
                ', TP ', coalesce(trim_scale(due.old_target)::text, '–'), ' → ',
                coalesce(trim_scale(due.take_profit)::text, '–'))
        from due join copy_orders c using (id))
    select c.copy_id, c.owner_id, c.signal_id, c.follower_account_id
    from due join copy_orders c using (id)
    order by c.id";

impl AdjustedRow {
    fn adjusted(self) -> Adjusted {
        Adjusted {
            copy_id: self.copy_id.into(),
            owner_id: self.owner_id.into(),
            signal_id: self.signal_id.into(),
            follower_id: self.follower_account_id.into(),
        }
    }
}
