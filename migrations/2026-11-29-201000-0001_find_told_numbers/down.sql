drop index trades_alike;
create index trades_alike on trades (account_id, entry_at) where fingerprint is null;
drop index trades_told_by_number;
drop index trades_by_number;
create index trades_by_number on trades (account_id, external_id) where external_id is not null;
