-- copy_orders_listed has the same rows, a follower's few at a time. Every index
-- is paid for at each change of a state.

drop index copy_orders_held_of_master;
