-- People type in, annotate and delete trades: the API's role may write those of
-- people, and of machines only what a person says about them.

grant insert (id, owner_id, account_id, source, symbol, direction, asset_type, option_type, quantity, multiplier,
    entry_price, exit_price, entry_at, exit_at, stop_loss, take_profit, fees, swap, pnl, pnl_source, status, mae, mfe,
    external_id, fingerprint, tags, notes) on trades to flotilla_app;
grant update (symbol, direction, asset_type, option_type, quantity, multiplier, entry_price, exit_price, entry_at,
    exit_at, stop_loss, take_profit, fees, swap, pnl, pnl_source, status, mae, mfe, tags, notes, updated_at)
    on trades to flotilla_app;
grant delete on trades to flotilla_app;
grant insert (owner_id, trade_id, side, quantity, price, fees, at), delete on executions to flotilla_app;
grant insert, delete on trade_tags to flotilla_app;

create trigger trades_keep_from_deletion
    before delete on trades
    for each row when (old.source not in ('manual', 'import') and current_user = 'flotilla_app')
    execute function keep_machine_trades();

create function check_typed_trade() returns trigger language plpgsql as $$
begin
    if new.source not in ('manual', 'import') then
        raise exception 'only machines report trades of machines'
            using errcode = 'check_violation', constraint = 'trades_typed', table = 'trades';
    end if;
    if not exists (select from accounts where owner_id = new.owner_id and id = new.account_id) then
        raise exception 'there is no such account'
            using errcode = 'foreign_key_violation', constraint = 'trades_account', table = 'trades';
    end if;
    return new;
end $$;

create trigger trades_typed
    before insert on trades
    for each row when (current_user = 'flotilla_app')
    execute function check_typed_trade();

create function check_typed_execution() returns trigger language plpgsql as $$
declare
    fill executions;
begin
    if tg_op = 'DELETE' then
        fill := old;
    else
        fill := new;
    end if;
    if not exists (
        select from trades
        where owner_id = fill.owner_id and id = fill.trade_id and source in ('manual', 'import')) then
        raise exception 'executions of machines stay as they are'
            using errcode = 'check_violation', constraint = 'executions_typed', table = 'executions';
    end if;
    return fill;
end $$;

create trigger executions_typed
    before insert or delete on executions
    for each row when (current_user = 'flotilla_app')
    execute function check_typed_execution();

alter table idempotency_keys
    add constraint idempotency_keys_owner foreign key (owner_id) references users (id) on delete cascade;
