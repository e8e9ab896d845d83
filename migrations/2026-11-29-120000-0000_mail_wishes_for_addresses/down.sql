-- Whoever owns the table sees its rows only while they are not forced on him.
alter table outbox no force row level security;
delete from outbox where kind = 'email_change_asked';
alter table outbox force row level security;

alter table outbox
    drop constraint outbox_kind,
    add constraint outbox_kind check (
        kind in ('verify_email', 'confirm_email', 'reset_password', 'email_changed', 'password_changed', 'alerts'));
