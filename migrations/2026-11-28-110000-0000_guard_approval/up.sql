-- A follower that its master's owner let in may bring about that trades are
-- closed: only the worker, which carries over what that owner said, notes it.

revoke insert, update on subscriptions from flotilla_app;
grant insert (id, owner_id, follower_account_id, master_account_id, master_name, source, state, sizing, sizing_value,
    min_lots, max_lots, lot_step, copy_sl_tp, max_age_s, ended_by, ended_at, created_at, updated_at, sides, reverse,
    symbol_map, strip_suffix, add_suffix, allow_symbols, deny_symbols, max_open_copies, max_deviation, valid_from)
    on subscriptions to flotilla_app;
grant update (master_name, source, state, sizing, sizing_value, min_lots, max_lots, lot_step, copy_sl_tp, max_age_s,
    ended_by, ended_at, updated_at, sides, reverse, symbol_map, strip_suffix, add_suffix, allow_symbols, deny_symbols,
    max_open_copies, max_deviation, valid_from)
    on subscriptions to flotilla_app;
