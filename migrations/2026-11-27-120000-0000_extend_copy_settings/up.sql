-- All copy settings. What is null does not restrict. Names in the lists and
-- keys of the map are kept in capitals: they match without regard to case.

alter table subscriptions drop constraint subscriptions_sizing;
alter table subscriptions
    add column sides           text    not null default 'both',
    add column reverse         boolean not null default false,
    add column symbol_map      jsonb,
    add column strip_suffix    text,
    add column add_suffix      text,
    add column allow_symbols   text[],
    add column deny_symbols    text[],
    add column max_open_copies integer,
    add column max_deviation   numeric,
    add column valid_from      timestamptz not null default now(),
    add constraint subscriptions_sizing check (sizing in
        ('same', 'multiplier', 'fixed', 'balance_ratio', 'equity_ratio', 'risk_percent')),
    add constraint subscriptions_sides check (sides in ('both', 'buy', 'sell')),
    add constraint subscriptions_symbol_map_form check (jsonb_typeof(symbol_map) = 'object'),
    add constraint subscriptions_suffix_length check
        (length(strip_suffix) between 1 and 16 and length(add_suffix) between 1 and 16),
    add constraint subscriptions_max_open_copies_positive check (max_open_copies > 0),
    add constraint subscriptions_max_deviation_positive check (max_deviation > 0);

update subscriptions set valid_from = created_at;

comment on column subscriptions.sizing_value is 'Factor, lots, or fraction of the equity, as the sizing says.';
comment on column subscriptions.sides is 'Which trades are copied, by the master''s side.';
comment on column subscriptions.symbol_map is 'The follower''s name of an instrument by the master''s in capitals.';
comment on column subscriptions.allow_symbols is 'Only these are copied, by either name in capitals.';
comment on column subscriptions.deny_symbols is 'These are not copied, by either name in capitals.';
comment on column subscriptions.max_open_copies is 'With so many copies not ended, no further one is opened.';
comment on column subscriptions.max_deviation is 'As a fraction of the master''s price; v7 followers do not judge by it.';
comment on column subscriptions.valid_from is 'Signals received before have no copy here.';
