drop index copy_orders_in_doubt;
drop index copy_orders_not_opened;
drop index copy_orders_listed;
alter table copy_events drop column snapshot_id;
drop table copy_sightings;
