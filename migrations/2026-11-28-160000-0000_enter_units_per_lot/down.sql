alter table subscriptions drop column units_per_lot;
