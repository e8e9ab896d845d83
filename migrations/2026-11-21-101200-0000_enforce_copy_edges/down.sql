drop trigger copy_orders_edge on copy_orders;
drop function copy_orders_check_edge();
