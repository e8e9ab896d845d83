alter table idempotency_keys drop constraint idempotency_keys_owner;
drop trigger executions_typed on executions;
drop function check_typed_execution();
drop trigger trades_typed on trades;
drop function check_typed_trade();
drop trigger trades_keep_from_deletion on trades;
revoke insert, delete on trade_tags from flotilla_app;
revoke insert (owner_id, trade_id, side, quantity, price, fees, at), delete on executions from flotilla_app;
revoke delete on trades from flotilla_app;
revoke update (symbol, direction, asset_type, option_type, quantity, multiplier, entry_price, exit_price, entry_at,
    exit_at, stop_loss, take_profit, fees, swap, pnl, pnl_source, status, mae, mfe, tags, notes, updated_at)
    on trades from flotilla_app;
revoke insert (id, owner_id, account_id, source, symbol, direction, asset_type, option_type, quantity, multiplier,
    entry_price, exit_price, entry_at, exit_at, stop_loss, take_profit, fees, swap, pnl, pnl_source, status, mae, mfe,
    external_id, fingerprint, tags, notes) on trades from flotilla_app;
