-- From which severity on an owner hears of alerts, one column for each
-- channel. Nobody has a row before the first edit; whoever raises alerts joins
-- it in the same statement.

create table alert_levels (
    owner_id   uuid        primary key references users (id) on delete cascade,
    inbox      text        not null,
    popup      text,
    mail       text,
    updated_at timestamptz not null default now(),

    constraint alert_levels_inbox_known check (inbox in ('info', 'warning', 'critical')),
    constraint alert_levels_popup_known check (popup in ('info', 'warning', 'critical')),
    constraint alert_levels_mail_known check (mail in ('info', 'warning', 'critical'))
);

comment on table alert_levels is 'From which severity on an owner hears of alerts.';
comment on column alert_levels.inbox is 'Alerts below it are kept and not shown; what is critical always is.';
comment on column alert_levels.popup is 'In the page, wherever its owner is; none: never.';
comment on column alert_levels.mail is 'By mail; none: never.';

alter table alert_levels enable row level security;
alter table alert_levels force row level security;
create policy app_own on alert_levels to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy worker_reads on alert_levels for select to flotilla_worker using (true);
grant select, insert on alert_levels to flotilla_app;
grant update (inbox, popup, mail, updated_at) on alert_levels to flotilla_app;
grant select on alert_levels to flotilla_worker;
