delete from requests where kind not in ('close_account', 'close_subscription');
alter table requests
    drop constraint requests_ticket_positive,
    drop constraint requests_resolution_is_whole,
    drop constraint requests_kind,
    add constraint requests_kind check (kind in ('close_account', 'close_subscription')),
    drop column failure,
    drop column ticket,
    drop column action;
