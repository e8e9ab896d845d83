-- Who did what, hash-chained per owner. Nobody may change a row: the roles
-- that write may only insert, and the chain shows what a stronger role did.

create table audit (
    id          bigint      generated always as identity primary key,
    owner_id    uuid        not null,
    seq         bigint      not null,
    at          timestamptz not null,
    actor_id    uuid,
    action      text        not null,
    target_kind text,
    target_id   uuid,
    detail      text        not null default '{}',
    prev_hash   bytea       not null,
    hash        bytea       not null,

    constraint audit_in_order unique (owner_id, seq),
    constraint audit_seq_positive check (seq > 0),
    constraint audit_hash_length check (octet_length(hash) = 32 and octet_length(prev_hash) = 32)
);

comment on table audit is 'Hash-chained record of actions, one chain per owner.';
comment on column audit.detail is 'Canonical JSON; text, so that its bytes are those that were hashed.';
comment on column audit.prev_hash is 'Hash of the row before, zeros for the first.';

alter table audit enable row level security;
alter table audit force row level security;
create policy app_reads_own on audit for select to flotilla_app using (owner_id = (select current_owner()));
create policy app_appends_own on audit for insert to flotilla_app with check (owner_id = (select current_owner()));
create policy readonly_granted on audit for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_reads on audit for select to flotilla_worker using (true);
create policy worker_appends on audit for insert to flotilla_worker with check (true);
grant select, insert on audit to flotilla_app, flotilla_worker;
grant select on audit to flotilla_readonly;
