-- What a person knows better than the figures: with what a day began, a floor
-- that the firm has set, money that was moved. Each is appended with its author.

create table risk_day_starts (
    phase_id uuid        not null,
    label    date        not null,
    owner_id uuid        not null,
    balance  numeric     not null,
    equity   numeric     not null,
    set_by   uuid        not null,
    set_at   timestamptz not null default now(),

    primary key (phase_id, label),
    constraint risk_day_starts_phase foreign key (owner_id, phase_id)
        references risk_phases (owner_id, id) on delete cascade
);

comment on table risk_day_starts is 'What a day of the phase began with, as typed from the firm''s dashboard.';
comment on column risk_day_starts.label is 'The date that the day carries.';
create index risk_day_starts_of_phase on risk_day_starts (owner_id, phase_id);

create table risk_floor_overrides (
    id       uuid        primary key default uuid_v7(),
    phase_id uuid        not null,
    owner_id uuid        not null,
    rule_id  text        not null,
    at       timestamptz not null,
    floor    numeric     not null,
    reason   text        not null,
    set_by   uuid        not null,
    set_at   timestamptz not null default now(),

    constraint risk_floor_overrides_phase foreign key (owner_id, phase_id)
        references risk_phases (owner_id, id) on delete cascade,
    constraint risk_floor_overrides_reason_length check (char_length(reason) between 1 and 500)
);

comment on table risk_floor_overrides is 'Floors that the firm has set, as at a first payout; they hold from their time on.';
create index risk_floor_overrides_of_phase on risk_floor_overrides (owner_id, phase_id);

create table risk_cash_flows (
    id       uuid        primary key default uuid_v7(),
    phase_id uuid        not null,
    owner_id uuid        not null,
    kind     text        not null,
    at       timestamptz not null,
    amount   numeric     not null,
    note     text,
    set_by   uuid        not null,
    set_at   timestamptz not null default now(),

    constraint risk_cash_flows_phase foreign key (owner_id, phase_id)
        references risk_phases (owner_id, id) on delete cascade,
    constraint risk_cash_flows_kind_known check (kind in ('deposit', 'withdrawal', 'payout', 'credit')),
    constraint risk_cash_flows_sign check (case kind
        when 'deposit' then amount > 0 when 'credit' then amount <> 0 else amount < 0 end),
    constraint risk_cash_flows_note_length check (char_length(note) <= 500)
);

comment on table risk_cash_flows is 'Money moved in or out of an account: never profit or loss.';
comment on column risk_cash_flows.amount is 'Negative when it left the account, in its currency.';
create index risk_cash_flows_of_phase on risk_cash_flows (owner_id, phase_id, at);

do $$
declare name text;
begin
    foreach name in array array['risk_day_starts', 'risk_floor_overrides', 'risk_cash_flows'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy app_own on %I to flotilla_app using (owner_id = (select current_owner()))
            with check (owner_id = (select current_owner()))', name);
        execute format('create policy readonly_granted on %I for select to flotilla_readonly
            using (owner_id = (select current_owner()) and (select reader_is_granted()))', name);
        execute format('create policy worker_all on %I to flotilla_worker using (true) with check (true)', name);
        execute format('grant select, insert on %I to flotilla_app', name);
        execute format('grant select on %I to flotilla_readonly, flotilla_worker', name);
    end loop;
end $$;
grant update (balance, equity, set_by, set_at) on risk_day_starts to flotilla_app;
