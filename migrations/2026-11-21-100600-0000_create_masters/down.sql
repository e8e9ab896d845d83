drop table masters;
