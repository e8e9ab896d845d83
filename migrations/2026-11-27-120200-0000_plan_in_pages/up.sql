-- The copies of a master with very many followers are planned in pages, each in
-- a commit of its own. A signal whose last page is missing is finished later.

alter table signals
    add column plan_state text not null default 'done',
    add constraint signals_plan_state check (plan_state in ('planning', 'done'));

comment on column signals.plan_state is 'planning: followers may be left without a row; they get theirs.';
create index signals_planning on signals (received_at) where plan_state = 'planning';
grant update (plan_state) on signals to flotilla_worker;
