-- The clock of a terminal may be wrong: its figures are dated by ours then, and its owner is told.

alter table account_figures add column clock_ahead_ms bigint;
comment on column account_figures.clock_ahead_ms is 'What the terminal''s clock was ahead of ours with these figures, in milliseconds; null when it does not tell the time.';
