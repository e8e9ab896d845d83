-- What people type in and import: options, how far a trade ran, where a row of a
-- file came from. Rows from machines may be annotated, not altered.

alter table trades
    add column option_type text,
    add column mae numeric,
    add column mfe numeric,
    add column fingerprint text,
    add column pnl_rank double precision
        generated always as (coalesce(pnl::double precision, '-infinity')) stored,
    add constraint trades_option_type check (option_type in ('CALL', 'PUT')),
    add constraint trades_option_is_option check (option_type is null or asset_type = 'option'),
    add constraint trades_closed_has_left check (
        status = 'open' or source not in ('manual', 'import') or exit_at is not null),
    add constraint trades_exit_after_entry check (
        source not in ('manual', 'import') or exit_at is null or exit_at >= entry_at);

comment on column trades.option_type is 'Of options: CALL or PUT.';
comment on column trades.mae is 'Worst result while it was open, account currency; zero or less.';
comment on column trades.mfe is 'Best result while it was open, account currency; zero or more.';
comment on column trades.fingerprint is 'Of imported rows: recognises the same row of another file.';
comment on column trades.pnl_rank is 'The result to sort and filter by; numeric comparison may not pass row-level security.';

create unique index trades_once_per_row on trades (account_id, fingerprint) where fingerprint is not null;
create index trades_by_entry on trades (owner_id, entry_at, id);
create index trades_by_exit on trades (owner_id, (coalesce(exit_at, '9999-12-31 00:00:00+00'::timestamptz)), id);
create index trades_by_symbol on trades (owner_id, symbol, entry_at, id);
create index trades_by_result on trades (owner_id, pnl_rank, id);
create index trades_of_account_by_entry on trades (account_id, entry_at, id);
drop index trades_entered;

create function keep_machine_trades() returns trigger language plpgsql as $$
begin
    raise exception 'trades from machines may be annotated only'
        using errcode = 'check_violation', constraint = 'trades_machine_rows', table = 'trades';
end $$;

create trigger trades_keep_machine_rows
    before update of symbol, direction, asset_type, option_type, quantity, multiplier, entry_price, exit_price, entry_at,
        exit_at, stop_loss, take_profit, fees, swap, pnl, pnl_source, status, mae, mfe on trades
    for each row when (old.source not in ('manual', 'import') and current_user = 'flotilla_app')
    execute function keep_machine_trades();

-- What a deleted trade brought counts no longer.
create function note_trade_removal() returns trigger language plpgsql as $$
begin
    if exists (select from risk_phases where account_id = old.account_id and ended_at is null) then
        insert into risk_trade_changes (owner_id, account_id, at, is_closing)
        values (old.owner_id, old.account_id, old.entry_at, false);
        if old.exit_at is not null then
            insert into risk_trade_changes (owner_id, account_id, at, is_closing)
            values (old.owner_id, old.account_id, old.exit_at, true);
        end if;
    end if;
    return null;
end $$;

create trigger trades_note_removal after delete on trades
    for each row when (old.source in ('manual', 'import')) execute function note_trade_removal();
