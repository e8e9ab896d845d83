-- Login identities. A user is also the owner of what he creates, so the
-- tenant predicate of this table is its own id.

create table users (
    id               uuid        primary key default uuid_v7(),
    email            text        not null,
    name             text        not null,
    password_hash    text        not null,
    role             text        not null default 'trader',
    is_active        boolean     not null default true,
    email_verified   boolean     not null default false,
    language         text        not null default 'en',
    time_zone        text        not null default 'UTC',
    security_version integer     not null default 1,
    created_at       timestamptz not null default now(),
    last_login_at    timestamptz,

    constraint users_name_length check (char_length(name) between 1 and 100),
    constraint users_email_length check (char_length(email) between 3 and 254),
    constraint users_role check (role in ('admin', 'trader', 'viewer')),
    constraint users_language check (language in ('en', 'th'))
);

comment on table users is 'Login identities; a user is the owner of the rows he creates.';
comment on column users.password_hash is 'Argon2id in PHC form.';
comment on column users.security_version is 'Grows whenever access tokens issued before must stop working.';

-- Exact-key look-up before an owner is known: nothing but the key and an id.
create table login_names (
    login_name text primary key,
    user_id    uuid not null references users (id) on delete cascade,

    constraint login_names_lower check (login_name = lower(login_name))
);

comment on table login_names is 'Finds the user of a lower-case e-mail address.';
create index login_names_user on login_names (user_id);

alter table users enable row level security;
alter table users force row level security;
create policy app_own on users to flotilla_app
    using (id = (select current_owner())) with check (id = (select current_owner()));
create policy worker_all on users to flotilla_worker using (true) with check (true);
grant select, insert, update on users to flotilla_app;
grant select on users to flotilla_worker;
grant select, insert, update, delete on login_names to flotilla_app;
