-- A wish for another address is told to the one of now: its owner may not be the one who asked.

alter table outbox
    drop constraint outbox_kind,
    add constraint outbox_kind check (
        kind in (
            'verify_email', 'confirm_email', 'email_change_asked', 'reset_password', 'email_changed', 'password_changed',
            'alerts'));
