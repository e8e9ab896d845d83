drop index subscriptions_fan_out;
create index subscriptions_fan_out on subscriptions (master_account_id) where state <> 'ended';
