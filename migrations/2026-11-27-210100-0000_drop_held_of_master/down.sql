create index copy_orders_held_of_master on copy_orders (follower_account_id, master_account_id)
    where state in ('open', 'unconfirmed', 'closing', 'attention');
