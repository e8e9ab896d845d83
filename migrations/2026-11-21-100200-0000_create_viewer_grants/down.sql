revoke select (id, email, name, role, is_active, email_verified, language, time_zone, security_version, created_at, last_login_at)
    on users from flotilla_readonly;
drop policy readonly_granted on users;
drop function reader_is_granted();
drop table viewer_grants;
