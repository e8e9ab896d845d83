-- Four numbers that an owner lets every new account begin with. Nobody has a
-- row before the first edit.

create table risk_defaults (
    owner_id               uuid        primary key references users (id) on delete cascade,
    max_open_positions     integer     not null,
    risk_per_trade_percent numeric     not null,
    daily_loss_percent     numeric     not null,
    max_drawdown_percent   numeric     not null,
    version                integer     not null default 1,
    updated_at             timestamptz not null default now(),

    constraint risk_defaults_positions check (max_open_positions between 1 and 1000),
    constraint risk_defaults_percents check (
        risk_per_trade_percent > 0 and risk_per_trade_percent <= 100
        and daily_loss_percent > 0 and daily_loss_percent <= 100
        and max_drawdown_percent > 0 and max_drawdown_percent <= 100
    ),
    constraint risk_defaults_version_positive check (version > 0)
);

comment on table risk_defaults is 'What owners let their new accounts begin with, in percent of the starting balance.';
comment on column risk_defaults.version is 'Grows with each edit; an edit names the one it is based on.';

alter table risk_defaults enable row level security;
alter table risk_defaults force row level security;
create policy app_own on risk_defaults to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on risk_defaults for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
grant select, insert on risk_defaults to flotilla_app;
grant update (max_open_positions, risk_per_trade_percent, daily_loss_percent, max_drawdown_percent, version, updated_at)
    on risk_defaults to flotilla_app;
grant select on risk_defaults to flotilla_readonly;
