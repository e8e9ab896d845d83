-- Alerts are mailed to their owner. Whoever raises one adds a row of its own, so
-- that transactions which trade do not wait for one another; the worker makes
-- one mail of the rows of an owner when it is time.

alter table outbox
    drop constraint outbox_kind,
    add constraint outbox_kind check (
        kind in ('verify_email', 'confirm_email', 'reset_password', 'email_changed', 'password_changed', 'alerts'));
comment on column outbox.created_at is 'When it was wanted; alerts raised from then on are named by a mail of alerts.';
grant insert (user_id, kind, address, ends_at) on outbox to flotilla_worker;
