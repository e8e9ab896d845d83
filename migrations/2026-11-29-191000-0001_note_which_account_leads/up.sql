-- A master whose key is replaced by one of another account at the exchange begins anew:
-- what was known of the one says nothing about the other.

alter table venue_accounts add column leads_uid text;
comment on column venue_accounts.leads_uid is 'Number of the account at the exchange whose orders are signals.';
