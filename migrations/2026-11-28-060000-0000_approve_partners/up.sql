-- The partner of one-to-one copying can bring about that a master's trades are
-- closed. A follower of another owner has that power only once the master's
-- owner has approved him, whatever the master asks of other followers. Who was
-- let in by masters that ask for approval has it.

alter table subscriptions add column approved_at timestamptz;
comment on column subscriptions.approved_at is 'When the master''s owner let this follower of another owner in.';

update subscriptions s set approved_at = now()
from masters m
where m.account_id = s.master_account_id and m.owner_id <> s.owner_id and m.needs_approval
    and s.state in ('active', 'paused', 'close_only');

-- Whoever names a master locks its row; nobody but its owner and the worker
-- says who its partner is.
alter policy app_takes_slot_by_token on masters with check (false);
alter policy app_takes_slot_by_slug on masters with check (false);
