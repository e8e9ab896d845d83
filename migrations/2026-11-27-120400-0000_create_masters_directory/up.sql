-- Masters whose owners opted in, as everybody who is signed in may see them.
-- Written by the worker; there is no owner, no token and no other account here,
-- so there is nothing to hide from anybody.

create table masters_directory (
    account_id     uuid        primary key references accounts (id) on delete cascade,
    slug           text        not null,
    name           text        not null,
    description    text,
    platform       text        not null,
    currency       text        not null,
    copy_mode      text        not null,
    needs_approval boolean     not null,
    followers      integer     not null,
    trades         integer     not null,
    wins           integer     not null,
    profit         numeric     not null,
    drawdown       numeric     not null,
    drawdown_ratio numeric,
    curve          jsonb       not null,
    since          timestamptz,
    updated_at     timestamptz not null default now(),

    constraint masters_directory_slug unique (slug)
);

comment on table masters_directory is 'Public profiles of masters that opted in.';
comment on column masters_directory.trades is 'Closed trades that the terminal or the exchange reported.';
comment on column masters_directory.drawdown is 'Largest fall of the summed profit from its peak, in the account''s currency.';
comment on column masters_directory.drawdown_ratio is 'The same as a fraction of starting balance and peak, where the former is known.';
comment on column masters_directory.curve is 'Summed profit at the end of each day with a trade: [[day, profit], ...], oldest first.';
comment on column masters_directory.since is 'Entry of the first trade.';

grant select on masters_directory to flotilla_app, flotilla_readonly;
grant select, insert, update, delete on masters_directory to flotilla_worker;

-- Whoever names the address of a public master sees its one row, as with a token.
create policy app_by_slug on masters for select to flotilla_app
    using (account_id = (
        select account_id from masters_directory
        where slug = nullif(current_setting('flotilla.master_slug', true), '')));
create policy app_takes_slot_by_slug on masters for update to flotilla_app
    using (account_id = (
        select account_id from masters_directory
        where slug = nullif(current_setting('flotilla.master_slug', true), '')))
    with check (account_id = (
        select account_id from masters_directory
        where slug = nullif(current_setting('flotilla.master_slug', true), '')));

alter table accounts
    add constraint accounts_slug_form check (slug ~ '^[a-z0-9](-?[a-z0-9]){2,39}$'),
    add constraint accounts_public_has_slug check (not is_public or slug is not null),
    add constraint accounts_description_length check (char_length(description) <= 2000);
