comment on column copy_orders.symbol is null;
comment on column copy_orders.side is null;
drop index copy_orders_held_of_master;
