-- A master that leaves a part of a trade, or moves its stop or target: signals of
-- their own, and what they make of its copies.

alter table signals
    drop constraint signals_kind,
    drop constraint signals_entry_is_whole,
    add column rest_lots numeric,
    add constraint signals_kind check (kind in ('open', 'add', 'modify', 'partial', 'close')),
    add constraint signals_entry_is_whole
        check (kind not in ('open', 'add') or (side is not null and lots > 0 and price > 0)),
    add constraint signals_partial_is_whole check ((kind = 'partial') = (rest_lots is not null)),
    add constraint signals_rest_positive check (rest_lots > 0 and lots > 0);

comment on column signals.lots is 'Size of an entry, or of the part that left.';
comment on column signals.rest_lots is 'What the master holds after a part of it left.';
comment on column signals.stop_loss is 'As it came with an entry, or as it is from a modification on; none where there is none.';

comment on column copy_orders.stop_loss is 'Stop loss that is wanted; none where there is none or the follower does not copy it.';
comment on column copy_orders.take_profit is 'Take profit that is wanted; none where there is none or the follower does not copy it.';
comment on column copy_orders.desired_version is 'Counts changes of what is wanted.';
-- Copies that hold more than is wanted, and not nothing: few rows at any moment.
create index copy_orders_to_reduce on copy_orders (close_due_at)
    where desired_lots > 0 and state = 'open' and close_due_at is not null;

alter table subscriptions
    add column on_partial text not null default 'close',
    add constraint subscriptions_on_partial check (on_partial in ('close', 'ignore'));
comment on column subscriptions.on_partial is 'What becomes of a copy whose terminal cannot be told to close a part: all of it is closed, or it goes on.';
grant insert (on_partial), update (on_partial) on subscriptions to flotilla_app;

alter table venue_lead_positions
    add column stop_loss numeric,
    add column take_profit numeric;
comment on column venue_lead_positions.stop_loss is 'As followers were told last.';
comment on column venue_lead_positions.take_profit is 'As followers were told last.';
