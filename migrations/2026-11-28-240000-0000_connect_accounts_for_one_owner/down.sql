drop trigger exchange_keys_one_owner on exchange_keys;
drop function exchange_key_has_one_owner();
comment on column exchange_keys.uid is 'Number of the account at the exchange.';
