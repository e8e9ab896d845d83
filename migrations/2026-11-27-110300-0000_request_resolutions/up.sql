-- A person's decision about a copy in doubt, performed by the worker.

alter table requests
    add column action text,
    add column ticket bigint,
    add column failure text,
    drop constraint requests_kind,
    add constraint requests_kind check (kind in
        ('close_account', 'close_subscription', 'resolve_copy', 'stop_new', 'resume', 'flatten')),
    add constraint requests_resolution_is_whole
        check (kind <> 'resolve_copy' or action in ('link', 'close', 'leave')),
    add constraint requests_ticket_positive check (ticket > 0);

comment on column requests.action is 'What is decided about a copy in doubt.';
comment on column requests.ticket is 'The position the decision names.';
comment on column requests.failure is 'Why it could not be performed.';
