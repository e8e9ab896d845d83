-- An import asks which of its trades the account has already by their numbers
-- at the broker, whatever told of them.

create index trades_by_number on trades (account_id, external_id) where external_id is not null;
