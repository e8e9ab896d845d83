drop table stops;
