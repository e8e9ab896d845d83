drop trigger trades_note_removal on trades;
drop function note_trade_removal();
drop trigger trades_keep_machine_rows on trades;
drop function keep_machine_trades();
create index trades_entered on trades (account_id, entry_at);
drop index trades_of_account_by_entry;
drop index trades_by_result;
drop index trades_by_symbol;
drop index trades_by_exit;
drop index trades_by_entry;
drop index trades_once_per_row;
alter table trades
    drop constraint trades_exit_after_entry,
    drop constraint trades_closed_has_left,
    drop constraint trades_option_is_option,
    drop constraint trades_option_type,
    drop column pnl_rank,
    drop column fingerprint,
    drop column mfe,
    drop column mae,
    drop column option_type;
