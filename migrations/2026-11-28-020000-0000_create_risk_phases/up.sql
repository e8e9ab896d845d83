-- By which rules an account is judged, and what its owner says about it. A new
-- phase begins whenever the firm resets the account; nothing is deleted then.

create table risk_phases (
    id                uuid        primary key default uuid_v7(),
    owner_id          uuid        not null references users (id) on delete cascade,
    account_id        uuid        not null,
    currency          text        not null,
    starting_balance  numeric     not null,
    started_at        timestamptz not null,
    ended_at          timestamptz,
    day_tz            text        not null,
    day_reset         text        not null,
    stale_after_s     integer     not null default 60,
    start_tolerance_s integer     not null default 60,
    thresholds        jsonb       not null,
    rules             jsonb       not null,
    reason            text        not null,
    version           integer     not null default 1,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),

    constraint risk_phases_account foreign key (owner_id, account_id)
        references accounts (owner_id, id) on delete cascade,
    constraint risk_phases_of_owner unique (owner_id, id),
    constraint risk_phases_currency_form check (currency ~ '^[A-Z0-9]{2,10}$'),
    constraint risk_phases_balance_not_negative check (starting_balance >= 0),
    constraint risk_phases_ends_after_it_began check (ended_at >= started_at),
    constraint risk_phases_ages_not_negative check (stale_after_s >= 0 and start_tolerance_s >= 0),
    constraint risk_phases_reset_form check (day_reset ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    constraint risk_phases_rules_are_a_list check (jsonb_typeof(rules) = 'array'),
    constraint risk_phases_reason_length check (char_length(reason) between 1 and 500),
    constraint risk_phases_version_positive check (version > 0)
);

comment on table risk_phases is 'From one reset of an account by its firm to the next, with the rules by which it is judged.';
comment on column risk_phases.starting_balance is 'Balance with which the phase began, in its currency.';
comment on column risk_phases.day_reset is 'Local time of day at which the firm''s day begins.';
comment on column risk_phases.stale_after_s is 'How old figures may be, in seconds.';
comment on column risk_phases.start_tolerance_s is 'How long before a reset figures still are the day''s start, in seconds.';
comment on column risk_phases.thresholds is 'Marks of rules that have none of their own.';
comment on column risk_phases.reason is 'Why the phase was begun.';
comment on column risk_phases.version is 'Grows with each edit; an edit names the one it is based on.';
create unique index risk_phases_current on risk_phases (account_id) where ended_at is null;
create index risk_phases_of_account on risk_phases (owner_id, account_id);

alter table risk_phases enable row level security;
alter table risk_phases force row level security;
create policy app_own on risk_phases to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on risk_phases for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on risk_phases to flotilla_worker using (true) with check (true);
grant select, insert on risk_phases to flotilla_app;
grant update (ended_at, day_tz, day_reset, stale_after_s, start_tolerance_s, thresholds, rules, version, updated_at)
    on risk_phases to flotilla_app;
grant select on risk_phases to flotilla_readonly, flotilla_worker;
-- The worker locks the phase whose figures it takes in.
grant update (updated_at) on risk_phases to flotilla_worker;
