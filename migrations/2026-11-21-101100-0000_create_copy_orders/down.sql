drop table copy_orders;
