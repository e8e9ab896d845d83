drop index requests_of_trip;
alter table requests
    drop constraint requests_trip,
    add constraint requests_trip_id_fkey foreign key (trip_id) references guard_trips (id);
create index requests_trip on requests (trip_id) where trip_id is not null;

drop index stops_of_trip;
alter table stops
    drop constraint stops_trip,
    add constraint stops_trip_id_fkey foreign key (trip_id) references guard_trips (id);
create index stops_trip on stops (trip_id) where trip_id is not null;

alter table guard_trips drop constraint guard_trips_of_owner;
