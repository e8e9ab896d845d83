-- The journal of orders at exchanges. A row is committed before its request
-- leaves, so whoever comes after a crash knows what may have been accepted, and
-- asks for it by its name. What a copy holds is the sum of its orders.

create table venue_orders (
    id                  bigint      generated always as identity primary key,
    owner_id            uuid        not null references users (id) on delete cascade,
    follower_account_id uuid        not null,
    copy_id             uuid,
    leg                 text        not null,
    version             integer     not null,
    client_id           text        not null,
    symbol              text        not null,
    direction           text        not null,
    quantity            numeric     not null,
    units_per_lot       numeric     not null,
    stop_loss           numeric,
    take_profit         numeric,
    state               text        not null,
    order_id            text,
    filled              numeric     not null default 0,
    average_price       numeric,
    fee                 numeric,
    fee_asset           text,
    epoch               bigint      not null,
    sendings            integer     not null default 1,
    sent_at             timestamptz not null default now(),
    absences            integer     not null default 0,
    due_at              timestamptz,
    answered_at         timestamptz,
    fees_due_at         timestamptz,
    words               text,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),

    constraint venue_orders_account foreign key (owner_id, follower_account_id)
        references accounts (owner_id, id) on delete cascade,
    constraint venue_orders_client_id unique (client_id),
    constraint venue_orders_leg check (leg in ('open', 'close', 'external')),
    constraint venue_orders_direction check (direction in ('LONG', 'SHORT')),
    constraint venue_orders_state check (state in ('intended', 'accepted', 'unknown', 'filled', 'refused', 'dead')),
    constraint venue_orders_quantity_positive check (quantity > 0 and units_per_lot > 0),
    constraint venue_orders_filled_within check (filled >= 0 and filled <= quantity)
) with (fillfactor = 80);

comment on table venue_orders is 'Orders of copies at exchanges, each written before it is sent.';
comment on column venue_orders.leg is 'open, close, or external: what something else took of a copy''s position.';
comment on column venue_orders.version is 'Counts orders of a leg of a copy; grows once the one before is over.';
comment on column venue_orders.client_id is 'Our name of the order at the exchange, made of copy, leg and version.';
comment on column venue_orders.direction is 'Which position it works on.';
comment on column venue_orders.quantity is 'Asked for, in coins.';
comment on column venue_orders.units_per_lot is 'Coins of one lot of the master.';
comment on column venue_orders.stop_loss is 'Comes with an order that opens, in the contract''s decimals.';
comment on column venue_orders.state is 'intended: may have been sent. accepted: the exchange has it, it is not over. unknown: no answer says. filled: over, filled in part at least. refused: nothing came of it. dead: nothing came of it, and the exchange does not know it.';
comment on column venue_orders.order_id is 'The exchange''s name.';
comment on column venue_orders.filled is 'In coins.';
comment on column venue_orders.fee is 'What was paid for it, above zero; none while it is not known.';
comment on column venue_orders.epoch is 'Session of the account under which it was sent last.';
comment on column venue_orders.sendings is 'How often it was sent, always under the same name.';
comment on column venue_orders.sent_at is 'When it was sent last, or a little before.';
comment on column venue_orders.absences is 'How often the exchange did not know it since it could not appear any more.';
comment on column venue_orders.due_at is 'When the exchange is asked for it; none when it is over.';
comment on column venue_orders.answered_at is 'When the exchange first said anything about it.';
comment on column venue_orders.fees_due_at is 'When its fills are read for the fee; none when it is known or there is none.';
comment on column venue_orders.words is 'What the exchange said when it refused, or why nobody knows.';
create index venue_orders_of_copy on venue_orders (copy_id, id);
create index venue_orders_of_account on venue_orders (owner_id, follower_account_id, id);
create index venue_orders_due on venue_orders (due_at) where due_at is not null;
create index venue_orders_without_fee on venue_orders (fees_due_at) where fees_due_at is not null;

alter table venue_orders enable row level security;
alter table venue_orders force row level security;
create policy app_own on venue_orders for select to flotilla_app using (owner_id = (select current_owner()));
create policy readonly_granted on venue_orders for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on venue_orders to flotilla_worker using (true) with check (true);
grant select on venue_orders to flotilla_app, flotilla_readonly;
grant select, insert, update on venue_orders to flotilla_worker;
