-- What a guard did is named only by stops and requests of its own owner.

alter table guard_trips add constraint guard_trips_of_owner unique (owner_id, id);

alter table stops
    drop constraint stops_trip_id_fkey,
    add constraint stops_trip foreign key (owner_id, trip_id) references guard_trips (owner_id, id);
drop index stops_trip;
create index stops_of_trip on stops (owner_id, trip_id) where trip_id is not null;

alter table requests
    drop constraint requests_trip_id_fkey,
    add constraint requests_trip foreign key (owner_id, trip_id) references guard_trips (owner_id, id);
drop index requests_trip;
create index requests_of_trip on requests (owner_id, trip_id) where trip_id is not null;
