-- Owners are told once of a close that is repeated in vain.
alter table copy_sightings add column close_alarmed_at timestamptz;
comment on column copy_sightings.close_alarmed_at is 'When its owner was told that it does not close.';
