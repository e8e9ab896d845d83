-- Positions that an account reported and no copy owns: of the owner himself, of
-- another EA, or of a copy whose answer was lost. They are shown and never
-- closed by themselves.

create table orphans (
    account_id    uuid        not null,
    ticket        bigint      not null,
    owner_id      uuid        not null,
    source        text        not null,
    master_ticket bigint,
    side          text,
    lots          numeric,
    first_seen_at timestamptz not null default now(),
    last_seen_at  timestamptz not null default now(),
    gone_at       timestamptz,

    primary key (account_id, ticket),
    constraint orphans_source check (source in ('list', 'answer')),
    constraint orphans_side check (side in ('BUY', 'SELL')),
    constraint orphans_ticket_positive check (ticket > 0)
);

comment on table orphans is 'Positions that an account reported and no copy owns.';
comment on column orphans.source is 'A list of open tickets, or the answer to an order.';
comment on column orphans.master_ticket is 'What the answer named, if it was an answer.';
comment on column orphans.gone_at is 'When a list first lacked it; null while it is there.';
create index orphans_owner on orphans (owner_id);

alter table orphans enable row level security;
alter table orphans force row level security;
create policy app_own on orphans for select to flotilla_app using (owner_id = (select current_owner()));
create policy readonly_granted on orphans for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on orphans to flotilla_worker using (true) with check (true);
grant select on orphans to flotilla_app, flotilla_readonly;
grant select, insert, update on orphans to flotilla_worker;
