drop table exchange_keys;
