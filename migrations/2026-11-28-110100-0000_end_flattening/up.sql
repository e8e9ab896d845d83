-- A request to close is not done before every signal that was being stored when
-- it was begun has been: a transaction of that time may store copies that it
-- did not see.

alter table requests add column began_xid bigint;
comment on column requests.began_xid is 'Transaction in which it was begun; what ran then must have ended.';

-- A copy that something else closed may have been closed in part only, and comes
-- back with the next list.
create index copy_orders_closed_by_others on copy_orders (follower_account_id, updated_at)
    where state = 'closed' and reason_code = 'closed_externally' and desired_lots > 0;
