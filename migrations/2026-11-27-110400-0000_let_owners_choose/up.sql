-- Two choices of owners: whether a single position that fits is adopted, and
-- whether a position the partner lost closes the master's trade.

alter table accounts
    add column adopt_inferred boolean not null default true,
    add column close_with_partner boolean not null default false;

comment on column accounts.adopt_inferred is
    'Follower: a copy in doubt takes the one new position that can be its own, without asking.';
comment on column accounts.close_with_partner is
    'Master copying one to one: a position its partner lost by itself closes the master''s trade.';
