-- How large copies of an account are when it begins to follow, unless something else is chosen then.

alter table accounts
    add column default_sizing       text,
    add column default_sizing_value numeric,
    add constraint accounts_default_sizing check (default_sizing in
        ('same', 'multiplier', 'fixed', 'balance_ratio', 'equity_ratio', 'risk_percent')),
    add constraint accounts_default_sizing_value check (default_sizing_value > 0),
    add constraint accounts_default_sizing_whole check
        ((default_sizing is null) = (default_sizing_value is null));

comment on column accounts.default_sizing is 'Offered when it begins to follow; none: the master''s size.';
comment on column accounts.default_sizing_value is 'Factor, lots, or fraction of the equity, as the sizing says.';
