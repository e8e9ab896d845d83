drop index copy_orders_exceptional;
