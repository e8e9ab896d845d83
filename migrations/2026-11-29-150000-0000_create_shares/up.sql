-- Links with which a stranger reads what one owner chose to show. The token of a
-- link is nowhere: its hash is looked up before an owner is known, so nothing of
-- the owner's data is beside it.

create table shares (
    id             uuid        primary key,
    owner_id       uuid        not null references users (id) on delete cascade,
    name           text        not null,
    account_ids    uuid[],
    from_at        timestamptz,
    to_at          timestamptz,
    sections       text[]      not null,
    shows_money    boolean     not null,
    shows_names    boolean     not null,
    currency       text,
    delay_minutes  integer     not null,
    created_at     timestamptz not null default now(),
    expires_at     timestamptz not null,
    revoked_at     timestamptz,
    views          bigint      not null default 0,
    last_viewed_at timestamptz,

    constraint shares_name_length check (length(name) between 1 and 100),
    constraint shares_accounts check (account_ids <> '{}'),
    constraint shares_period check (from_at < to_at),
    constraint shares_sections check (
        sections <@ array['statistics', 'curve', 'trades', 'positions'] and sections <> '{}'
    ),
    constraint shares_delay check (delay_minutes between 0 and 10080)
);

comment on table shares is 'Links that show chosen figures to strangers, without their tokens.';
comment on column shares.account_ids is 'All that are not archived where absent.';
comment on column shares.from_at is 'Trades closed at or after are shown.';
comment on column shares.to_at is 'Trades closed before are shown.';
comment on column shares.sections is 'What is shown.';
comment on column shares.shows_money is 'Otherwise fractions only.';
comment on column shares.shows_names is 'Of the link and of its accounts.';
comment on column shares.currency is 'All money is told in it; as the accounts have it where absent.';
comment on column shares.delay_minutes is 'What happened since so long is not shown.';
comment on column shares.views is 'A visitor counts once an hour.';
create index shares_owner on shares (owner_id, id);

alter table shares enable row level security;
alter table shares force row level security;
create policy app_own on shares to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
grant select, insert on shares to flotilla_app;
grant update (revoked_at, views, last_viewed_at) on shares to flotilla_app;
-- Whoever reads through a link acts as the link.
create policy readonly_own_link on shares for select to flotilla_readonly
    using (owner_id = (select current_owner()) and id = (select current_actor()));
grant select on shares to flotilla_readonly;

create table share_hashes (
    token_hash bytea primary key,
    share_id   uuid  not null references shares (id) on delete cascade,
    user_id    uuid  not null references users (id) on delete cascade,

    constraint share_hashes_length check (octet_length(token_hash) = 32)
);

comment on table share_hashes is 'Finds the user of a link; revoking deletes the row.';
create index share_hashes_share on share_hashes (share_id);
create index share_hashes_user on share_hashes (user_id);
grant select, insert, delete on share_hashes to flotilla_app;
