-- How far the fills of masters at exchanges have become signals, apart from how far
-- they are stored: the one may fail while the other goes on.

alter table venue_accounts add column leads_until timestamptz;
comment on column venue_accounts.leads_until is 'All of its fills before this became signals.';
