-- One row per (entry signal, follower account): the durable truth of a copy.
--
-- Written thousands of rows at a time, so there are no foreign keys (each one
-- slows the bulk insert). What the master traded stands here because the
-- follower's owner may not read another owner's signals.

create table copy_orders (
    id                  bigint      generated always as identity primary key,
    copy_id             uuid        not null default uuid_v7(),
    signal_id           uuid        not null,
    owner_id            uuid        not null,
    follower_account_id uuid        not null,
    master_account_id   uuid        not null,
    state               text        not null,
    symbol              text        not null,
    side                text        not null,
    master_ticket       bigint      not null,
    master_lots         numeric     not null,
    master_price        numeric     not null,
    stop_loss           numeric,
    take_profit         numeric,
    desired_lots        numeric     not null,
    desired_version     integer     not null default 1,
    venue_ref           text,
    open_lots           numeric     not null default 0,
    close_price         numeric,
    pnl                 numeric,
    reason_code         text,
    reason_text         text,
    claim_epoch         bigint,
    claimed_at          timestamptz,
    expires_at          timestamptz not null,
    close_attempts      integer     not null default 0,
    close_due_at        timestamptz,
    sent_us             integer,
    ack_us              integer,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),

    constraint copy_orders_copy_id unique (copy_id),
    constraint copy_orders_once_per_signal unique (signal_id, follower_account_id),
    constraint copy_orders_state check (state in ('planned', 'claimed', 'received', 'open', 'unconfirmed',
        'failed', 'skipped', 'closing', 'closed', 'attention')),
    constraint copy_orders_desired_not_negative check (desired_lots >= 0),
    constraint copy_orders_claim_is_whole check ((claim_epoch is null) = (claimed_at is null)),
    constraint copy_orders_planned_is_unclaimed check (state <> 'planned' or claim_epoch is null),
    constraint copy_orders_claimed_has_epoch check (state <> 'claimed' or claim_epoch is not null)
) with (fillfactor = 80);

comment on table copy_orders is 'Copies of master signals, one per follower account.';
comment on column copy_orders.copy_id is 'Names the copy to users, EAs and exchanges; never reused.';
comment on column copy_orders.stop_loss is 'Stop loss the open asks for; none where the follower does not copy it.';
comment on column copy_orders.take_profit is 'Take profit the open asks for; none where the follower does not copy it.';
comment on column copy_orders.desired_lots is 'Target size in lots; zero means the copy should be flat.';
comment on column copy_orders.venue_ref is 'The follower''s own ticket or order id, once there is evidence of it.';
comment on column copy_orders.claim_epoch is 'Session epoch of the follower to which the open may have been sent.';
comment on column copy_orders.expires_at is 'An open that is still planned then is skipped, not sent.';
comment on column copy_orders.close_due_at is 'When the close is sent (again).';
comment on column copy_orders.sent_us is 'Microseconds from commit to the write of the open.';
comment on column copy_orders.ack_us is 'Microseconds from the write of the open to its evidence.';

-- What waits to be sent or answered: few rows at any moment. Every index is paid
-- for at each change of a state, so there is no further one of this kind.
create index copy_orders_in_flight on copy_orders (follower_account_id, id)
    where state in ('planned', 'claimed', 'received');
-- Answers of v7 followers name the master's ticket, also long after a copy ended.
create index copy_orders_answered on copy_orders (follower_account_id, master_ticket);
create index copy_orders_to_close on copy_orders (close_due_at)
    where desired_lots = 0 and state in ('open', 'closing');
create unique index copy_orders_one_per_position on copy_orders (follower_account_id, venue_ref)
    where venue_ref is not null;
create index copy_orders_owner on copy_orders (owner_id, id);

alter table copy_orders enable row level security;
alter table copy_orders force row level security;
create policy app_own on copy_orders for select to flotilla_app using (owner_id = (select current_owner()));
create policy readonly_granted on copy_orders for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on copy_orders to flotilla_worker using (true) with check (true);
grant select on copy_orders to flotilla_app, flotilla_readonly;
grant select, insert, update on copy_orders to flotilla_worker;
