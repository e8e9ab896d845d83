-- Copies that have, or may have, a position: how many a follower has of one
-- master. Those on their way are in copy_orders_in_flight. Nothing is born into
-- this index, so the fan-out does not pay for it.

create index copy_orders_held_of_master on copy_orders (follower_account_id, master_account_id)
    where state in ('open', 'unconfirmed', 'closing', 'attention');

comment on column copy_orders.symbol is 'Instrument under the follower''s name.';
comment on column copy_orders.side is 'Side to open: the master''s, unless the follower reverses.';
