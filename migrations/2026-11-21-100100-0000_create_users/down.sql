drop table login_names;
drop table users;
