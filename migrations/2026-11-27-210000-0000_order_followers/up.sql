-- A signal's copies are planned in pages, in the order of the followers. Each
-- page finds its place in this index. It has the followers that left as well:
-- who left after a signal came still has a copy of it.

drop index subscriptions_fan_out;
create index subscriptions_fan_out on subscriptions (master_account_id, follower_account_id);
