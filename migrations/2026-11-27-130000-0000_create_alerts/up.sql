-- The inbox: what an owner must hear of, kept until it is read and for a
-- while after. Rows are written in the transactions that trade, so there are
-- no foreign keys: an account that is just erased must not stop a settlement.
-- An inbox is nobody's but its owner's: it is not read under a grant.

create table alerts (
    id          uuid        primary key default uuid_v7(),
    owner_id    uuid        not null,
    kind        text        not null,
    severity    text        not null,
    account_id  uuid,
    copy_id     uuid,
    detail      jsonb       not null default '{}',
    dedupe_key  text        not null,
    times_seen  integer     not null default 1,
    first_at    timestamptz not null default now(),
    last_at     timestamptz not null default now(),
    resolved_at timestamptz,
    read_at     timestamptz,

    constraint alerts_severity check (severity in ('info', 'warning', 'critical')),
    constraint alerts_detail_is_object check (jsonb_typeof(detail) = 'object'),
    constraint alerts_seen check (times_seen > 0 and last_at >= first_at)
);

comment on table alerts is 'Inbox of an owner: what happened, how often, and whether it was read.';
comment on column alerts.copy_id is 'Names a copy by its copy id.';
comment on column alerts.detail is 'Named parameters of the sentence that is shown; never secrets.';
comment on column alerts.dedupe_key is 'Names the fact; while unread it is told once and counted.';
comment on column alerts.last_at is 'When it was seen last; the inbox is sorted by it.';
comment on column alerts.resolved_at is 'When the condition ended by itself, as a lost connection that came back.';

create unique index alerts_once_while_unread on alerts (owner_id, dedupe_key) where read_at is null;
create index alerts_inbox on alerts (owner_id, last_at, id);
create index alerts_lasting on alerts (kind, account_id) where resolved_at is null;
create index alerts_age on alerts (last_at);

alter table alerts enable row level security;
alter table alerts force row level security;
create policy app_own on alerts to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy worker_all on alerts to flotilla_worker using (true) with check (true);
grant select, insert on alerts to flotilla_app;
grant update (copy_id, detail, times_seen, last_at, resolved_at, read_at) on alerts to flotilla_app;
grant select, insert, update, delete on alerts to flotilla_worker;
