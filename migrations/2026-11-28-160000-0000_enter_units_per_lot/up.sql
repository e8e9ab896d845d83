-- Followers at an exchange are sized in coins: how many of them one lot of the
-- master is, where nobody else knows it.

alter table subscriptions
    add column units_per_lot jsonb,
    add constraint subscriptions_units_per_lot_form check (jsonb_typeof(units_per_lot) = 'object');

comment on column subscriptions.units_per_lot is 'Units of one lot by the master''s name of an instrument in capitals; decimals as text.';

grant insert (units_per_lot), update (units_per_lot) on subscriptions to flotilla_app;
