-- Accounts at exchanges and on paper belong to one worker at a time: to the one
-- that serves them, for as long as it renews its lease.

alter table workers add column leased_until timestamptz;

comment on column workers.leased_until is 'Until then nobody else serves the accounts at exchanges and on paper that this worker serves; none: it serves none.';
