-- An exchange takes so many streams from one address; accounts beyond are read
-- now and then, and their owners are told so.

alter table exchange_keys
    add column polled_every_s integer,
    add constraint exchange_keys_polled_every_s check (polled_every_s > 0);

comment on column exchange_keys.polled_every_s is 'The account is read this often, in seconds, as there is no place for its stream; none: it is told live, or not listened to.';

grant select (polled_every_s) on exchange_keys to flotilla_app, flotilla_readonly;
