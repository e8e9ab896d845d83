-- For each row of a file it is asked whether a machine or a hand told of its number, or of a trade that began at its
-- instant. Rows that were imported are no answer, and a file may hold any number of them with one number or one instant.
-- While nobody has counted the table, indexes of all rows count for as good as those of these: so there is no other of
-- the number, and none of the instant in this form.
drop index trades_by_number;
create index trades_by_number on trades (account_id, external_id) where fingerprint is not null and external_id is not null;
create index trades_told_by_number on trades (account_id, external_id) where fingerprint is null and external_id is not null;
drop index trades_alike;
create index trades_alike on trades (account_id, (entry_at at time zone 'UTC')) where fingerprint is null;
