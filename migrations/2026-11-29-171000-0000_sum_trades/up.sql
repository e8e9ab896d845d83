-- What trades of an account brought, before a time or of all time, is added up
-- from this index alone: the table itself is wide.

create index trades_summed on trades (owner_id, account_id, exit_at) include (status, pnl);
