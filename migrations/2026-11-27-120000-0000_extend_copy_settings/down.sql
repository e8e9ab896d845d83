-- Sizes by figures have no older form; the master's size is the nearest one.
update subscriptions set sizing = 'same', sizing_value = 1
where sizing in ('balance_ratio', 'equity_ratio', 'risk_percent');

comment on column subscriptions.sizing_value is null;
alter table subscriptions drop constraint subscriptions_sizing;
alter table subscriptions
    drop column sides,
    drop column reverse,
    drop column symbol_map,
    drop column strip_suffix,
    drop column add_suffix,
    drop column allow_symbols,
    drop column deny_symbols,
    drop column max_open_copies,
    drop column max_deviation,
    drop column valid_from,
    add constraint subscriptions_sizing check (sizing in ('same', 'multiplier', 'fixed'));
