-- Whether a machine or a hand told of a number already is asked for each row of a file. Rows that were imported are no
-- answer, and a file may hold any number of them with one number.
create index trades_told_by_number on trades (account_id, external_id)
    where fingerprint is null and external_id is not null;
