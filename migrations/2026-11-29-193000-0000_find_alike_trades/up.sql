-- Whether a row of a file was typed in or reported before is asked for each row. Rows that were imported are no answer,
-- and a file may hold any number of them that begin at one instant.
create index trades_alike on trades (account_id, entry_at) where fingerprint is null;
