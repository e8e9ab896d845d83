-- A user tells his sessions apart by the kind of device.

alter table refresh_tokens add column device text;

comment on column refresh_tokens.device is 'Browser and system, as in Firefox on Windows; inherited by successors.';
