drop index copy_orders_closed_by_others;
alter table requests drop column began_xid;
