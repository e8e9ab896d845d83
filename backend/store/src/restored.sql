-- What a restored database must not begin with: opens that were sent after the
-- backup was taken, and logins that were ended after it. Runs in one transaction,
-- also as part of a restoration, and may be run twice.

-- The owner of the tables is not bound by row-level security once it is not
-- forced; whoever restores need not be a superuser.
set local role flotilla_owner;
set local search_path = public;
alter table users no force row level security;
alter table stops no force row level security;
alter table personal_keys no force row level security;
alter table copy_orders no force row level security;
alter table copy_events no force row level security;
alter table venue_orders no force row level security;
alter table viewer_grants no force row level security;
alter table requests no force row level security;

-- Nothing new is copied until each owner resumes; closes go on. A person's stop takes the place of a guard's.
insert into stops as x (owner_id, actor_id)
select id, id from users
on conflict on constraint stops_once do update set actor_id = excluded.actor_id, trip_id = null
    where x.trip_id is not null;

-- What was on its way may have been sent, and may have ended, since. An order that
-- the exchange knows by name is asked for there; about any other a person decides:
-- positions that no row speaks of may be at the terminal, so none is taken for it.
with claimed as (
    update copy_orders set state = 'claimed', claim_epoch = 0, claimed_at = now(), updated_at = now()
    where state = 'planned'
    returning owner_id, copy_id)
insert into copy_events (owner_id, copy_id, from_state, to_state, cause)
select owner_id, copy_id, 'planned', 'claimed', 'restored' from claimed;

with doubted as (
    update copy_orders c set state = 'unconfirmed', reason_code = 'session_lost', updated_at = now()
    from copy_orders o
    where c.id = o.id and o.state in ('claimed', 'received')
        and not exists (select from venue_orders v where v.copy_id = o.copy_id)
    returning c.owner_id, c.copy_id, o.state)
insert into copy_events (owner_id, copy_id, from_state, to_state, cause)
select owner_id, copy_id, state, 'unconfirmed', 'restored' from doubted;

with open_questions as (
    update copy_orders c set state = 'attention', reason_code = 'session_lost', updated_at = now()
    where c.state = 'unconfirmed' and not exists (select from venue_orders v where v.copy_id = c.copy_id)
    returning owner_id, copy_id)
insert into copy_events (owner_id, copy_id, from_state, to_state, cause, detail)
select owner_id, copy_id, 'unconfirmed', 'attention', 'restored', 'restored from a backup' from open_questions;

-- Everybody signs in anew, and integrators make new keys: what was revoked or
-- changed since the backup is valid again otherwise.
update users set security_version = security_version + 1000;
delete from refresh_tokens;
delete from ws_tickets;
update personal_keys set revoked_at = now() where revoked_at is null;
delete from personal_key_hashes;

-- So are links for strangers made anew. A backup may be older than the tables.
do $$ begin
    if to_regclass('public.shares') is not null then
        alter table shares no force row level security;
        update shares set revoked_at = now() where revoked_at is null;
        alter table shares force row level security;
        delete from share_hashes;
    end if;
end $$;

-- Stops and targets that were placed since have used up their names: ours go on far behind them. None is moved
-- back to where it was before something happens to its copy. A backup may be older than the table.
do $$ begin
    if to_regclass('public.venue_exits') is not null then
        alter table venue_exits no force row level security;
        update venue_exits set placed = least(placed + 1000, 60000), placed_at = null,
            missed = 0, refused = 0, due_at = null;
        alter table venue_exits force row level security;
    end if;
end $$;

-- Who may look on, and what was asked of exchanges, is asked for anew.
update viewer_grants set revoked_at = now() where revoked_at is null;
update requests set state = 'failed', updated_at = now()
where kind in ('set_leverage', 'verify_key') and state in ('pending', 'running');

-- A link in a mail may have been used since, and its address given up: whoever still
-- needs one asks anew. Mails that waited may have been sent. Older backups have neither.
do $$
begin
    if to_regclass('mail_tokens') is not null and to_regclass('outbox') is not null then
        delete from mail_tokens;
        alter table outbox no force row level security;
        update outbox set failed_at = now(), failure = 'restored from a backup'
        where sent_at is null and failed_at is null;
        alter table outbox force row level security;
    end if;
end $$;

-- Workers that the backup believes to be alive.
delete from workers;

alter table requests force row level security;
alter table viewer_grants force row level security;
alter table venue_orders force row level security;
alter table copy_events force row level security;
alter table copy_orders force row level security;
alter table personal_keys force row level security;
alter table stops force row level security;
alter table users force row level security;
reset role;
