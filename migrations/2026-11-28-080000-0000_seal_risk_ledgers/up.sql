-- Each frame of an account asks what its trades brought. Days that are over are
-- kept with the state, so that only later trades are read; a trade that changes
-- leaves a note, so that a day that is over is counted again.

alter table risk_states add column ledger jsonb;
comment on column risk_states.ledger is 'What trades brought day by day, until the moment it names.';
grant update (ledger) on risk_states to flotilla_app, flotilla_worker;

create index trades_entered on trades (account_id, entry_at);
create index trades_exited on trades (account_id, exit_at);

create table risk_trade_changes (
    id         bigint      generated always as identity primary key,
    owner_id   uuid        not null,
    account_id uuid        not null,
    at         timestamptz not null,
    is_closing boolean     not null,

    constraint risk_trade_changes_account foreign key (owner_id, account_id)
        references accounts (owner_id, id) on delete cascade
);

comment on table risk_trade_changes is 'Trades that changed since the rules of their accounts were last gone over.';
comment on column risk_trade_changes.at is 'When the trade was opened or closed.';
comment on column risk_trade_changes.is_closing is 'Whether that was its end, or else its beginning.';
create index risk_trade_changes_of_account on risk_trade_changes (owner_id, account_id);

alter table risk_trade_changes enable row level security;
alter table risk_trade_changes force row level security;
create policy app_own on risk_trade_changes to flotilla_app
    using (owner_id = (select current_owner())) with check (owner_id = (select current_owner()));
create policy readonly_granted on risk_trade_changes for select to flotilla_readonly
    using (owner_id = (select current_owner()) and (select reader_is_granted()));
create policy worker_all on risk_trade_changes to flotilla_worker using (true) with check (true);
grant select, insert, delete on risk_trade_changes to flotilla_app, flotilla_worker;
grant select on risk_trade_changes to flotilla_readonly;

create function note_trade_change() returns trigger language plpgsql as $$
begin
    if not exists (select from risk_phases where account_id = new.account_id and ended_at is null) then
        return null;
    end if;
    if new.entry_at is distinct from old.entry_at then
        insert into risk_trade_changes (owner_id, account_id, at, is_closing)
        values (new.owner_id, new.account_id, least(new.entry_at, old.entry_at), false);
    end if;
    if coalesce(new.exit_at, old.exit_at) is not null
        and (new.exit_at, new.pnl) is distinct from (old.exit_at, old.pnl) then
        insert into risk_trade_changes (owner_id, account_id, at, is_closing)
        values (new.owner_id, new.account_id, least(new.exit_at, old.exit_at), true);
    end if;
    return null;
end $$;

create trigger trades_note_change after insert or update of entry_at, exit_at, pnl on trades
    for each row execute function note_trade_change();
