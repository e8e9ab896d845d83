grant insert, update on subscriptions to flotilla_app;
revoke insert (id, owner_id, follower_account_id, master_account_id, master_name, source, state, sizing, sizing_value,
    min_lots, max_lots, lot_step, copy_sl_tp, max_age_s, ended_by, ended_at, created_at, updated_at, sides, reverse,
    symbol_map, strip_suffix, add_suffix, allow_symbols, deny_symbols, max_open_copies, max_deviation, valid_from)
    on subscriptions from flotilla_app;
revoke update (master_name, source, state, sizing, sizing_value, min_lots, max_lots, lot_step, copy_sl_tp, max_age_s,
    ended_by, ended_at, updated_at, sides, reverse, symbol_map, strip_suffix, add_suffix, allow_symbols, deny_symbols,
    max_open_copies, max_deviation, valid_from)
    on subscriptions from flotilla_app;
