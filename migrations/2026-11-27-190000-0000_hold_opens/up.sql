-- After a connection was lost with copies in doubt, nothing new is opened until
-- the terminal listed its positions, or a while has passed.

alter table sessions add column opens_from timestamptz;

comment on column sessions.opens_from is 'Opens are sent from then on, or once the terminal has listed its positions; null: at once.';
