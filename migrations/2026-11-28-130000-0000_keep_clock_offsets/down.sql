alter table account_figures drop column clock_ahead_ms;
