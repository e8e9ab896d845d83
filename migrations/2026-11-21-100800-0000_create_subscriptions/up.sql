-- A follower account follows masters, each with settings of its own. The EA's
-- SUBSCRIBE makes or replaces the one of source 'wire'.

create table subscriptions (
    id                  uuid        primary key default uuid_v7(),
    owner_id            uuid        not null references users (id) on delete cascade,
    follower_account_id uuid        not null references accounts (id) on delete cascade,
    master_account_id   uuid        not null references accounts (id) on delete cascade,
    master_name         text        not null,
    source              text        not null,
    state               text        not null default 'active',
    sizing              text        not null default 'same',
    sizing_value        numeric     not null default 1,
    min_lots            numeric,
    max_lots            numeric,
    lot_step            numeric,
    copy_sl_tp          boolean     not null default true,
    max_age_s           integer     not null default 5,
    ended_by            text,
    ended_at            timestamptz,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),

    constraint subscriptions_source check (source in ('wire', 'web')),
    constraint subscriptions_state check (state in ('pending', 'active', 'close_only', 'paused', 'ended')),
    constraint subscriptions_sizing check (sizing in ('same', 'multiplier', 'fixed')),
    constraint subscriptions_value_positive check (sizing_value > 0),
    constraint subscriptions_limits_positive check (min_lots > 0 and max_lots > 0 and lot_step > 0),
    constraint subscriptions_max_age check (max_age_s between 1 and 120),
    constraint subscriptions_not_self check (follower_account_id <> master_account_id),
    constraint subscriptions_end_is_whole check ((state = 'ended') = (ended_at is not null)),
    constraint subscriptions_ended_by check (ended_by in ('wire', 'web', 'master'))
);

comment on table subscriptions is 'Which follower account follows which master account, and how.';
comment on column subscriptions.master_name is 'Name of the master as shown to the follower''s owner.';
comment on column subscriptions.ended_by is 'A web unfollow stands until the EA names another token.';

create unique index subscriptions_once on subscriptions (follower_account_id, master_account_id) where state <> 'ended';
create unique index subscriptions_one_wire on subscriptions (follower_account_id) where source = 'wire' and state <> 'ended';
create index subscriptions_fan_out on subscriptions (master_account_id) where state <> 'ended';
create index subscriptions_owner on subscriptions (owner_id);

alter table subscriptions enable row level security;
alter table subscriptions force row level security;
create policy app_own on subscriptions to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on subscriptions for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on subscriptions to flotilla_worker using (true) with check (true);
grant select, insert, update on subscriptions to flotilla_app;
grant select on subscriptions to flotilla_readonly;
grant select, insert, update on subscriptions to flotilla_worker;
