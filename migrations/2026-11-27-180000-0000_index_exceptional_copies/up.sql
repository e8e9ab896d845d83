-- Owners look for what was not copied and for what needs them, few among many
-- copies that ended well. Partial, so that a copy that goes its normal way pays
-- nothing: `open` and `closed` are found through the follower or the owner.

create index copy_orders_exceptional on copy_orders (follower_account_id, id)
    where state in ('skipped', 'failed', 'unconfirmed', 'attention');
