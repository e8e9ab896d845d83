drop trigger trades_note_change on trades;
drop function note_trade_change();
drop table risk_trade_changes;
drop index trades_entered;
drop index trades_exited;
alter table risk_states drop column ledger;
