alter table exchange_keys
    drop constraint exchange_keys_polled_every_s,
    drop column polled_every_s;
