revoke select on login_names from flotilla_worker;
drop table mail_tokens;
