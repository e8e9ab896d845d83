//! Stops and targets of copies that were changed after their open.

use diesel::sql_query;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::Tx;
use crate::error::StoreResult;
use crate::prepared::Prepared;

/// Has exits of copies at an exchange be what is wanted of the copies, where that was changed.
///
/// Rounded to the contract's decimals as at the open, towards the entry. Copies that hold nothing yet are left out: they
/// are seen to once they do.
pub async fn follow(tx: &mut Tx, copies: &[Uuid]) -> StoreResult<()> {
    if copies.is_empty() {
        return Ok(());
    }
    let query = sql_query(
        "insert into venue_exits (copy_id, kind, owner_id, follower_account_id, symbol, direction, trigger_price, due_at)
         select v.copy_id, x.kind, v.owner_id, v.follower_account_id, v.symbol, v.direction, y.trigger_price, now()
         from copy_orders c
         join venue_orders v on v.copy_id = c.copy_id and v.leg = 'open' and v.filled > 0
         join accounts a on a.id = v.follower_account_id and a.platform = 'bingx'
         join exchange_keys k on k.account_id = v.follower_account_id
         join venue_contracts t on t.environment = k.environment and t.symbol = v.symbol
         cross join lateral (values
            ('stop', c.stop_loss, v.direction = 'LONG'),
            ('target', c.take_profit, v.direction = 'SHORT')) as x (kind, price, is_up)
         cross join lateral (
            select nullif(greatest(trim_scale(case when x.is_up then ceil(x.price * power(10::numeric, t.price_precision))
                else floor(x.price * power(10::numeric, t.price_precision)) end
                / power(10::numeric, t.price_precision)), 0), 0) as trigger_price) y
         where c.copy_id = any($1) and c.desired_version > 1
            and (y.trigger_price > 0 or exists (
                select from venue_exits e where e.copy_id = v.copy_id and e.kind = x.kind))
         on conflict (copy_id, kind) do update set
            trigger_price = excluded.trigger_price, due_at = now(), missed = 0, refused = 0, updated_at = now()
         where venue_exits.trigger_price is distinct from excluded.trigger_price",
    )
    .bind::<Array<SqlUuid>, _>(copies);
    Prepared(query).execute(tx).await?;
    Ok(())
}
