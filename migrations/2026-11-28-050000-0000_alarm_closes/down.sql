alter table copy_sightings drop column close_alarmed_at;
