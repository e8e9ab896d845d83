drop trigger trades_change_tags on trades;
drop trigger trades_keep_tags on trades;
drop function keep_trade_tags();
drop table trade_tags;
