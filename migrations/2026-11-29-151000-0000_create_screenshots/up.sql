-- Pictures that a person keeps with a trade, whatever its source.

create table screenshots (
    id         uuid        primary key default uuid_v7(),
    owner_id   uuid        not null references users (id) on delete cascade,
    trade_id   uuid        not null references trades (id) on delete cascade,
    media_type text        not null,
    bytes      integer     not null,
    content    bytea       not null,
    created_at timestamptz not null default now(),

    constraint screenshots_media_type check (media_type in ('image/png', 'image/jpeg', 'image/webp')),
    constraint screenshots_size check (bytes = octet_length(content) and bytes between 1 and 5242880)
);

comment on table screenshots is 'Pictures of trades.';
comment on column screenshots.bytes is 'Size of the content.';
create index screenshots_trade on screenshots (trade_id, id);
create index screenshots_owner on screenshots (owner_id) include (bytes);
-- Pictures are compressed already.
alter table screenshots alter column content set storage external;

alter table screenshots enable row level security;
alter table screenshots force row level security;
create policy app_own on screenshots to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on screenshots for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
grant select, insert, delete on screenshots to flotilla_app;
grant select on screenshots to flotilla_readonly;
