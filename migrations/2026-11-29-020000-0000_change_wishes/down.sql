alter table venue_lead_positions drop column take_profit, drop column stop_loss;

alter table subscriptions drop column on_partial;

drop index copy_orders_to_reduce;
comment on column copy_orders.desired_version is null;
comment on column copy_orders.stop_loss is 'Stop loss the open asks for; none where the follower does not copy it.';
comment on column copy_orders.take_profit is 'Take profit the open asks for; none where the follower does not copy it.';

-- The version before knows neither kind.
delete from signals where kind in ('modify', 'partial');
comment on column signals.stop_loss is null;
comment on column signals.lots is null;
alter table signals
    drop column rest_lots,
    drop constraint signals_kind,
    drop constraint signals_entry_is_whole,
    add constraint signals_kind check (kind in ('open', 'add', 'close')),
    add constraint signals_entry_is_whole check (kind = 'close' or (side is not null and lots > 0 and price > 0));
