-- Tags as rows: comparing arrays may not pass row-level security before the
-- owner is known, so no index on them would ever be used.

create table trade_tags (
    owner_id uuid not null,
    tag      text not null,
    trade_id uuid not null references trades (id) on delete cascade,

    constraint trade_tags_once primary key (owner_id, tag, trade_id)
);

comment on table trade_tags is 'The tags of trades, to find trades by; kept by a trigger on trades.';
create index trade_tags_trade on trade_tags (trade_id);

alter table trade_tags enable row level security;
alter table trade_tags force row level security;
create policy app_own on trade_tags to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on trade_tags for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on trade_tags to flotilla_worker using (true) with check (true);
grant select on trade_tags to flotilla_app, flotilla_readonly;
grant select, insert, delete on trade_tags to flotilla_worker;

create function keep_trade_tags() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        delete from trade_tags where trade_id = new.id;
    end if;
    insert into trade_tags (owner_id, tag, trade_id)
    select distinct new.owner_id, tag, new.id from unnest(new.tags) as tag;
    return null;
end $$;

insert into trade_tags (owner_id, tag, trade_id)
select distinct t.owner_id, tag, t.id from trades t cross join unnest(t.tags) as tag;

create trigger trades_keep_tags after insert on trades
    for each row when (new.tags <> '{}') execute function keep_trade_tags();
create trigger trades_change_tags after update of tags on trades
    for each row when (new.tags is distinct from old.tags) execute function keep_trade_tags();
